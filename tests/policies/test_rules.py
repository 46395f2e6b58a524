"""Runs every test case: compliant resources, violations, absent properties and unknown values, for every rule and
type."""

from __future__ import annotations

import pytest

from policies.evaluation.readers import UNKNOWN
from policies.evaluation.rule import EVERY_AWS_RESOURCE, EVERY_RESOURCE
from policies.rule_list import RULES
from tests.policies.case import ABSENT, Case, Change, Situation, paths
from tests.policies.cases.all import CASES, PROHIBITIONS, STACK_CASES
from tests.policies.checking import findings, members_of, rehearsal_of, stack_findings

RULE = {rule.id: rule for rule in RULES}

REFUSED = [(case, what, change) for case in CASES for what, change in case.refused.items()]
ACCEPTED = [(case, what, change) for case in CASES for what, change in case.accepted.items()]
PATHS = [(case, path) for case in CASES for path in paths(case.compliant.inputs)]


def named(case: Case, what: str, *_: object) -> str:
    return f"{case.label} {what}"


def refusals(case: Case, change: Change) -> list[str]:
    situation = change.applied_to(case.compliant)
    return [finding.message for finding in findings(case.type, situation, [RULE[case.rule]])]


def test_every_rule_has_a_case_for_every_type_it_checks():
    covered = {(case.rule, case.type) for case in [*CASES, *PROHIBITIONS]}
    stands_for_all = {
        (case.rule, placeholder)
        for case in CASES
        if case.type == "aws:sqs/queue:Queue"
        for placeholder in (EVERY_AWS_RESOURCE, EVERY_RESOURCE)
    }
    assert {(rule.id, type_) for rule in RULES for type_ in rule.checks} <= covered | stands_for_all


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_a_compliant_resource_passes(case):
    assert refusals(case, Change()) == []


@pytest.mark.parametrize(("case", "what", "change"), REFUSED, ids=[named(*row) for row in REFUSED])
def test_the_message_of_a_violation_names_the_rule_the_resource_and_a_fix(case, what, change):
    (message,) = refusals(case, change)
    resource = change.applied_to(case.compliant).name
    assert message.startswith(f"{case.rule} {RULE[case.rule].title}: {resource} ")
    assert "; " in message.removeprefix(f"{case.rule} {RULE[case.rule].title}: {resource} ")


@pytest.mark.parametrize(("case", "what", "change"), ACCEPTED, ids=[named(*row) for row in ACCEPTED])
def test_an_unusual_but_compliant_resource_passes(case, what, change):
    assert refusals(case, change) == []


@pytest.mark.parametrize(("case", "path"), PATHS, ids=[named(*row) for row in PATHS])
def test_an_absent_property_is_a_violation_unless_the_case_lists_it_as_optional(case, path):
    assert bool(refusals(case, Change({path: ABSENT}))) is (path not in case.optional)


@pytest.mark.parametrize(("case", "path"), PATHS, ids=[named(*row) for row in PATHS])
def test_an_unknown_value_passes_the_preview(case, path):
    assert refusals(case, Change({path: UNKNOWN})) == []


@pytest.mark.parametrize(
    "rule", [rule for rule in RULES if rule.checks and EVERY_RESOURCE not in rule.checks], ids=lambda rule: rule.id
)
def test_a_rule_ignores_other_types(rule):
    violations = [
        (case.type, next(iter(case.refused.values())).applied_to(case.compliant))
        for case in CASES
        if case.rule == rule.id and case.refused
    ] or [(prohibition.type, Situation(inputs={})) for prohibition in PROHIBITIONS if prohibition.rule == rule.id]
    for type_, violation in violations:
        assert findings("other:core/v1:Namespace", violation, [rule]) == []
        assert findings(f"{type_}Clone".replace("aws:", "other:"), violation, [rule]) == []


@pytest.mark.parametrize("prohibition", PROHIBITIONS, ids=lambda case: f"{case.rule} {case.type.rsplit(':', 1)[-1]}")
@pytest.mark.parametrize("inputs", [{}, {"name": "planted"}, {"name": UNKNOWN}], ids=["empty", "named", "unknown"])
@pytest.mark.threat("T-16")
def test_a_prohibited_type_is_always_refused(prohibition, inputs):
    (finding,) = findings(prohibition.type, Situation(inputs=inputs), [RULE[prohibition.rule]])
    assert finding.message.startswith(f"{prohibition.rule} {RULE[prohibition.rule].title}: planted ")


@pytest.mark.parametrize(("case", "what", "change"), REFUSED, ids=[named(*row) for row in REFUSED])
def test_a_message_never_contains_a_property_value(case, what, change):
    values = [value for value in change.values.values() if isinstance(value, str) and len(value) > 1]
    assert not [value for value in values for message in refusals(case, change) if value in message]


@pytest.mark.parametrize("case", STACK_CASES, ids=lambda case: f"{case.rule} {case.what}")
def test_stack_checks_refuse_exactly_the_expected_resources(case):
    found = stack_findings(members_of(case), [RULE[case.rule]], rehearsal_of(case))
    assert {finding.resource.name for finding in found} == case.refused
    assert all(finding.resource.urn.endswith(f"::{finding.resource.name}") for finding in found)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.stack_checks], ids=lambda rule: rule.id)
def test_every_stack_check_has_a_case_that_it_refuses(rule):
    assert [case for case in STACK_CASES if case.rule == rule.id and case.refused]
