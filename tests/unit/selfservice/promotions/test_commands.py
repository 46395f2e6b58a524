"""``plinth promotions`` and ``plinth promote`` against the emulator."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest

from plinth_sandbox.testing import MANAGEMENT
from runtime.promotion.records import decision_of
from selfservice.errors import ExitCode
from tests.unit.selfservice.promotions.site import COMMIT, PIPELINE, USE_CASE, Site


def listed(site: Site, execution: str, user: str = "dan") -> dict[str, Any]:
    done = site.plinth("promotions", USE_CASE, "--json", user=user)
    assert done.exit_code == 0, done.output
    (report,) = json.loads(done.stdout)["use_cases"]
    return next(promotion for promotion in report["promotions"] if promotion["execution"] == execution)


def stages(promotion: dict[str, Any]) -> dict[str, str]:
    return {stage_run["stage"]: stage_run["status"] for stage_run in promotion["stages"]}


def stage(promotion: dict[str, Any], name: str) -> dict[str, Any]:
    return next(candidate for candidate in promotion["stages"] if candidate["stage"] == name)


@pytest.mark.requirement("PROM-12", level="run")
def test_an_approved_version_is_promoted_through_the_pipeline_in_the_name_of_the_person(site: Site) -> None:
    version = site.register()
    done = site.plinth("promote", USE_CASE, str(version), "--to", "preproduction")
    assert done.exit_code == 0, done.output
    execution = str(site.executions(PIPELINE)[0]["pipelineExecutionId"])
    assert execution in done.output
    assert f"version {version} to preproduction as dan" in done.output
    assert "approval by ben or chloe" in done.output
    started = site.execution(PIPELINE, execution)
    assert started["trigger"]["triggerDetail"].endswith("assumed-role/people/dan")
    values = {variable["name"]: variable["resolvedValue"] for variable in started["variables"]}
    assert values["Target"] == "preproduction"
    assert values["ModelPackage"].endswith(f":model-package/{USE_CASE}-main/{version}")
    site.plan(execution, version)
    site.decide(execution, "Review")
    site.deploys(execution, "preproduction", version)
    assert site.ended(PIPELINE, execution) == "Succeeded"
    found = listed(site, execution)
    assert (found["target"], found["version"], found["commit"], found["started_by"]) == (
        "preproduction", version, COMMIT, "dan",
    )  # fmt: skip
    assert stages(found) == {
        "Source": "Succeeded",
        "Review": "Succeeded",
        "Preproduction": "Succeeded",
        "Prepare": "Skipped",
        "Release": "Skipped",
        "Production": "Skipped",
    }


@pytest.mark.requirement("PROM-12", level="run")
def test_a_version_that_is_not_approved_or_does_not_exist_is_refused_with_the_remedy(site: Site) -> None:
    pending, before = site.register("PendingManualApproval"), len(site.executions(PIPELINE))
    refused = site.plinth("promote", USE_CASE, str(pending))
    assert refused.exit_code == ExitCode.REFUSED
    assert "PendingManualApproval, not Approved; a lead data scientist approves versions" in refused.output
    missing = site.plinth("promote", USE_CASE, "999")
    assert missing.exit_code == ExitCode.BAD_INPUT
    assert (
        f"there is no version 999 of {USE_CASE}-main; `plinth models {USE_CASE}` lists the versions" in missing.output
    )
    foreign = site.plinth(
        "promote", USE_CASE, f"arn:aws:sagemaker:eu-west-1:{MANAGEMENT}:model-package/{USE_CASE}-develop/1"
    )
    assert "only versions of main are promoted" in foreign.output
    assert len(site.executions(PIPELINE)) == before


def test_credentials_that_see_no_pipeline_are_refused(site: Site) -> None:
    keys = {name.upper(): value for name, value in site.aws.credentials(site.aws.new_account("other")).items()}
    done = site.plinth("promote", USE_CASE, "1", **keys)
    assert done.exit_code == ExitCode.BAD_INPUT
    assert f"see no pipeline {PIPELINE} there: sign in with the permission set" in done.output


def test_a_use_case_without_approvers_has_no_promotions(site: Site) -> None:
    done = site.plinth("promotions", "churn--retention")
    assert done.exit_code == ExitCode.BAD_INPUT
    assert "there is no use case churn--retention with promotions; there are: fraud--scoring" in done.output


@pytest.mark.requirement("PROM-10.a", level="run")
def test_a_pending_approval_is_listed_with_a_command_that_approves_it(site: Site) -> None:
    execution = site.begin(3)
    token = site.token(PIPELINE, "Review", execution)
    done = site.plinth("promotions", USE_CASE, user="chloe")
    assert "waits for an approval by ben or chloe" in done.output
    (command,) = (line.strip() for line in done.output.splitlines() if token in line)
    words = shlex.split(command)
    options = dict(zip(words[3::2], words[4::2], strict=True))
    status, summary = (part.partition("=")[2] for part in options.pop("--result").split(","))
    given = {"pipelineName": "pipeline-name", "stageName": "stage-name", "actionName": "action-name", "token": "token"}
    arguments = {member: options[f"--{option}"] for member, option in given.items()}
    site.as_person("chloe").put_approval_result(**arguments, result={"status": status, "summary": summary})
    approval = stage(listed(site, execution), "Review")["approval"]
    assert (approval["answer"], approval["by"], approval["comment"]) == ("approved", "chloe", "WHY")
    site.codepipeline.stop_pipeline_execution(
        pipelineName=PIPELINE, pipelineExecutionId=execution, abandon=True, reason="enough"
    )
    stopped = listed(site, execution)
    assert (stopped["status"], stopped["reason"]) == ("Stopped", "enough")


@pytest.mark.requirement("PROM-10.a", "PROM-10.b", level="run")
def test_a_rejection_and_a_void_approval_are_listed_with_person_time_and_reason(site: Site) -> None:
    rejected = site.begin(4)
    site.decide(rejected, "Review", "Rejected", by="ben", why="recall is too low")
    assert site.ended(PIPELINE, rejected) == "Failed"
    approval = stage(listed(site, rejected), "Review")["approval"]
    assert (approval["answer"], approval["by"], approval["comment"]) == ("rejected", "ben", "recall is too low")
    assert approval["at"].endswith("+00:00")
    site.voids(rejected, "Review", "ben wrote the training code")
    text = site.plinth("promotions", USE_CASE).output
    assert "rejected by ben" in text
    assert "void, because ben wrote the training code" in text
    name = decision_of(rejected, "Review").removesuffix(".json")
    site.record(f"{name}-2.json", {"faults": ["ben is not an approver any more"]})
    assert "void, because ben is not an approver any more" in site.plinth("promotions", USE_CASE).output


@pytest.mark.requirement("RB-01", level="run")
def test_a_failed_deployment_is_listed_with_its_reason_its_alarm_and_the_rollback(site: Site) -> None:
    good = site.promoted(5)
    failed = site.begin(6)
    site.decide(failed, "Review")
    site.deploys(failed, "preproduction", 6)
    site.decide(failed, "Release")
    alarm = {"alarm": "fraud--scoring-prod-errors", "at": "2026-11-22T10:12:00+00:00", "reason": "4 of 4 values"}
    site.fails(failed, "production", action="deploy", reason="the endpoint was rolled back", alarms=[alarm])
    assert site.ended(PIPELINE, failed) == "Failed"
    back = str(site.executions(PIPELINE)[0]["pipelineExecutionId"])
    site.decide(back, "Production")
    assert site.ended(PIPELINE, back) == "Succeeded"
    found = stage(listed(site, failed), "Production")
    assert (found["status"], found["action"], found["reason"]) == ("Failed", "Deploy", "the endpoint was rolled back")
    assert found["alarms"] == [alarm]
    rollback = listed(site, back)
    assert (rollback["is_rollback"], rollback["plan"], rollback["version"]) == (True, good, 5)
    assert rollback["started_by"] == f"failure of {failed}"
    text = site.plinth("promotions", USE_CASE).output
    assert "alarm fraud--scoring-prod-errors at 2026-11-22T10:12:00+00:00: 4 of 4 values" in text
    assert "production serves version 5, commit 1a2b3c4" in text
