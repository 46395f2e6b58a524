import io
import re

import pytest
from rich.console import Console
from rich.live import Live

from selfservice.cli.live_progress import LiveProgress
from selfservice.operations.event_log import Notice, Phase
from selfservice.operations.operation import Outcome, Status
from selfservice.runner.session import Plan

DONE = Outcome(status=Status.SUCCEEDED, changes={"create": 1}, resources=2, seconds=3)
FAILED = Outcome(status=Status.FAILED, seconds=3)
STACKS = [f"team-{number:02d}-experimentation-studio" for number in range(32)]
WINDOWS = pytest.mark.parametrize(("width", "height"), [(80, 30), (60, 20), (20, 5)])


class Screen:
    """A terminal of a given size, and the picture that was drawn last on it."""

    def __init__(self, width, height, stacks=STACKS, durations=None, jobs=4):
        self.stream = io.StringIO()
        self.console = Console(file=self.stream, force_terminal=True, width=width, height=height)
        self.now = 0.0
        live = Live(console=self.console, auto_refresh=False, transient=True)
        live.start()
        graph = stacks if isinstance(stacks, dict) else dict.fromkeys(stacks, ())
        plan = Plan(graph=graph, jobs=jobs, durations=durations or {})
        self.progress = LiveProgress(live, plan, clock=lambda: self.now)

    def draw(self):
        self.now += 1
        self.stream.truncate(0)
        self.stream.seek(0)
        self.progress.tick()
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.stream.getvalue()).replace("\r", "").splitlines()


@WINDOWS
def test_the_picture_fits_the_terminal_at_every_moment_of_a_run(width, height):
    screen = Screen(width, height)
    started = iter(STACKS)
    running = []
    while len(running) < 4:
        running.append(next(started))
        screen.progress.started(running[-1])
    while running:
        drawn = screen.draw()
        assert max(map(len, drawn)) <= width
        assert len(drawn) < height
        names = [line.split()[0].rstrip("…") for line in drawn[1:-1]]
        assert all(stack.startswith(name) for stack, name in zip(running, names, strict=False))
        screen.progress.finished(running.pop(0), DONE)
        for stack in started:
            running.append(stack)
            screen.progress.started(stack)
            break


def test_running_stacks_come_first_then_failed_then_waiting_then_ended_ones():
    screen = Screen(80, 30, ["audit", "churn", "fraud", "network", "tooling"])
    for stack, outcome in {"churn": FAILED, "network": Outcome(status=Status.SKIPPED, held_up_by="churn")}.items():
        screen.progress.finished(stack, outcome)
    screen.progress.finished("audit", DONE)
    screen.progress.started("tooling")
    screen.progress.recorded("tooling", Phase(name="updating"))
    rows = [line.split()[:2] for line in screen.draw()[1:-1]]
    assert rows == [
        ["tooling", "updating"],
        ["churn", "failed"],
        ["fraud", "waiting"],
        ["audit", "succeeded"],
        ["network", "skipped"],
    ]


def test_on_a_wide_terminal_the_state_stays_near_the_name():
    screen = Screen(200, 50)
    screen.progress.started(STACKS[0])
    assert max(map(len, screen.draw())) <= 100


def test_one_line_counts_all_stacks():
    screen = Screen(60, 20)
    screen.progress.finished(STACKS[0], DONE)
    screen.progress.finished(STACKS[1], FAILED)
    screen.progress.finished(STACKS[2], Outcome(status=Status.SKIPPED, held_up_by=STACKS[1]))
    screen.progress.started(STACKS[3])
    assert screen.draw()[-1] == "3 of 32 stacks ended, 1 running, 1 failed, 1 held up"


def test_the_remaining_time_follows_from_earlier_durations_and_is_not_guessed():
    known = dict.fromkeys(STACKS, 60.0)
    screen = Screen(80, 30, durations=known)
    screen.progress.started(STACKS[0])
    assert screen.draw()[-1].endswith("; about 8 min left")
    for stack in STACKS[:29]:
        screen.progress.finished(stack, DONE)
    screen.now = 30.0
    screen.progress.started(STACKS[29])
    screen.now = 60.0
    assert screen.draw()[-1].endswith("; about 1 min left")
    del known[STACKS[31]]
    unknown = Screen(80, 30, durations=known)
    assert "left" not in unknown.draw()[-1]


def test_a_notice_is_printed_above_the_picture():
    screen = Screen(80, 30)
    screen.progress.started(STACKS[0])
    screen.stream.truncate(0)
    screen.progress.recorded(STACKS[0], Notice(message="waiting for process 1"))
    assert f"{STACKS[0]}: waiting for process 1" in screen.stream.getvalue()


def test_a_waiting_stack_is_shown_with_those_that_it_waits_for():
    graph = {"fraud": ["network"], "fraud-production": ["fraud", "network"], "network": []}
    screen = Screen(80, 30, graph)
    screen.progress.started("network")
    assert [line.split("  ")[0] for line in screen.draw()[2:-1]] == [
        "fraud after network",
        "fraud-production after fraud, network",
    ]
    screen.progress.finished("network", DONE)
    screen.progress.started("fraud")
    assert screen.draw()[2].split("  ")[0] == "fraud-production after fraud"
