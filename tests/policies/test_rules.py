"""Runs every test case: compliant resources, violations, absent properties and unknown values, for every rule and
type."""

from __future__ import annotations

import pytest

from policies.evaluation.readers import UNKNOWN
from policies.evaluation.rule import EVERY_AWS_RESOURCE, EVERY_RESOURCE
from policies.rule_list import RULES
from tests.policies.case import ABSENT, OWN_ACCOUNT, Case, Change, Situation, document, paths
from tests.policies.cases.all import CASES, PROHIBITIONS, STACK_CASES
from tests.policies.checking import findings, members_of, rehearsal_of, stack_findings

RULE = {rule.id: rule for rule in RULES}

# One test for all changes of a case: there are 15,000 of them, and a test takes longer than the change that it judges.
by_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)


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


def fits(message: str, case: Case, change: Change) -> bool:
    """Whether a message names the rule, the resource and a fix."""
    start = f"{case.rule} {RULE[case.rule].title}: {change.applied_to(case.compliant).name} "
    return message.startswith(start) and "; " in message.removeprefix(start)


def repeats_a_value(message: str, change: Change) -> bool:
    return any(value in message for value in change.values.values() if isinstance(value, str) and len(value) > 1)


@by_case
def test_a_compliant_resource_passes(case):
    assert refusals(case, Change()) == []


@by_case
def test_each_violation_has_one_message_with_the_rule_the_resource_and_a_fix_and_no_value_of_a_property(case):
    found = {what: (change, refusals(case, change)) for what, change in case.refused.items()}
    assert {what: messages for what, (_, messages) in found.items() if len(messages) != 1} == {}
    said = {what: (change, message) for what, (change, (message,)) in found.items()}
    assert {what: message for what, (change, message) in said.items() if not fits(message, case, change)} == {}
    assert {what: message for what, (change, message) in said.items() if repeats_a_value(message, change)} == {}


STATEMENT = {"Sid": "Runner", "Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}
MISSPELT = STATEMENT | {"Principal": {"AWS": OWN_ACCOUNT}, "Condition": {"StringEqual": {"aws:PrincipalArn": "a"}}}


@pytest.mark.parametrize(
    ("rule", "type_", "property_", "statement"),
    [
        ("IA-07", "aws:iam/role:Role", "assumeRolePolicy", STATEMENT),
        ("IA-17", "aws:iam/role:Role", "assumeRolePolicy", MISSPELT),
        ("ST-06", "aws:sqs/queuePolicy:QueuePolicy", "policy", STATEMENT),
    ],
)
def test_a_finding_about_a_statement_names_its_index_and_sid(rule, type_, property_, statement):
    harmless = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}
    (finding,) = findings(type_, Situation(inputs={property_: document(harmless, statement)}), [RULE[rule]])
    assert "planted has a statement at /Statement/1 (Sid Runner) that " in finding.message


@by_case
def test_an_unusual_but_compliant_resource_passes(case):
    found = {what: refusals(case, change) for what, change in case.accepted.items()}
    assert {what: messages for what, messages in found.items() if messages} == {}


@by_case
def test_an_absent_property_is_a_violation_unless_the_case_lists_it_as_optional(case):
    properties = set(paths(case.compliant.inputs))
    refused = {path for path in properties if refusals(case, Change({path: ABSENT}))}
    assert refused == properties - case.optional


@by_case
def test_an_unknown_value_passes_the_preview(case):
    found = {path: refusals(case, Change({path: UNKNOWN})) for path in paths(case.compliant.inputs)}
    assert {path: messages for path, messages in found.items() if messages} == {}


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


@pytest.mark.parametrize("case", STACK_CASES, ids=lambda case: f"{case.rule} {case.what}")
def test_stack_checks_refuse_exactly_the_expected_resources(case):
    found = stack_findings(members_of(case), [RULE[case.rule]], rehearsal_of(case))
    assert {finding.resource.name for finding in found} == case.refused
    assert all(finding.resource.urn.endswith(f"::{finding.resource.name}") for finding in found)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.stack_checks], ids=lambda rule: rule.id)
def test_every_stack_check_has_a_case_that_it_refuses(rule):
    assert [case for case in STACK_CASES if case.rule == rule.id and case.refused]
