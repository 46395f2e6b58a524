"""Every cell of the matrix has its expected outcome under the policies that the stacks provision."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.access.cell_results import evaluate
from tests.access.mutation import first_to_fail, removals
from tests.access.report import OUTCOMES, describe_mismatch
from tests.access.table import all_cells, cells_of, cited_by_cells, first_variant, matrix
from tests.access.world.world import example_world
from tests.support.ledger.clauses import LEDGER, read_ledger, requirement_of

ABOUT_ACCESS = ("DEV", "EXP", "GOV", "PER", "PRE", "PROD")
"""Groups of requirements about access."""
LEDGER_IDS = read_ledger(Path(__file__).parents[2] / LEDGER).requirements

UNTESTABLE = {
    "permissions boundary, NeverWiden": "a second line of defence: IAM and Organizations have no resource policies, "
    "so an implicit deny of the boundary already denies these requests",
    "permissions boundary, NeverClimb": "the same reason as for NeverWiden",
    "permissions boundary, NeverDecrypt": "the same reason: the policies of keys leave it to IAM who uses them",
    "service control policy, SCP01NothingAtAll": "no account of the example is suspended or waiting to be recycled",
}
"""Deny statements that no cell can test, with the reason."""


def case(variant, rule):
    cited = cited_by_cells(rule)
    marks = [pytest.mark.requirement(*cited)] if cited else []
    return pytest.param(variant, rule, marks=marks, id=f"{variant}: {rule.what}, {' and '.join(rule.at)}")


@pytest.mark.parametrize(
    ("variant", "rule"), [case(variant, rule) for variant in matrix().variants for rule in matrix().rules]
)
def test_access_matches_the_matrix(variant, rule):
    results = [evaluate(cell) for cell in cells_of(matrix(), rule, variant)]
    assert results
    wrong = [describe_mismatch(result) for result in results if not result.is_as_expected]
    assert not wrong, "\n".join(wrong)


def expected_outcomes():
    """Returns the expected outcomes in the first variant, by requirement."""
    expected = {}
    for rule in matrix().rules:
        of_rule = {cell.expected for cell in cells_of(matrix(), rule, first_variant())}
        for requirement in rule.shows:
            expected.setdefault(requirement_of(requirement), set()).update(of_rule)
    return expected


def test_every_requirement_about_access_has_allowed_and_denied_cells():
    shown = expected_outcomes()
    asked = {id_ for id_ in LEDGER_IDS if id_.split("-")[0] in ABOUT_ACCESS} | {"ACC-03"} | shown.keys()
    one_sided = {requirement for requirement in asked if len(shown.get(requirement, ())) < len(OUTCOMES)}
    assert one_sided == matrix().decided_elsewhere.keys()


def test_every_exception_of_a_variant_changes_a_cell():
    variants = matrix().variants.keys()
    for rule in matrix().rules:
        for otherwise in rule.otherwise:
            assert set(otherwise.in_) <= variants
            assert otherwise.in_
            alone = rule.model_copy(update={"otherwise": (otherwise,)})
            for variant in otherwise.in_:
                cells = cells_of(matrix(), alone, variant)
                assert any(not cell.is_without_exception for cell in cells), f"{rule.what}: {otherwise.because}"


def test_for_every_deny_statement_of_a_guardrail_or_boundary_a_cell_fails_without_it():
    results = [evaluate(cell) for cell in all_cells() if cell.variant == first_variant()]
    removed = removals(example_world())
    assert len(removed) > len(UNTESTABLE)
    untested = {str(removal) for removal in removed if first_to_fail(removal, results) is None}
    assert untested == set(UNTESTABLE)
