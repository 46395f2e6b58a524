"""Tests of the report of promotions, and of the command that follows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from runtime.promotion.records import Records
from selfservice.cli.delivery import watch_promotions as watching
from selfservice.cli.delivery.changes import HEARTBEAT_SECONDS
from selfservice.errors import ExitCode, RefusedError
from selfservice.promotions.history import promotions_of
from selfservice.promotions.place import PromotionPlace, explained
from selfservice.promotions.promotion import Approval, Promotion, StageRun
from selfservice.reports.logs import promotion_logs
from selfservice.reports.promotions import PromotionReport, as_text
from settings.derived.use_case_names import UseCaseNames

AT = datetime(2026, 11, 22, 10, tzinfo=UTC)


def denied(operation: str, code: str = "AccessDenied") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, operation)


class Client:
    """CodePipeline and S3 with given executions and actions, and without records."""

    def __init__(self, executions: list[Any], actions: list[Any], listed: tuple[str, ...] = ()) -> None:
        self.listings = {"list_pipeline_executions": executions, "list_action_executions": actions}
        self.listed = listed

    def every(self, service: str, operation: str, key: str, **arguments: Any) -> Iterator[Any]:
        return iter(self.listings[operation])

    def client(self, service: str) -> Any:
        return self

    def get_pipeline_execution(self, **names: str) -> dict[str, Any]:
        return {"pipelineExecution": {}}

    def get_object(self, **names: str) -> dict[str, Any]:
        raise denied("GetObject")

    def get_paginator(self, operation: str) -> Any:
        return self

    def paginate(self, **names: str) -> Iterator[Any]:
        yield {"Contents": [{"Key": key} for key in self.listed]}


def place(client: Client) -> PromotionPlace:
    return PromotionPlace(
        names=UseCaseNames(team="fraud", use_case="scoring"),
        account=cast(Any, client),
        records=Records(s3=client, bucket="b", folder="fraud/scoring"),
        approvers={"Review": ("ben",)},
    )


def execution(**more: Any) -> dict[str, Any]:
    return {"pipelineExecutionId": "e-1", "status": "Failed", "startTime": AT, **more}


def action(name: str, status: str, **result: Any) -> dict[str, Any]:
    times = {"startTime": AT, "lastUpdateTime": AT}
    return {"stageName": "Review", "actionName": name, "status": status, "output": {"executionResult": result}, **times}


def report(*promotions: Promotion) -> PromotionReport:
    approvers = {"Review": ("ben",), "Business": ("gina",)}
    return PromotionReport(
        use_case="fraud--scoring", pipeline="p", approvers=approvers, environments=(), promotions=promotions
    )


def promotion(status: str, *stages: StageRun) -> Promotion:
    return Promotion(use_case="u", execution="e-1", status=status, started="now", started_by="dan", stages=stages)


def test_an_approval_that_nobody_gave_is_expired_and_not_rejected() -> None:
    timed_out = action("Approve", "Failed", errorDetails={"code": "JobFailed", "message": "timed out"})
    (found,) = promotions_of(place(Client([execution()], [timed_out])))
    assert found.stages[0].approval == Approval(answer="expired", at="2026-11-22T10:00:00+00:00")
    assert "nobody answered until 2026-11-22T10:00:00+00:00" in as_text([report(found)])


def test_the_business_sees_the_metrics_and_the_command_that_answers_its_approval() -> None:
    waits = StageRun(stage="Business", status="InProgress", approval=Approval(answer="pending", token="t"))
    found = replace(promotion("InProgress", waits), metrics="f1 0.93 (production 0.91)")
    text = as_text([report(found)])
    assert "waits for an approval by gina\n    f1 0.93 (production 0.91)\n" in text
    assert "--stage-name Business --action-name BusinessApproval --token t" in text


@pytest.mark.parametrize(("approvers", "skipped"), [({}, ["Release"]), ({"Business": ()}, ["Business", "Release"])])
def test_a_stage_that_the_pipeline_lacks_is_not_skipped(approvers: dict[str, Any], skipped: list[str]) -> None:
    ran = [{**action("Deploy", "Succeeded"), "stageName": stage} for stage in ("Source", "Prepare", "Preproduction")]
    ended = Client([execution(status="Succeeded")], [*ran, action("Verify", "Succeeded")])
    (found,) = promotions_of(replace(place(ended), approvers=approvers))
    assert [stage.stage for stage in found.stages if stage.status == "Skipped"] == [*skipped, "Production"]


def test_a_failure_without_a_record_has_the_reason_of_codepipeline() -> None:
    crashed = action("Verify", "Failed", errorDetails={"code": "JobFailed", "message": "no image"})
    (found,) = promotions_of(place(Client([execution()], [crashed])))
    assert (found.stages[0].action, found.stages[0].reason) == ("Verify", "no image")


def test_the_last_run_of_a_retried_action_counts() -> None:
    again = action("Verify", "Succeeded") | {"startTime": AT.replace(hour=11)}
    (found,) = promotions_of(place(Client([execution()], [again, action("Verify", "Failed")])))
    assert found.stages[0].status == "Succeeded"


def test_events_rules_and_failures_are_named_as_what_started_an_execution() -> None:
    rule = {"triggerType": "CloudWatchEvent", "triggerDetail": "arn:aws:events:r:1:rule/fraud--scoring-approved"}
    (found,) = promotions_of(place(Client([execution(trigger=rule)], [])))
    assert found.started_by == "rule fraud--scoring-approved"


def test_a_record_that_may_not_be_read_is_no_missing_record() -> None:
    missing = Records(s3=Client([], []), bucket="b", folder="f")
    assert missing.read("robust/production.json") is None
    hidden = Records(s3=Client([], [], ("f/promotions/robust/production.json",)), bucket="b", folder="f")
    with pytest.raises(ClientError, match="AccessDenied"):
        hidden.read("robust/production.json")


def test_a_denied_call_names_the_permission_set() -> None:
    with pytest.raises(RefusedError, match="no; sign in with the permission set MLOpsEngineer-tooling"), explained():
        raise denied("StartPipelineExecution", "AccessDeniedException")


@pytest.mark.parametrize(("last", "status"), [("Succeeded", ExitCode.OK), ("Failed", ExitCode.FAILED)])
def test_watching_prints_each_change_until_the_promotion_ends(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], last: str, status: ExitCode
) -> None:
    waits = StageRun(stage="Review", status="InProgress", approval=Approval(answer="pending"))
    decided = StageRun(stage="Review", status=last)
    states = iter([promotion("InProgress", waits), promotion("InProgress", waits), promotion(last, decided)])
    monkeypatch.setattr(watching, "report_of", lambda place: report(next(states)))
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    assert watching.watch_promotions([place(Client([], []))]) is status
    assert capsys.readouterr().out.splitlines() == [
        "e-1  InProgress  started now by dan",
        "e-1  Review         InProgress  waits for an approval by ben",
        f"e-1  {last}  started now by dan",
        f"e-1  Review         {last}",
    ]


def test_watching_says_what_lasts_with_the_last_line_of_its_log_and_does_not_repeat_an_approval(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    waits = StageRun(stage="Review", status="InProgress", approval=Approval(answer="pending"))
    lasts = StageRun(stage="Production", status="InProgress", action="Deploy")
    ended = StageRun(stage="Production", status="Succeeded")
    states = [promotion("InProgress", waits)] * 3 + [promotion("InProgress", lasts)] * 3
    following = iter([*states, promotion("Succeeded", ended)])
    times = count(0.0, HEARTBEAT_SECONDS / 2)
    build = {"id": "fraud--scoring-release:1", "logs": {"groupName": "g", "streamName": "s"}}
    running = action("Deploy", "InProgress", externalExecutionId=build["id"])
    running["input"] = {"actionTypeId": {"provider": "CodeBuild"}}
    account = Client([], [running])
    account.listings["filter_log_events"] = [
        {"eventId": str(number), "message": f"{text}\n"}
        for number, text in enumerate(["endpoint e: traffic moves in 2 steps", "[Container] Running command"])
    ]
    monkeypatch.setattr(Client, "batch_get_builds", lambda *_, **__: {"builds": [build]}, raising=False)
    monkeypatch.setattr(watching, "report_of", lambda place: report(next(following)))
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    monkeypatch.setattr("time.monotonic", lambda: next(times))
    assert watching.watch_promotions([place(account)]) is ExitCode.OK
    said = [line for line in capsys.readouterr().out.splitlines() if line.startswith("still")]
    assert said, "nothing says that the deployment lasts"
    for line in said:
        assert line.startswith(
            "still waiting for Deploy of Production of fraud--scoring (endpoint e: traffic moves in 2 steps), "
        )


def test_a_log_that_may_not_be_read_leaves_the_action_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise RefusedError("no")

    monkeypatch.setattr(promotion_logs, "builds_of", refuse)
    assert promotion_logs.PromotionLogs(place(Client([], []))).last_line("e-1") is None
