"""The report of what somebody changed in AWS."""

import json

import pytest

from selfservice.engine.differences import UNKNOWN
from selfservice.errors import ExitCode
from selfservice.operations.operation import CHANGED, DELETED, Difference, Outcome, PropertyChange, Status
from selfservice.reports.drift import DriftReport
from selfservice.undeclared.finding import Danger, Finding, Unread
from selfservice.undeclared.search import Undeclared

GROUP, LOG, ROLE = (
    f"urn:pulumi:s::plinth::aws:{name}"
    for name in ("ec2/securityGroup:SecurityGroup::group", "ec2/flowLog:FlowLog::log", "iam/role:Role::role")
)
RULE = PropertyChange(path="description", old="from here", new="from ``` anywhere")
OPENED = Difference(urn=GROUP, step=CHANGED, properties=(RULE,))
GONE = Difference(urn=LOG, step=DELETED)
UPDATE = Difference(urn=ROLE, step="update", properties=(RULE,))


def outcome(*drift, **others):
    urns = tuple(difference.urn for difference in drift)
    return Outcome(**{"status": Status.SUCCEEDED, "drift": drift, "drifted": urns} | others)


def report(teams=None, **outcomes):
    named = {stack.replace("_", "-"): outcome for stack, outcome in outcomes.items()}
    return DriftReport(outcomes=named, teams=teams or {"fraud-production": "fraud", "churn": "churn"})


def test_without_drift_the_report_is_one_line():
    assert report(network=outcome(), churn=outcome()).as_text() == "drift: none; 2 stacks compared with AWS"


@pytest.mark.requirement("GOV-09.c")
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
    assert "no drift: churn. `plinth preview churn --diff` shows what would change." in text
    assert "drift: 1 resource in 1 stack" in text


def test_a_value_that_is_known_only_after_drift_is_corrected_is_no_change_of_the_settings():
    follows = Difference(urn=ROLE, step="update", properties=(PropertyChange(path="arn", old="a", new=UNKNOWN),))
    found = report(churn=outcome(OPENED, differences=(follows,)), network=outcome(differences=(follows,)))
    assert "no drift: network." in found.as_text()


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


FINDINGS = (
    Finding(
        danger=Danger.OUTSIDE,
        account="111122223333",
        service="KMS",
        resource="arn:aws:kms:eu-west-1:111122223333:key/k/grant/g",
        allows="Decrypt",
        principals=("arn:aws:iam::999999999999:root",),
        since="2030-01-02T03:04:05+00:00",
        remedy="Revoke it.",
        note="the acceptance that a@b.example requested expired after 2030-01-01",
    ),
    Finding(
        danger=Danger.ACCOUNT,
        account="444455556666",
        service="KMS",
        resource="arn:aws:kms:eu-west-1:444455556666:key/```k",
        allows="encrypting",
        remedy="Delete it.",
    ),
)
UNREAD = Unread(account="444455556666", region="eu-west-1", what="SQS", reason="AccessDenied")


def beyond(**found):
    outcomes = {"churn": outcome()}
    return DriftReport(outcomes=outcomes, teams={}, beyond=Undeclared(accounts=2, names={"111122223333": "p"}, **found))


def test_findings_beyond_the_settings_are_listed_by_danger_with_whom_they_admit_and_the_remedy():
    assert beyond(findings=FINDINGS, accepted=1).as_text().splitlines() == [
        "opens to outside the organization:",
        "  p (111122223333): KMS: arn:aws:kms:eu-west-1:111122223333:key/k/grant/g",
        "    allows arn:aws:iam::999999999999:root: Decrypt",
        "    since 2030-01-02T03:04:05+00:00",
        "    Revoke it. (the acceptance that a@b.example requested expired after 2030-01-01)",
        "",
        "adds something inside one account:",
        "  444455556666: KMS: arn:aws:kms:eu-west-1:444455556666:key/```k",
        "    allows encrypting",
        "    Delete it.",
        "",
        "If somebody answers for one of them, add it to `accepted_findings` of plinth:organization in Pulumi.yaml with "
        "the resource as printed, the reason and the last day.",
        "",
        "drift: none; 1 stack compared with AWS",
        "beyond the settings: 2 findings in 2 accounts, 1 accepted by the settings; 2 accounts read",
    ]


def test_what_could_not_be_read_is_listed_and_so_are_accounts_without_stacks():
    text = beyond(unread=(UNREAD,), not_ours=("111122223333",)).as_text()
    assert "  444455556666: SQS in eu-west-1: AccessDenied" in text
    assert "no stack deploys into, which were not read: p (111122223333)" in text
    assert "beyond the settings: none; 2 accounts read" in text


def test_markdown_of_findings_keeps_names_in_code_blocks():
    text = beyond(findings=FINDINGS).as_markdown()
    assert text.startswith("### Plinth: drift: none; 1 stack compared with AWS; beyond the settings: 2 findings")
    assert "**opens to outside the organization**" in text
    assert "````text\n444455556666: KMS" in text


def test_json_has_every_finding_and_what_was_not_read():
    found = json.loads(beyond(findings=FINDINGS, unread=(UNREAD,)).as_json())["undeclared"]
    assert [(finding["danger"], finding["account_name"]) for finding in found["findings"]] == [
        ("opens to outside the organization", "p"),
        ("adds something inside one account", None),
    ]
    assert [gap["what"] for gap in found["not_read"]] == ["SQS"]


def test_the_exit_code_tells_findings_from_what_could_not_be_read():
    assert beyond().exit_code is ExitCode.OK
    assert beyond(not_ours=("111122223333",)).exit_code is ExitCode.OK
    assert beyond(unread=(UNREAD,)).exit_code is ExitCode.FAILED
    assert beyond(findings=FINDINGS, unread=(UNREAD,)).exit_code is ExitCode.CHANGES
    assert report(network=outcome(GONE)).exit_code is ExitCode.CHANGES
