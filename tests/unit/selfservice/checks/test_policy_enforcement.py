import pytest

from selfservice.checks.policy_enforcement import Finding, refusals


def finding(**changes):
    given = {
        "pack": "plinth",
        "policy": "high-rules",
        "level": "advisory",
        "message": "S3-06: artifacts allows plain HTTP",
    }
    return Finding(**{**given, **changes})


NOT_EVALUATED = (
    "can't run policy 'S3-06' from policy pack 'security@v1' during preview: String value at .policy can't be known"
)


def test_a_mandatory_violation_refuses_the_update_and_names_rule_and_resource():
    (problem,) = refusals([finding(level="mandatory", urn="urn:bucket")])
    assert problem.urn == "urn:bucket"
    assert problem.message == "plinth/high-rules: S3-06: artifacts allows plain HTTP"


def test_the_rule_of_a_finding_is_its_id_and_title_or_else_the_policy():
    ours = finding(message="Rules of medium severity: see the page\nKM-01 Symmetric keys rotate: key does not rotate")
    assert ours.rule == "KM-01 Symmetric keys rotate"
    assert finding(message="is bad: call it good").rule == "plinth/high-rules"


def test_an_advisory_finding_does_not_refuse_the_update():
    assert refusals([finding()]) == []


@pytest.mark.threat("T-16")
def test_a_critical_rule_that_was_not_evaluated_refuses_the_update():
    assert refusals([finding(message=NOT_EVALUATED, policy="critical-rules")])


def test_a_rule_below_critical_that_was_not_evaluated_does_not_refuse_the_update():
    assert refusals([finding(message=NOT_EVALUATED)]) == []


def test_a_repeated_finding_is_reported_once():
    assert len(refusals([finding(level="mandatory")] * 3)) == 1
