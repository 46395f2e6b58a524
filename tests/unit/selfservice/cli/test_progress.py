import io
import re

import pytest
from rich.console import Console
from rich.live import Live

from selfservice.cli.progress import LiveProgress, PlainProgress
from selfservice.runner.event_log import Notice, Phase, Step
from selfservice.runner.operation import Outcome, Status

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


def test_a_terminal_shows_every_stack_with_its_state_and_progress():
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=100)
    with Live(console=console, auto_refresh=False) as live:
        progress = LiveProgress(live, {"fraud": (), "churn": ()})
        play(progress, Phase(name="previewing"), BUCKET, Phase(name="updating"), Notice(message="a word"), BUCKET)
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.getvalue())
    assert re.search(r"churn +waiting", shown)
    assert "fraud: a word" in shown
    assert re.search(r"fraud +succeeded +2 +3 s", shown)


def test_a_small_terminal_shows_running_stacks_recently_ended_ones_and_the_number_that_wait():
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=100, height=8)
    stacks = [f"team-{number}" for number in range(1000)]
    with Live(console=console, auto_refresh=False) as live:
        progress = LiveProgress(live, dict.fromkeys(stacks, ()))
        for stack in stacks[:20]:
            progress.started(stack)
            progress.finished(stack, DONE)
        progress.started("team-20")
        progress.tick()
    drawn = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.getvalue()).replace("\r", "").rpartition("stack  ")[2]
    assert re.findall(r"^team-\d+ +\w+", drawn, re.MULTILINE) == [
        *(f"team-{number}  succeeded" for number in (16, 17, 18, 19)),
        "team-20  starting",
    ]
    assert "20 of 1000 stacks ended, 979 are waiting" in drawn
