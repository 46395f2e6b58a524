import itertools

import pytest

from selfservice.errors import RefusedError
from selfservice.operations.event_log import Finished, Phase
from selfservice.operations.limits import GRACE_SECONDS, TimeLimit
from selfservice.operations.operation import Outcome, Status
from selfservice.runner.runner import NotStartedError, Runner

GRAPH = {"organization": [], "churn": ["organization"], "fraud": ["organization"], "fraud-development": ["fraud"]}


class FakeOperation:
    """Says what it was given, one record per look; then it is dead, like a process."""

    def __init__(self, records):
        self.records = list(records)
        self.signals = []

    def read(self):
        return [self.records.pop(0)] if self.records else []

    def is_alive(self):
        return bool(self.records)

    def interrupt(self):
        self.signals.append("interrupt")
        self.records = [Finished(outcome=Outcome(status=Status.INTERRUPTED))]

    def kill(self):
        self.signals.append("kill")
        self.records = []


class Listener:
    def __init__(self):
        self.heard = []

    def started(self, stack):
        self.heard.append(("started", stack))

    def recorded(self, stack, record):
        self.heard.append(("recorded", stack))

    def finished(self, stack, outcome):
        self.heard.append((outcome.status.value, stack))

    def tick(self):
        pass


def ends(status):
    return [Phase(name="updating"), Finished(outcome=Outcome(status=status))]


def runner_of(scripts, graph=GRAPH, **options):
    operations = {stack: FakeOperation(scripts.get(stack, ends(Status.SUCCEEDED))) for stack in graph}
    runner = Runner(graph, limit=4, launch=operations.__getitem__, listener=Listener(), pause=lambda _: None, **options)
    return runner, operations


def test_every_stack_ends_as_its_worker_says():
    runner, _ = runner_of({"churn": ends(Status.UNCHANGED)})
    statuses = {stack: outcome.status for stack, outcome in runner.run().items()}
    assert statuses == {
        "organization": Status.SUCCEEDED,
        "churn": Status.UNCHANGED,
        "fraud": Status.SUCCEEDED,
        "fraud-development": Status.SUCCEEDED,
    }


def test_dependents_of_a_failed_stack_are_skipped_with_the_reason_and_others_finish():
    runner, _ = runner_of({"fraud": ends(Status.FAILED)})
    outcomes = runner.run()
    assert outcomes["churn"].status is Status.SUCCEEDED
    assert outcomes["fraud-development"].status is Status.SKIPPED
    assert outcomes["fraud-development"].held_up_by == "fraud"
    assert ("started", "fraud-development") not in runner.listener.heard


def test_a_worker_that_exits_without_a_result_has_failed():
    runner, _ = runner_of({"organization": [Phase(name="updating")]})
    outcomes = runner.run()
    assert outcomes["organization"].status is Status.FAILED
    held_up = [outcomes[stack] for stack in ("churn", "fraud", "fraud-development")]
    assert {(outcome.status, outcome.held_up_by) for outcome in held_up} == {(Status.SKIPPED, "organization")}


def interrupting(times):
    """A pause in which a person presses Ctrl-C, as soon as the first stack is at work."""
    presses = iter(range(times))

    def pause(_):
        if next(presses, None) is not None:
            runner.interrupt()

    runner, operations = runner_of({"organization": [Phase(name="updating")] * 9})
    runner.pause = pause
    return runner, operations


def test_the_first_interrupt_asks_the_engines_to_stop_and_starts_nothing_more():
    runner, operations = interrupting(1)
    outcomes = runner.run()
    assert operations["organization"].signals == ["interrupt"]
    assert {outcome.status for outcome in outcomes.values()} == {Status.INTERRUPTED}
    assert "not started" in outcomes["fraud"].problems[0].message


def test_the_second_interrupt_kills_the_engines():
    runner, operations = interrupting(2)
    operations["organization"].interrupt = lambda: operations["organization"].signals.append("interrupt")
    outcomes = runner.run()
    assert operations["organization"].signals == ["interrupt", "kill"]
    assert "stopped before it finished" in outcomes["organization"].problems[0].message


def that_cannot_start_fraud(error):
    """A runner to which the start of one stack raises an error."""
    runner, _ = runner_of({})
    launch = runner.launch

    def start(stack):
        if stack == "fraud":
            raise error
        return launch(stack)

    runner.launch = start
    return runner


def test_a_stack_that_may_not_start_ends_the_command_with_what_is_done_and_left():
    runner = that_cannot_start_fraud(NotStartedError("fraud was not started: the credentials end."))
    outcomes = runner.run()
    assert outcomes["organization"].status is Status.SUCCEEDED
    assert outcomes["fraud"].status is Status.FAILED
    (problem,) = outcomes["fraud"].problems
    assert problem.message.startswith("fraud was not started: the credentials end. 1 of 4 stacks done, and saved; ")
    assert problem.message.endswith("To continue, run the same command again.")
    assert outcomes["fraud-development"].held_up_by == "fraud"
    assert ("started", "fraud") not in runner.listener.heard


def test_an_operation_that_is_refused_at_its_start_fails_its_stack_and_the_others_go_on():
    runner = that_cannot_start_fraud(RefusedError("the bucket of states did not take the inputs of the Job"))
    outcomes = runner.run()
    assert outcomes["churn"].status is Status.SUCCEEDED
    assert outcomes["fraud"].status is Status.FAILED
    assert outcomes["fraud"].problems[0].message == "the bucket of states did not take the inputs of the Job"
    assert outcomes["fraud-development"].held_up_by == "fraud"


def with_time_limit(records, *, seconds_between_looks):
    """A runner of one stack with a limit of one minute, whose clock advances with each look at it."""
    seconds = itertools.count(0, seconds_between_looks)
    limit = TimeLimit(minutes=1, clock=lambda: float(next(seconds)))
    runner, operations = runner_of({"fraud": records}, graph={"fraud": []}, time_limit=limit)
    return runner, operations["fraud"]


def test_an_operation_that_exceeds_its_time_is_asked_to_stop_and_has_failed():
    runner, operation = with_time_limit([Phase(name="updating")] * 99, seconds_between_looks=45)
    outcome = runner.run()["fraud"]
    assert operation.signals == ["interrupt"]
    assert outcome.status is Status.FAILED
    assert "stopped after 1 minute" in outcome.problems[0].message
    assert "--time-limit" in outcome.problems[0].message


def test_an_operation_that_does_not_stop_is_killed():
    runner, operation = with_time_limit([Phase(name="updating")] * 999, seconds_between_looks=GRACE_SECONDS / 4)
    operation.interrupt = lambda: operation.signals.append("interrupt")
    outcome = runner.run()["fraud"]
    assert operation.signals == ["interrupt", "kill"]
    assert [problem.message.partition(",")[0] for problem in outcome.problems] == [
        "stopped after 1 minute",
        "the worker process ended without a result; see the log",
    ]


@pytest.mark.parametrize("seconds", [1, 59])
def test_an_operation_that_ends_in_time_ends_as_its_worker_says(seconds):
    runner, operation = with_time_limit(ends(Status.SUCCEEDED), seconds_between_looks=seconds)
    assert runner.run()["fraud"].status is Status.SUCCEEDED
    assert operation.signals == []
