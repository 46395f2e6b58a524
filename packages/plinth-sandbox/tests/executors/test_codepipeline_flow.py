"""Executions of a pipeline wait for each other, are retried, stopped and rolled back.

These tests drive the state machine without a server: the source is what the test reports.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from executors.promotions import STORE, action
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.executors.task_runner import Outcome, Task
from plinth_sandbox.emulator.patches.patch import Memory
from plinth_sandbox.emulator.services.cloudwatch.executor.alarm import Alarm, alarms_of
from plinth_sandbox.emulator.services.codepipeline.executor import orchestrator, results, rollbacks
from plinth_sandbox.emulator.services.codepipeline.executor.declaration.structure import completed
from plinth_sandbox.emulator.services.codepipeline.executor.execution import Action, Execution
from plinth_sandbox.emulator.services.codepipeline.executor.executions import begin
from plinth_sandbox.emulator.services.codepipeline.executor.pipeline import NOUN, Pipeline
from plinth_sandbox.emulator.services.events.executor import outbox
from plinth_sandbox.emulator.store.record import Place, Record, Store

ACCOUNT, REGION = "123456789012", "eu-west-1"
TRIGGER = {"triggerType": "StartPipelineExecution", "triggerDetail": "test"}


@dataclass
class Runner:
    """Remembers the tasks of sources. The tests report their outcomes."""

    tasks: list[Task] = field(default_factory=list)

    def submit(self, task: Task) -> None:
        self.tasks.append(task)


@dataclass
class Flow:
    """One pipeline: a source in S3, and the stages of the test."""

    stages: list[dict[str, Any]]
    mode: str = "SUPERSEDED"
    variables: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.runner: Any = Runner()
        unused: Any = None
        self.runtime = Runtime(
            Memory(Store()), self.runner, Path(), hosts=unused, outside=unused, control_planes=unused, databases=unused
        )
        configuration = {"S3Bucket": "code", "S3ObjectKey": "code.zip", "PollForSourceChanges": "false"}
        outputs = [{"name": "Code"}]
        read = action("Source", "Source", "S3", configuration, outputArtifacts=outputs, namespace="Source")
        declaration = completed(
            {
                "name": "flow",
                "roleArn": f"arn:aws:iam::{ACCOUNT}:role/promoter",
                "artifactStore": STORE,
                "pipelineType": "V2",
                "executionMode": self.mode,
                "variables": self.variables,
                "stages": [{"name": "Source", "actions": [read]}, *self.stages],
            },
            1,
        )
        now, arn = self.runtime.clock.now(), f"arn:aws:codepipeline:{REGION}:{ACCOUNT}:flow"
        self.pipeline = Pipeline("flow", arn, ACCOUNT, REGION, {1: declaration}, now, now)
        place = Place(ACCOUNT, REGION, "codepipeline")
        self.runtime.memory.store.add(Record(place, NOUN, {"name": "flow", "pipeline": self.pipeline}, arn))

    def start(self, *, reads: bool = True, **variables: str) -> Execution:
        """Starts an execution, whose source ends at once unless ``reads`` is false."""
        given = [{"name": name, "value": value} for name, value in variables.items()]
        execution = begin(self.pipeline, {"variables": given}, TRIGGER, self.runtime)
        self.advance()
        if reads:
            self.read()
        return execution

    def advance(self) -> None:
        orchestrator.advance(self.pipeline, self.runtime)

    def read(self, state: str = "SUCCEEDED") -> None:
        """Ends the oldest source that runs."""
        task = self.runner.tasks.pop(0)
        left = {"revision": task.run, "summary": "text", "created": 0, "variables": {"VersionId": task.run}}
        message = "" if state == "SUCCEEDED" else "ConfigurationError: no object"
        results.record_outcome(
            Outcome("codepipeline", task.run, ACCOUNT, REGION, state, message, 1, left), self.runtime
        )

    def waiting(self, execution: Execution, stage: str) -> Action:
        (found,) = [candidate for candidate in execution.in_stage(stage) if candidate.status == "InProgress"]
        return found

    def approve(self, execution: Execution, stage: str = "Approve") -> None:
        orchestrator.succeed(self.waiting(execution, stage), execution, self.runtime)
        self.advance()

    def reject(self, execution: Execution, stage: str = "Approve") -> None:
        orchestrator.fail(self.waiting(execution, stage), execution, self.runtime, "", "")
        self.advance()


@pytest.fixture(autouse=True)
def emptied_outbox() -> Iterator[None]:
    yield
    outbox.take()


def stage(name: str = "Approve", *actions: dict[str, Any], **more: Any) -> dict[str, Any]:
    decisions = list(actions) or [action("Decide", "Approval", "Manual", {})]
    return {"name": name, "actions": decisions, **more}


def test_a_newer_execution_supersedes_one_that_waits_before_a_stage() -> None:
    flow = Flow([stage()])
    first, second, third = flow.start(), flow.start(), flow.start()
    assert [execution.status for execution in (first, second, third)] == ["InProgress", "Superseded", "InProgress"]
    assert not third.has_entered
    flow.approve(first)
    assert (first.status, third.has_entered) == ("Succeeded", True)
    flow.approve(third)
    assert third.status == "Succeeded"


def test_queued_executions_pass_a_stage_in_their_order() -> None:
    flow = Flow([stage()], "QUEUED")
    first, second, third = flow.start(), flow.start(), flow.start()
    assert [execution.has_entered for execution in (first, second, third)] == [True, False, False]
    flow.reject(first)
    assert (first.status, second.has_entered, third.has_entered) == ("Failed", True, False)
    flow.approve(second)
    flow.approve(third)
    assert (second.status, third.status) == ("Succeeded", "Succeeded")


def test_parallel_executions_do_not_wait() -> None:
    flow = Flow([stage()], "PARALLEL")
    first, second = flow.start(), flow.start()
    assert (first.has_entered, second.has_entered) == (True, True)
    flow.approve(second)
    assert (first.status, second.status) == ("InProgress", "Succeeded")


def test_a_source_stage_holds_one_execution() -> None:
    flow = Flow([stage()], "QUEUED")
    first, second = flow.start(reads=False), flow.start(reads=False)
    assert (first.has_entered, second.has_entered) == (True, False)
    flow.read()
    assert second.has_entered
    assert second.stage_name == "Source"


def test_actions_with_one_run_order_run_together_and_later_ones_afterwards() -> None:
    orders = {"Legal": 1, "Risk": 1, "Board": 2}
    flow = Flow([stage("Approve", *(action(name, "Approval", "Manual", {}, runOrder=n) for name, n in orders.items()))])
    execution = flow.start()
    for names in ({"Legal", "Risk"}, {"Risk"}, {"Board"}):
        running = [candidate for candidate in execution.in_stage("Approve") if candidate.status == "InProgress"]
        assert {approval.name for approval in running} == names
        orchestrator.succeed(running[0], execution, flow.runtime)
        flow.advance()
    assert execution.status == "Succeeded"


def test_a_disabled_transition_holds_executions_until_it_is_enabled() -> None:
    flow = Flow([stage()])
    flow.pipeline.disabled["Approve"] = {"enabled": False}
    execution = flow.start()
    assert not execution.has_entered
    flow.pipeline.disabled.clear()
    flow.advance()
    assert execution.has_entered


def test_a_stop_waits_for_running_actions_or_abandons_them() -> None:
    flow = Flow([stage(), stage("Deploy")], "PARALLEL")
    patient, hasty = flow.start(), flow.start()
    orchestrator.stop(patient, flow.pipeline, flow.runtime, abandon=False)
    assert patient.status == "Stopping"
    flow.approve(patient)
    assert (patient.status, patient.stage_statuses) == ("Stopped", {"Source": "Succeeded", "Approve": "Stopped"})
    orchestrator.stop(hasty, flow.pipeline, flow.runtime, abandon=True)
    assert (hasty.status, hasty.in_stage("Approve")[0].status) == ("Stopped", "Abandoned")


def test_a_failed_stage_is_rolled_back_to_the_last_execution_that_succeeded_in_it() -> None:
    deploy = action("Deploy", "Approval", "Manual", {"CustomData": "#{Source.VersionId}"})
    flow = Flow([stage("Deploy", deploy, onFailure={"result": "ROLLBACK"}), stage("After")], "QUEUED")
    good, bad = flow.start(), flow.start()
    flow.approve(good, "Deploy")
    flow.approve(good, "After")
    flow.reject(bad, "Deploy")
    rollback = list(flow.pipeline.executions.values())[-1]
    assert (rollback.kind, rollback.rollback_target) == ("ROLLBACK", good.id)
    assert rollback.trigger == {"triggerType": "AutomatedRollback", "triggerDetail": bad.id}
    asked = flow.waiting(rollback, "Deploy").configuration["CustomData"]
    assert asked == good.artifacts["Code"].revision != bad.artifacts["Code"].revision
    flow.approve(rollback, "Deploy")
    assert (rollback.status, "After" in rollback.stage_statuses) == ("Succeeded", False)
    assert not rollbacks.may_be_target(rollback, "Deploy")


def test_without_an_earlier_success_nothing_is_rolled_back() -> None:
    flow = Flow([stage("Deploy", onFailure={"result": "ROLLBACK"})])
    execution = flow.start()
    flow.reject(execution, "Deploy")
    assert list(flow.pipeline.executions.values()) == [execution]


def test_a_stage_is_retried_once_by_itself() -> None:
    flow = Flow([stage("Deploy", onFailure={"result": "RETRY"})])
    execution = flow.start()
    flow.reject(execution, "Deploy")
    assert execution.status == "InProgress"
    flow.reject(execution, "Deploy")
    assert execution.status == "Failed"
    assert len(execution.actions) == 3
    assert execution.retries["Deploy"]["latestRetryTrigger"] == "AutomatedStageRetry"


def rule(variable: str, operator: str, value: str) -> dict[str, Any]:
    configuration = {"Variable": variable, "Operator": operator, "Value": value}
    return {
        "name": "Check",
        "ruleTypeId": {"category": "Rule", "provider": "VariableCheck"},
        "configuration": configuration,
    }


@pytest.mark.parametrize(
    ("result", "value", "status", "statuses"),
    [
        ("FAIL", "low", "Failed", {"Source": "Succeeded", "Deploy": "Failed"}),
        ("SKIP", "low", "Succeeded", {"Source": "Succeeded", "Deploy": "Skipped"}),
        ("FAIL", "high", "InProgress", {"Source": "Succeeded", "Deploy": "InProgress"}),
    ],
)
def test_a_condition_decides_whether_an_execution_enters_a_stage(
    result: str, value: str, status: str, statuses: dict[str, str]
) -> None:
    entry = {"conditions": [{"result": result, "rules": [rule("#{variables.QUALITY}", "EQ", "high")]}]}
    flow = Flow([stage("Deploy", beforeEntry=entry)], variables=[{"name": "QUALITY"}])
    execution = flow.start(QUALITY=value)
    assert (execution.status, execution.stage_statuses) == (status, statuses)


def test_an_alarm_fails_a_stage_after_its_success_and_rolls_it_back(monkeypatch: pytest.MonkeyPatch) -> None:
    check = {
        "name": "Errors",
        "ruleTypeId": {"category": "Rule", "provider": "CloudWatchAlarm"},
        "configuration": {"AlarmName": "errors"},
    }
    success = {"conditions": [{"result": "ROLLBACK", "rules": [check]}]}
    flow = Flow([stage("Deploy", onSuccess=success)])
    alarm = Alarm("errors", "arn", ACCOUNT, REGION, {}, flow.runtime.clock.now(), state="OK")
    alarms_of(flow.runtime.memory, ACCOUNT, REGION)["errors"] = alarm

    class Client:
        def describe_alarms(self, **_: Any) -> dict[str, Any]:
            return {"MetricAlarms": [{"StateValue": alarm.state}], "CompositeAlarms": []}

    monkeypatch.setattr(Runtime, "client", lambda *_, **__: Client())
    good = flow.start()
    flow.approve(good, "Deploy")
    assert good.status == "Succeeded"
    bad = flow.start()
    alarm.state = "ALARM"
    flow.approve(bad, "Deploy")
    assert (bad.status, bad.stage_statuses["Deploy"]) == ("Failed", "Failed")
    assert "the alarm errors is in the state ALARM" in bad.summary
    assert list(flow.pipeline.executions.values())[-1].rollback_target == good.id


def test_an_unread_source_and_an_unresolved_variable_fail_the_execution() -> None:
    flow = Flow([stage("Deploy", action("Deploy", "Approval", "Manual", {"CustomData": "#{Source.Absent}"}))])
    unread = flow.start(reads=False)
    flow.read("FAILED")
    assert (unread.status, unread.actions[0].error_code) == ("Failed", "ConfigurationError")
    unresolved = flow.start()
    assert (unresolved.status, unresolved.actions[-1].error_code) == ("Failed", "InvalidVariable")
    assert "#{Source.Absent}" in unresolved.actions[-1].error_message


def test_a_function_without_a_result_fails_after_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    invoked: list[dict[str, Any]] = []

    class Client:
        def invoke(self, **given: Any) -> None:
            invoked.append(given)

    monkeypatch.setattr(Runtime, "client", lambda *_, **__: Client())
    flow = Flow([stage("Check", action("Check", "Invoke", "Lambda", {"FunctionName": "check"}))])
    execution = flow.start()
    assert [invocation["InvocationType"] for invocation in invoked] == ["Event"]
    due = flow.runtime.deadlines.next_time()
    assert due is not None
    assert due - execution.actions[-1].started == timedelta(hours=24)
    flow.runtime.deadlines.pass_next()
    assert (execution.status, execution.actions[-1].status) == ("Failed", "Failed")


def test_an_approval_has_seven_days_or_its_own_time_limit() -> None:
    decide = action("Decide", "Approval", "Manual", {}, timeoutInMinutes=60)
    for stages, limit in (([stage()], timedelta(days=7)), ([stage("Approve", decide)], timedelta(hours=1))):
        flow = Flow(stages)
        execution = flow.start()
        due = flow.runtime.deadlines.next_time()
        assert due is not None
        assert due - flow.waiting(execution, "Approve").started == limit
