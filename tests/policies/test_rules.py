"""Every rule on every type it is about: what complies, what does not, what is absent, what nobody knows yet."""

from __future__ import annotations

import pytest

from policies.security.inputs.readers import UNKNOWN
from policies.security.rule import EVERY_AWS_RESOURCE
from policies.security.rule_list import RULES
from tests.policies.case import ABSENT, Case, Change, Situation, paths
from tests.policies.cases.all import CASES, PROHIBITIONS, RELATIONS
from tests.policies.judgement import findings, findings_together, members_of, rehearsal_of

RULE = {rule.id: rule for rule in RULES}

REFUSED = [(case, what, change) for case in CASES for what, change in case.refused.items()]
ACCEPTED = [(case, what, change) for case in CASES for what, change in case.accepted.items()]
PATHS = [(case, path) for case in CASES for path in paths(case.compliant.inputs)]


def named(case: Case, what: str, *_: object) -> str:
    return f"{case.label} {what}"


def refusals(case: Case, change: Change) -> list[str]:
    situation = change.applied_to(case.compliant)
    return [finding.message for finding in findings(case.type, situation, [RULE[case.rule]])]


def test_every_rule_has_a_case_for_every_type_it_is_about():
    covered = {(case.rule, case.type) for case in [*CASES, *PROHIBITIONS]}
    stands_for_all = {(case.rule, EVERY_AWS_RESOURCE) for case in CASES if case.type == "aws:sqs/queue:Queue"}
    assert {(rule.id, type_) for rule in RULES for type_ in rule.judges} <= covered | stands_for_all


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_a_compliant_resource_passes(case):
    assert refusals(case, Change()) == []


@pytest.mark.parametrize(("case", "what", "change"), REFUSED, ids=[named(*row) for row in REFUSED])
def test_a_violation_is_refused_by_the_rules_id_with_the_resource_and_a_mend(case, what, change):
    (message,) = refusals(case, change)
    subject = change.applied_to(case.compliant).name
    assert message.startswith(f"{case.rule} {RULE[case.rule].title}: {subject} ")
    assert "; " in message.removeprefix(f"{case.rule} {RULE[case.rule].title}: {subject} ")


@pytest.mark.parametrize(("case", "what", "change"), ACCEPTED, ids=[named(*row) for row in ACCEPTED])
def test_what_is_unusual_but_harmless_passes(case, what, change):
    assert refusals(case, change) == []


@pytest.mark.parametrize(("case", "path"), PATHS, ids=[named(*row) for row in PATHS])
def test_an_absent_property_is_refused_unless_its_absence_is_safe(case, path):
    assert bool(refusals(case, Change({path: ABSENT}))) is (path not in case.optional)


@pytest.mark.parametrize(("case", "path"), PATHS, ids=[named(*row) for row in PATHS])
def test_an_unknown_value_where_the_shape_is_right_passes_the_preview(case, path):
    assert refusals(case, Change({path: UNKNOWN})) == []


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.judges], ids=lambda rule: rule.id)
def test_a_rule_does_not_concern_other_types(rule):
    violations = [
        (case.type, next(iter(case.refused.values())).applied_to(case.compliant))
        for case in CASES
        if case.rule == rule.id and case.refused
    ] or [(prohibition.type, Situation(inputs={})) for prohibition in PROHIBITIONS if prohibition.rule == rule.id]
    for type_, violation in violations:
        assert findings("kubernetes:core/v1:Namespace", violation, [rule]) == []
        assert findings(f"{type_}Clone".replace("aws:", "other:"), violation, [rule]) == []


@pytest.mark.parametrize("prohibition", PROHIBITIONS, ids=lambda case: f"{case.rule} {case.type.rsplit(':', 1)[-1]}")
@pytest.mark.parametrize("inputs", [{}, {"name": "planted"}, {"name": UNKNOWN}], ids=["empty", "named", "unknown"])
def test_what_must_not_exist_is_refused_whatever_it_is_given(prohibition, inputs):
    (finding,) = findings(prohibition.type, Situation(inputs=inputs), [RULE[prohibition.rule]])
    assert finding.message.startswith(f"{prohibition.rule} {RULE[prohibition.rule].title}: planted ")


@pytest.mark.parametrize(("case", "what", "change"), REFUSED, ids=[named(*row) for row in REFUSED])
def test_a_message_never_quotes_what_a_property_holds(case, what, change):
    values = [value for value in change.values.values() if isinstance(value, str) and len(value) > 1]
    assert not [value for value in values for message in refusals(case, change) if value in message]


@pytest.mark.parametrize("case", RELATIONS, ids=lambda case: f"{case.rule} {case.what}")
def test_resources_are_refused_for_how_they_stand_to_each_other(case):
    found = findings_together(members_of(case), [RULE[case.rule]], rehearsal_of(case))
    assert {finding.subject.name for finding in found} == case.refused
    assert all(finding.subject.urn.endswith(f"::{finding.subject.name}") for finding in found)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.relations], ids=lambda rule: rule.id)
def test_every_rule_about_several_resources_has_a_case_that_it_refuses(rule):
    assert [case for case in RELATIONS if case.rule == rule.id and case.refused]
