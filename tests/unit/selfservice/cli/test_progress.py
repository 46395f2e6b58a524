import io
import re

import pytest

from selfservice.cli.progress import PlainProgress
from selfservice.operations.event_log import Phase, Placed, Step, line_of, record_of
from selfservice.operations.operation import Outcome, Problem, Status

BUCKET = Step(urn="urn:pulumi:fraud::plinth::aws:s3/bucket:Bucket::artifacts", step="create", state="done")
DONE = Outcome(status=Status.SUCCEEDED, changes={"create": 1}, resources=2, seconds=3)


@pytest.fixture
def clock():
    return iter_clock([0.0])


def iter_clock(now):
    def clock():
        return now[0]

    clock.advance = lambda seconds: now.__setitem__(0, now[0] + seconds)
    return clock


def lines(stream):
    return [re.sub(r"^\d\d:\d\d:\d\d ", "", line) for line in stream.getvalue().splitlines()]


def play(progress, *records):
    progress.started("fraud")
    for record in records:
        progress.recorded("fraud", record)
        progress.tick()
    progress.finished("fraud", DONE)
    progress.tick()


def test_a_pipe_gets_a_timestamped_line_per_changed_resource_with_the_progress():
    stream = io.StringIO()
    same = Step(urn="urn:pulumi:fraud::plinth::a:b:C::d", step="same", state="done")
    records = [Phase(name="previewing"), BUCKET, same, Phase(name="updating"), same, BUCKET]
    play(PlainProgress(stream, show_preview_steps=False), *records)
    assert re.match(r"\d\d:\d\d:\d\d fraud: ", stream.getvalue())
    assert lines(stream) == [
        "fraud: previewing",
        "fraud: updating",
        "fraud: 2/2 create aws:s3/bucket:Bucket artifacts",
        "fraud: succeeded: 1 created, 3.0 s",
    ]


def test_a_preview_prints_each_step_once():
    stream = io.StringIO()
    play(PlainProgress(stream, show_preview_steps=True), Phase(name="previewing"), BUCKET, BUCKET)
    assert lines(stream)[1:-1] == ["fraud: create aws:s3/bucket:Bucket artifacts"]


def test_drift_and_the_step_that_corrects_it_are_printed():
    stream = io.StringIO()
    drift = Step(urn=BUCKET.urn, step="drift", state="done", detail="does not exist any more")
    play(PlainProgress(stream, show_preview_steps=False), Phase(name="updating"), drift, BUCKET)
    assert lines(stream)[1:-1] == [
        "fraud: drift aws:s3/bucket:Bucket artifacts (does not exist any more)",
        "fraud: create aws:s3/bucket:Bucket artifacts",
    ]


def test_a_silent_operation_prints_a_heartbeat_with_its_progress(clock):
    stream = io.StringIO()
    progress = PlainProgress(stream, show_preview_steps=False, clock=clock)
    progress.started("fraud")
    for record in (Phase(name="previewing"), BUCKET, Phase(name="updating")):
        progress.recorded("fraud", record)
    clock.advance(31)
    progress.tick()
    progress.tick()
    assert lines(stream)[2:] == ["fraud: still updating, 0/1 resources, 31 s"]


def test_a_stack_that_never_started_names_the_one_that_held_it_up():
    stream = io.StringIO()
    PlainProgress(stream, show_preview_steps=False).finished(
        "fraud-data", Outcome(status=Status.SKIPPED, held_up_by="fraud")
    )
    assert lines(stream) == ["fraud-data: skipped: held up by fraud"]


def test_errors_with_one_cause_are_printed_once():
    stream = io.StringIO()
    unreached = [
        Problem(message=f"{what}: dial tcp 127.0.0.1:1: connect: connection refused") for what in ("GetRole", "GetKey")
    ]
    play(PlainProgress(stream, show_preview_steps=False), *unreached, Problem(message="denied"))
    assert lines(stream)[:-1] == [f"fraud: error: {unreached[0].message}", "fraud: error: denied"]


def test_the_place_of_an_operation_is_printed_and_survives_an_event_log():
    stream, placed = io.StringIO(), Placed(place="as a Job of the cluster")
    play(PlainProgress(stream, show_preview_steps=False), record_of(line_of(placed)))
    assert lines(stream)[0] == "fraud: runs as a Job of the cluster"
