import json
from dataclasses import replace
from pathlib import Path

import pytest

from selfservice.cli.report import Report
from selfservice.errors import ExitCode
from selfservice.operations.operation import Action, Outcome, Problem, Status

UP = Outcome(
    status=Status.SUCCEEDED, changes={"create": 3, "replace": 1}, resources=9, accounts=("1", "2"), seconds=12.34
)
SAME = Outcome(status=Status.UNCHANGED, resources=5, accounts=("2", "3"), seconds=0.5)
FAILED = Outcome(status=Status.FAILED, problems=(Problem(message="AccessDenied\nby an SCP", urn="urn:bucket"),))
REFUSED = Outcome(status=Status.REFUSED, problems=(Problem(message="no"),))


def report(action=Action.UP, expect_no_changes=False, logs=Path("/logs"), **outcomes):
    return Report(action=action, outcomes=outcomes, seconds=75, logs=logs, expect_no_changes=expect_no_changes)


def test_the_table_has_a_line_per_stack_and_the_last_line_the_sum():
    lines = report(organization=UP, fraud=SAME).as_text().splitlines()
    assert lines[0].split() == ["stack", "status", "resources", "created", "changed", "deleted", "time"]
    assert lines[1].split() == ["organization", "succeeded", "9", "3", "1", "0", "12.3", "s"]
    assert lines[-1] == "2 stacks, 3 accounts, 14 resources; 3 created, 1 changed; 1 min 15 s"


def test_no_changes_are_reported_as_zero_changes():
    assert "; 0 changes; " in report(fraud=SAME).as_text()


def test_a_preview_reports_the_planned_changes():
    text = report(Action.PREVIEW, fraud=UP).as_text()
    assert "would be: 3 created, 1 changed" in text
    heading, row, *_ = text.splitlines()
    assert heading.split(None, 3)[3] == "would create  would change  would delete    time"
    assert row.split()[:4] == ["fraud", "previewed", "9", "3"]


def test_an_error_is_shown_with_stack_resource_message_and_log(tmp_path):
    (tmp_path / "fraud").mkdir()
    (tmp_path / "fraud" / "engine.log").touch()
    text = report(fraud=FAILED, logs=tmp_path).as_text()
    assert text.splitlines()[:5] == [
        "fraud: failed",
        "  urn:bucket",
        "    AccessDenied",
        "    by an SCP",
        f"  full log: {tmp_path / 'fraud' / 'engine.log'}",
    ]


def test_a_root_error_is_shown_once_with_the_number_of_stacks_that_it_held_up():
    held_up = Outcome(status=Status.SKIPPED, held_up_by="organization")
    waiting = {f"stack-{number}": held_up for number in range(30)}
    text = report(organization=FAILED, **waiting).as_text()
    assert text.split("\n\n")[0].splitlines()[-1] == "  held up 30 other stacks"
    assert text.count("AccessDenied") == 1
    assert len(text.split("\n\n")[0].splitlines()) == 5


def test_the_same_error_in_several_stacks_is_shown_once():
    def expired(stack):
        problem = Problem(message=f"urn:pulumi:{stack}::a::b::c expired", urn=f"urn:pulumi:{stack}::a::b::c")
        return Outcome(status=Status.FAILED, problems=(problem,))

    stacks = ("a", "b", "c", "d", "e")
    held_up = {"x": Outcome(status=Status.SKIPPED, held_up_by="a"), "y": Outcome(status=Status.SKIPPED, held_up_by="e")}
    text = report(**{stack: expired(stack) for stack in stacks}, **held_up, z=FAILED).as_text()
    assert text.split("\n\n")[0].splitlines()[:7] == [
        "a: failed",
        "  urn:pulumi:a::a::b::c",
        "    urn:pulumi:a::a::b::c expired",
        "  the same in 4 other stacks: b, c, d, 1 more",
        "  held up 2 other stacks",
        "z: failed",
        "  urn:bucket",
    ]


def test_a_service_that_cannot_be_reached_is_named_once_whatever_was_asked_of_it():
    def unreached(*operations):
        cause = "dial tcp 127.0.0.1:4566: connect: connection refused"
        problems = [
            Problem(message=f"{operation}: request send failed, {cause}", urn=f"urn:{operation}")
            for operation in operations
        ]
        return Outcome(status=Status.FAILED, problems=tuple(problems))

    text = report(fraud=unreached("HeadBucket", "GetRole", "GetKey"), churn=unreached("GetRole")).as_text()
    assert text.split("\n\n")[0].splitlines() == [
        "fraud: failed",
        "  urn:HeadBucket",
        "    HeadBucket: request send failed, dial tcp 127.0.0.1:4566: connect: connection refused",
        "    the same for 2 other resources",
        "  the same in 1 other stack: churn",
    ]


def test_the_sum_is_not_broken_in_a_word_on_a_narrow_terminal():
    many = Outcome(status=Status.SUCCEEDED, changes={"create": 2317, "update": 2205, "delete": 1104}, resources=12_345)
    text = report(Action.PREVIEW, **{f"stack-{number}": many for number in range(100)}).as_text()
    assert all(len(line) <= 80 for line in text.split("\n\n")[-1].splitlines())


def test_refusals_of_policies_are_grouped_by_rule_and_finding():
    def refused(*names, message="plinth/high-rules: why\nKM-01 Keys rotate: does not rotate; rotate it"):
        problems = [Problem(message=message, urn=f"urn:{name}", rule="KM-01 Keys rotate") for name in names]
        return Outcome(status=Status.REFUSED, problems=tuple(problems))

    of_a_pack = Problem(message="own/rules: all of them\nis bad; call it good", urn="urn:z", rule="own/rules")
    text = report(
        fraud=refused("a", "b"),
        churn=refused("c"),
        eu=Outcome(status=Status.REFUSED, problems=(of_a_pack,)),
        data=Outcome(status=Status.SKIPPED, held_up_by="churn"),
    ).as_text()
    assert text.split("\n\n")[0].splitlines() == [
        "refused by KM-01 Keys rotate: 3 resources",
        "  fraud: urn:a",
        "  fraud: urn:b",
        "  churn: urn:c",
        "    does not rotate; rotate it",
        "refused by own/rules: 1 resource",
        "  eu: urn:z",
        "    is bad; call it good",
        "  churn held up 1 other stack",
    ]


def test_drifted_resources_are_named():
    urn = "urn:pulumi:fraud::plinth::aws:s3/bucket:Bucket::artifacts"
    text = report(fraud=Outcome(status=Status.SUCCEEDED, drifted=(urn,))).as_text()
    assert "fraud: differs in AWS from the last deployment: aws:s3/bucket:Bucket artifacts" in text


def test_the_document_holds_what_the_table_holds():
    document = json.loads(report(organization=UP, fraud=FAILED).as_json())
    assert document["exit_code"] == 1
    assert document["changes"] == {"create": 3, "replace": 1}
    assert document["stacks"]["organization"]["resources"] == 9
    problem = {"urn": "urn:bucket", "message": "AccessDenied\nby an SCP", "rule": ""}
    assert document["stacks"]["fraud"]["problems"] == [problem]


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ([UP, SAME], ExitCode.OK),
        ([UP, FAILED, REFUSED], ExitCode.FAILED),
        ([UP, REFUSED, Outcome(status=Status.SKIPPED)], ExitCode.REFUSED),
        ([FAILED, Outcome(status=Status.INTERRUPTED)], ExitCode.INTERRUPTED),
    ],
)
def test_the_worst_outcome_decides_the_exit_code(outcomes, code):
    assert report(**{f"s{i}": outcome for i, outcome in enumerate(outcomes)}).exit_code == code


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (SAME, ExitCode.OK),
        (UP, ExitCode.CHANGES),
        (Outcome(status=Status.SUCCEEDED, drifted=("urn:a",)), ExitCode.CHANGES),
    ],
)
def test_expecting_no_changes_makes_changes_and_drift_an_exit_code(outcome, code):
    assert report(Action.PREVIEW, expect_no_changes=True, fraud=outcome).exit_code == code


def test_skipped_stacks_are_counted_separately():
    left_out = replace(SAME, reason="no input changed since yesterday")
    whole = report(organization=left_out, fraud=SAME)
    assert "1 stack was not run, because no input changed; --no-skip runs all" in whole.as_text()
    stacks = json.loads(whole.as_json())["stacks"]
    assert stacks["organization"]["reason"] == "no input changed since yesterday"
    assert (stacks["organization"]["status"], stacks["fraud"]["reason"]) == ("unchanged", "")
    assert whole.exit_code == 0
