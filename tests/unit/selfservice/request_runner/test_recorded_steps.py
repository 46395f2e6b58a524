"""The progress of a run is recorded step by step, with few calls, and by the runner of the request alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import EndpointConnectionError

from selfservice.catalog.change_requests import ChangeRequests
from selfservice.catalog.items import CatalogItems
from selfservice.catalog.request_steps import RequestSteps, StepState
from selfservice.changes.plan import Step, plan
from selfservice.durable.node import NodeResult, NodeStatus
from selfservice.operations import event_log
from selfservice.operations.event_log import Phase, Placed
from selfservice.operations.operation import Outcome, Status
from selfservice.request_runner.recorded_steps import RecordedSteps
from selfservice.request_tables.claim import LEASE_SECONDS
from selfservice.request_tables.runner_process import RunnerProcess
from selfservice.requests.change_text import step_line

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ID = "20261123T120000Z-00000001"
ONE = RunnerProcess("one.example", 1, "1")
OTHER = RunnerProcess("other.example", 2, "2")
PLAN = plan({"fraud": [], "fraud-development": ["fraud"]}, {}, ["fraud", "fraud-development"], {})
SUCCEEDED = NodeResult(status=NodeStatus.SUCCEEDED)
FAILED = NodeResult(status=NodeStatus.FAILED, output={"reason": "AccessDenied: no\nmore"})
SKIPPED = NodeResult(status=NodeStatus.SKIPPED)


@dataclass
class Clock:
    """A clock that tests set."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Run:
    """A run whose steps are recorded, and the number of its calls that write."""

    steps: RequestSteps
    clock: Clock = field(default_factory=Clock)
    calls: int = 0

    def begin(self, steps: tuple[Step, ...] = PLAN) -> RecordedSteps:
        return RecordedSteps(self.steps, steps, clock=self.clock, now=lambda: NOW)

    def states(self) -> dict[str, str]:
        return {step.name: str(step.state) for step in self.steps.read()}


@pytest.fixture
def run(requests: ChangeRequests, items: CatalogItems) -> Run:
    requests.add("ada", "{}", id_=ID, now=NOW)
    (change,) = requests.open_changes()
    assert requests.claim(change, ONE, NOW)
    found = Run(RequestSteps(items=items, request=ID, runner=str(ONE)))

    def count(**_: object) -> None:
        found.calls += 1

    items.client.meta.events.register("before-call.dynamodb.TransactWriteItems", count)
    return found


@pytest.mark.requirement("GOV-08.a")
def test_the_steps_of_a_run_are_recorded_as_they_begin_and_end(run: Run) -> None:
    progress = run.begin()
    assert run.states() == dict.fromkeys(["settings", "stack:fraud", "stack:fraud-development", "catalog"], "waiting")
    progress.began("settings")
    progress.tick()
    progress.ended("settings", SUCCEEDED)
    progress.began("stack:fraud")
    progress.started("fraud")
    progress.tick()
    assert [str(step.state) for step in run.steps.read()] == ["succeeded", "running", "waiting", "waiting"]
    progress.finished("fraud", Outcome(status=Status.FAILED, resources=7))
    progress.ended("stack:fraud", FAILED)
    progress.close(
        {"settings": SUCCEEDED, "stack:fraud": FAILED, "stack:fraud-development": SKIPPED, "catalog": SKIPPED}
    )
    settings, fraud, development, catalog = run.steps.read()
    assert (settings.started, settings.ended) == (NOW.isoformat(), NOW.isoformat())
    assert (fraud.state, fraud.reason, fraud.resources) == (StepState.FAILED, "AccessDenied: no\nmore", "7")
    assert (development.state, catalog.state) == (StepState.SKIPPED, StepState.SKIPPED)
    assert step_line(fraud) == "  2. stack:fraud  failed (7)  12:00:00-12:00:00  AccessDenied: no"


def test_how_far_running_stacks_are_is_written_every_few_seconds_in_one_call(run: Run) -> None:
    progress = run.begin()
    for stack in ("fraud", "fraud-development"):
        progress.began(f"stack:{stack}")
        progress.started(stack)
    progress.tick()
    before = run.calls
    for number in range(100):
        for stack in ("fraud", "fraud-development"):
            progress.recorded(stack, Phase(name="updating") if not number else done(f"urn-{number}"))
        progress.tick()
    assert run.calls == before
    run.clock.seconds = 6
    progress.tick()
    assert run.calls == before + 1
    assert [(step.phase, step.resources) for step in run.steps.read()[1:3]] == [("updating", "99")] * 2
    progress.tick()
    assert run.calls == before + 1


def test_the_place_of_an_operation_is_recorded_until_its_step_begins_again(run: Run) -> None:
    progress = run.begin()
    progress.began("stack:fraud")
    progress.started("fraud")
    progress.recorded("fraud", Placed(place="as a Job of the cluster"))
    progress.finished("fraud", Outcome(status=Status.FAILED))
    progress.ended("stack:fraud", FAILED)
    progress.tick()
    _, fraud, development, _ = run.steps.read()
    assert (fraud.place, development.place) == ("as a Job of the cluster", "")
    assert step_line(fraud).endswith("12:00:00-12:00:00  as a Job of the cluster  AccessDenied: no")
    continued = run.begin()
    continued.began("stack:fraud")
    continued.tick()
    assert run.steps.read()[1].place == ""


@pytest.mark.requirement("GOV-08.b")
def test_a_continued_run_keeps_what_has_succeeded_and_waits_again_for_the_rest(run: Run) -> None:
    first = run.begin()
    first.began("settings")
    first.ended("settings", SUCCEEDED)
    first.began("stack:fraud")
    first.ended("stack:fraud", FAILED)
    first.began("stack:fraud-development")
    first.tick()
    run.begin()
    assert list(run.states().values()) == ["succeeded", "waiting", "waiting", "waiting"]
    assert run.steps.read()[1].reason == ""
    run.begin(plan({"fraud": []}, {}, ["fraud"], {}))
    assert run.states() == {"settings": "succeeded", "stack:fraud": "waiting", "catalog": "waiting"}


def test_an_interrupted_run_leaves_no_running_step(run: Run) -> None:
    progress = run.begin()
    progress.began("settings")
    progress.tick()
    progress.close({})
    assert set(run.states().values()) == {"waiting"}


@pytest.mark.threat("T-09")
def test_a_run_that_another_runner_has_taken_over_stops(run: Run, requests: ChangeRequests) -> None:
    progress = run.begin()
    (change,) = requests.open_changes()
    assert requests.claim(change, OTHER, NOW + timedelta(seconds=LEASE_SECONDS + 1))
    progress.began("settings")
    assert progress.is_held
    progress.tick()
    assert not progress.is_held
    assert run.states()["settings"] == "waiting"


def test_a_deployment_goes_on_while_the_catalog_does_not_answer(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    progress = run.begin()
    with monkeypatch.context() as patched:
        patched.setattr(CatalogItems, "transact", unavailable)
        progress.began("settings")
        progress.tick()
    progress.tick()
    assert (progress.is_held, run.states()["settings"]) == (True, "waiting")
    run.clock.seconds = 6
    progress.tick()
    assert run.states()["settings"] == "running"


def unavailable(*_: object) -> None:
    raise EndpointConnectionError(endpoint_url="https://dynamodb.example")


def done(urn: str) -> event_log.Step:
    return event_log.Step(urn=urn, step="create", state="done")
