"""The report of what somebody changed in AWS."""

import json

import pytest

from selfservice.reports.drift import DriftReport
from selfservice.runner.operation import CHANGED, DELETED, Difference, Outcome, PropertyChange, Status

GROUP, LOG, ROLE = (
    f"urn:pulumi:s::plinth::aws:{name}"
    for name in ("ec2/securityGroup:SecurityGroup::group", "ec2/flowLog:FlowLog::log", "iam/role:Role::role")
)
RULE = PropertyChange(path="description", old="from here", new="from ``` anywhere")
OPENED = Difference(urn=GROUP, step=CHANGED, properties=(RULE,))
GONE = Difference(urn=LOG, step=DELETED)
UPDATE = Difference(urn=ROLE, step="update", properties=(RULE,))


def outcome(*drift, **others):
    urns = tuple(one.urn for one in drift)
    return Outcome(**{"status": Status.SUCCEEDED, "drift": drift, "drifted": urns} | others)


def report(teams=None, **outcomes):
    named = {stack.replace("_", "-"): outcome for stack, outcome in outcomes.items()}
    return DriftReport(outcomes=named, teams=teams or {"fraud-production": "fraud", "churn": "churn"})


def test_without_drift_the_report_is_one_line():
    assert report(network=outcome(), churn=outcome()).as_text() == "drift: none; 2 stacks compared with AWS"


@pytest.mark.requirement("GOV-09")
def test_drift_is_listed_by_team_with_what_changed_and_the_command_that_restores_it():
    found = report(fraud_production=outcome(OPENED, GONE), churn=outcome(), network=outcome(GONE))
    assert found.as_text().splitlines() == [
        "shared:",
        "  network: 1 resource changed in AWS",
        "    deleted aws:ec2/flowLog:FlowLog log",
        "",
        "fraud:",
        "  fraud-production: 2 resources changed in AWS",
        "    deleted aws:ec2/flowLog:FlowLog log",
        "    changed aws:ec2/securityGroup:SecurityGroup group",
        "      description: from here -> from ``` anywhere",
        "",
        "`plinth up fraud-production network` restores what the settings say.",
        "",
        "drift: 3 resources in 2 stacks; 3 stacks compared with AWS",
    ]


def test_objects_that_a_review_does_not_read_are_counted_by_stack():
    found = report(churn=outcome(not_read=(LOG, ROLE)), network=outcome())
    assert found.as_text().splitlines() == [
        "Objects in S3 that the roles for reviews do not read, by stack: churn 2",
        "",
        "drift: none; 2 stacks compared with AWS",
    ]
    assert json.loads(found.as_json())["stacks"]["churn"]["not_read"] == [LOG, ROLE]


def test_changes_of_the_settings_that_were_not_deployed_are_no_drift():
    pending = outcome(differences=(UPDATE,))
    corrected = outcome(OPENED, differences=(Difference(urn=GROUP, step="update"),))
    text = report(churn=pending, fraud_production=corrected).as_text()
    assert "no drift: churn\n" in text
    assert "drift: 1 resource in 1 stack" in text


def test_stacks_that_could_not_be_compared_are_named():
    found = DriftReport(
        outcomes={"churn": outcome(), "fraud": Outcome(status=Status.FAILED)}, teams={}, not_deployed=("network",)
    )
    assert found.as_text().split("\n\n") == [
        "Not compared: fraud",
        "Never deployed: network",
        "drift: none; 1 stack compared with AWS",
    ]


def test_a_value_cannot_end_its_code_block_in_markdown():
    text = report(fraud_production=outcome(OPENED)).as_markdown()
    assert text.startswith("### Plinth: drift: 1 resource in 1 stack")
    fences = [line for line in text.splitlines() if line.startswith("```")]
    assert fences == ["````text", "````"]


def test_the_json_document_contains_every_difference():
    document = json.loads(report(fraud_production=outcome(OPENED), churn=outcome(differences=(UPDATE,))).as_json())
    fraud, churn = document["stacks"]["fraud-production"], document["stacks"]["churn"]
    assert (fraud["team"], fraud["drift"][0]["properties"][0]["path"]) == ("fraud", "description")
    assert (churn["drift"], churn["not_applied"]) == ([], 1)
