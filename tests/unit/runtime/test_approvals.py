"""Approvals are verified and recorded: who decided, when, about what, and why an approval is void."""

from __future__ import annotations

import pytest

GATES = ("Review", "Business", "Release")


def approved(case, person, comment=""):
    """Approves the stage ``Review`` of a new execution as a person, and returns the execution and its plan."""
    execution = case.start(case.approved())
    return execution, case.review(execution, person, comment=comment)


@pytest.mark.requirement("PROM-10.a", "PROM-03.b", level="run")
def test_an_approval_is_recorded_once_with_person_time_comment_version_and_commit(case):
    execution, plan = approved(case, "ben", comment="better on all segments")
    for _ in range(2):
        case.verify(execution, plan)
    names = [name for name in case.records.names(f"executions/{execution}/") if "approval" in name]
    assert names == [f"executions/{execution}/approval-review.json"]
    record = case.records.read(names[0])
    assert record.pop("at").startswith("20")
    assert record.pop("approver_arn").endswith(":assumed-role/people/ben")
    assert record == {
        "stage": "Review",
        "answer": "approved",
        "approver": "ben",
        "comment": "better on all segments",
        "version": 1,
        "commit": case.commit,
        "faults": [],
    }


@pytest.mark.requirement("PROM-02.c", "AMB-05.c", level="run")
@pytest.mark.parametrize(
    ("person", "reason"),
    [
        ("ana", "ana wrote the training code; ana wrote the deployment code"),
        ("mallory", "mallory is not an approver of this stage; approvers are ben, chloe, ana, eve"),
        ("eve", "eve asked for the promotion; eve started the promotion"),
    ],
)
@pytest.mark.threat("T-22")
def test_an_approval_that_does_not_count_is_recorded_and_void(case, person, reason):
    case.push("deployment", {"api.json": "[]\n"}, "Ana")
    execution, plan = approved(case, person)
    with pytest.raises(SystemExit, match=f"the approval of stage Review is void: {reason}"):
        case.verify(execution, plan)
    record = case.records.read(f"executions/{execution}/approval-review.json")
    assert (record["approver"], record["faults"]) == (person, reason.split("; ") if person != "mallory" else [reason])
    failure = case.records.read(f"executions/{execution}/failure-review.json")
    assert (failure["action"], reason in failure["reason"]) == ("verify", True)
    assert case.environments == {}


@pytest.mark.requirement("AMB-04.c", "PER-12.a", level="run")
def test_the_policies_get_to_know_the_versions_and_who_approved_them_also_in_a_rollback(case):
    execution, plan = approved(case, "ben")
    version = case.registered[0]
    case.deploy(execution, plan, "preproduction")
    assert case.judged["preproduction"] == {"versions": [version], "sign_offs": {"Registry": "eve"}}, "not verified"
    case.verify(execution, plan)
    case.answer(execution, "Release", "chloe")
    case.verify(execution, plan, "Release")
    case.deploy(execution, plan, "production")
    people = {"Registry": "eve", "Review": "ben", "Release": "chloe"}
    assert case.judged["production"] == {"versions": [version], "sign_offs": people}
    later = case.start(case.approved())
    case.deploy(later, case.prepare(later)["PLAN"], "production")
    assert case.judged["production"] == {"versions": [*case.registered[::-1]], "sign_offs": {"Registry": "eve"}}
    case.deploy(later, plan, "production")
    assert case.judged["production"] == {"versions": [*case.registered], "sign_offs": people}


@pytest.mark.requirement("PER-12.b", level="run")
@pytest.mark.parametrize(("stage", "person"), [("Business", "ben"), ("Release", "gina")])
def test_an_approver_of_another_stage_does_not_count(use_case, stage, person):
    case = use_case(gates=GATES)
    execution, plan = approved(case, "ben")
    if stage == "Release":
        case.answer(execution, "Business", "gina")
    case.answer(execution, stage, person)
    with pytest.raises(SystemExit, match=f"stage {stage} is void: {person} is not an approver of this stage"):
        case.verify(execution, plan, stage)


@pytest.mark.requirement("PER-08.a", "PER-09.a", "PROM-02.b", level="run")
def test_the_policies_get_to_know_who_approved_for_the_business(use_case):
    case = use_case(gates=GATES)
    execution, plan = approved(case, "ben")
    people = {"Review": "ben", "Business": "gina", "Release": "chloe"}
    for stage, person in people.items():
        if stage != "Review":
            case.answer(execution, stage, person)
        case.verify(execution, plan, stage)
    case.deploy(execution, plan, "production")
    assert case.judged["production"]["sign_offs"] == {"Registry": "eve", **people}


def test_a_void_approval_signs_nothing_off(case):
    execution, plan = approved(case, "mallory")
    with pytest.raises(SystemExit):
        case.verify(execution, plan)
    case.deploy(execution, plan, "preproduction")
    assert case.judged["preproduction"]["sign_offs"] == {"Registry": "eve"}


@pytest.mark.requirement("PROM-02.c", level="run")
def test_authors_of_all_commits_since_production_may_not_approve(case):
    first, plan = approved(case, "chloe")
    case.deploy(first, plan, "production")
    case.push("deployment", {"program.py": "weaken()\n"}, "Ben")
    case.push("deployment", {"README.md": "harmless\n"}, "Dan")
    execution, plan = approved(case, "ben")
    with pytest.raises(SystemExit, match="void: ben wrote the deployment code"):
        case.verify(execution, plan)
    involved = case.records.read(f"executions/{execution}/plan.json")["involved"]
    assert {person["names"][0] for person in involved if person["part"] == "wrote the deployment code"} == {
        "Dan",
        "Ben",
    }


def test_a_stage_that_nobody_approved_is_not_passed(case):
    execution = case.start(case.approved())
    plan = case.prepare(execution)["PLAN"]
    with pytest.raises(SystemExit, match=f"nobody has approved stage Review of execution {execution}"):
        case.verify(execution, plan)


@pytest.mark.requirement("PROM-10.b", level="run")
def test_a_rejection_changes_nothing_and_is_recorded_by_the_next_execution(case):
    first = case.start(case.approved())
    case.prepare(first)
    case.answer(first, "Review", "chloe", "Rejected", "worse for new customers")
    assert case.execution(first)["status"] == "Failed"
    name = f"executions/{first}/approval-review.json"
    assert case.records.read(name) is None
    for _ in range(2):
        case.prepare(case.start(case.approved()))
    record = case.records.read(name)
    assert (record["answer"], record["approver"], record["version"]) == ("rejected", "chloe", 1)
    assert record["comment"] == "worse for new customers"
    assert [candidate for candidate in case.records.names(f"executions/{first}/") if "approval" in candidate] == [name]
    assert case.environments == {}


def test_an_expired_approval_is_recorded_and_names_nobody(case):
    first = case.start(case.approved())
    case.prepare(first)
    case.token(first, "Review")
    case.tooling.aws.advance(days=7)
    assert case.execution(first)["status"] == "Failed"
    case.prepare(case.start(case.approved()))
    record = case.records.read(f"executions/{first}/approval-review.json")
    assert (record["answer"], record["approver"], record["approver_arn"]) == ("expired", "", "")


def test_a_rejection_stays_recorded_when_the_stage_is_retried_and_approved(case):
    execution = case.start(case.approved())
    plan = case.prepare(execution)["PLAN"]
    case.answer(execution, "Review", "chloe", "Rejected")
    case.codepipeline.retry_stage_execution(
        pipelineName=case.pipeline, stageName="Review", pipelineExecutionId=execution, retryMode="FAILED_ACTIONS"
    )
    case.answer(execution, "Review", "ben")
    case.verify(execution, plan)
    case.prepare(case.start(case.approved()))
    folder = f"executions/{execution}/approval-review"
    answers = {name: case.records.read(f"{folder}{name}.json") for name in ("", "-2")}
    assert {name: (answer["answer"], answer["approver"]) for name, answer in answers.items()} == {
        "": ("approved", "ben"),
        "-2": ("rejected", "chloe"),
    }
