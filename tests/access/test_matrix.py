"""Every cell of the table comes out as it says, under the policies that the stacks really provision."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.access.judgement import judge
from tests.access.mutation import first_to_notice, removals
from tests.access.report import COUNTED, complaint
from tests.access.table import all_cells, cells_of, first_variant, written
from tests.access.world.world import example_world
from tests.support.requirements import LEDGER, read_ledger

ABOUT_ACCESS = ("DEV", "EXP", "GOV", "PER", "PRE", "PROD")
"""Groups of requirements that say who may do what where."""

UNNOTICED = {
    "permissions boundary, NeverWiden": "what a boundary does not allow is denied without it, since nothing of IAM or "
    "Organizations has a policy of its own that could let somebody in; it is a second lock",
    "permissions boundary, NeverClimb": "as NeverWiden",
    "service control policy, SCP01NothingAtAll": "no account of the example is suspended or waits to be recycled",
}
"""Denials of which AWS or the example leaves no cell to tell, and why."""


def case(variant, rule):
    shown = [pytest.mark.requirement(*rule.shows)] if rule.shows else []
    return pytest.param(variant, rule, marks=shown, id=f"{variant}: {rule.what}, {' and '.join(rule.at)}")


@pytest.mark.parametrize(
    ("variant", "rule"), [case(variant, rule) for variant in written().variants for rule in written().rules]
)
def test_access_is_as_the_table_says(variant, rule):
    judged = [judge(cell) for cell in cells_of(written(), rule, variant)]
    assert judged
    wrong = [complaint(judgement) for judgement in judged if not judgement.is_as_expected]
    assert not wrong, "\n".join(wrong)


def sides():
    """Of every requirement that a rule is about, what is expected of its cells in the first variant."""
    expected = {}
    for rule in written().rules:
        of_rule = {cell.expected for cell in cells_of(written(), rule, first_variant())}
        for requirement in rule.shows:
            expected.setdefault(requirement, set()).update(of_rule)
    return expected


def test_what_may_be_done_and_what_may_not_is_tried_for_every_requirement_that_policies_decide():
    shown = sides()
    asked = (
        {id_ for id_ in read_ledger(Path(__file__).parents[2] / LEDGER) if id_.split("-")[0] in ABOUT_ACCESS}
        | {"ACC-03"}
        | shown.keys()
    )
    one_sided = {requirement for requirement in asked if len(shown.get(requirement, ())) < len(COUNTED)}
    assert one_sided == written().decided_elsewhere.keys()


def test_every_exception_of_a_variant_is_about_a_cell():
    variants = written().variants.keys()
    for rule in written().rules:
        for otherwise in rule.otherwise:
            assert set(otherwise.in_) <= variants
            assert otherwise.in_
            alone = rule.model_copy(update={"otherwise": (otherwise,)})
            for variant in otherwise.in_:
                cells = cells_of(written(), alone, variant)
                assert any(not cell.is_as_everywhere for cell in cells), f"{rule.what}: {otherwise.because}"


def test_no_guardrail_or_boundary_can_lose_a_denial_without_a_cell_that_notices():
    judged = [judge(cell) for cell in all_cells() if cell.variant == first_variant()]
    removed = removals(example_world())
    assert len(removed) > len(UNNOTICED)
    unnoticed = {str(removal) for removal in removed if first_to_notice(removal, judged) is None}
    assert unnoticed == set(UNNOTICED)
