"""Anybody who may read the catalog can follow a run, as its runner shows it."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from rich.console import Console
from rich.live import Live

from selfservice.catalog.change_record import ChangeRecord, ChangeState
from selfservice.catalog.request_steps import StepRecord, StepState
from selfservice.cli.commands.requests.followed_steps import StepPicture, follow
from selfservice.cli.live_progress import LiveProgress

NOW = datetime(2026, 11, 23, 12, 0, 30, tzinfo=UTC)
RECORD = ChangeRecord(
    id="r1", user="ada", requested="", text="{}", state=ChangeState.RUNNING, runner="", lease=0, summary=""
)
SETTINGS = StepRecord(number=1, name="settings", needs=())
FRAUD = StepRecord(number=2, name="stack:fraud", needs=("settings",))
CATALOG = StepRecord(number=3, name="catalog", needs=("settings", "stack:fraud"))
DONE = replace(
    SETTINGS, state=StepState.SUCCEEDED, started="2026-11-23T12:00:00+00:00", ended="2026-11-23T12:00:04+00:00"
)
UPDATING = replace(
    FRAUD, state=StepState.RUNNING, phase="updating", resources="12/34", started="2026-11-23T12:00:04+00:00"
)

Seen = tuple[ChangeRecord, Sequence[StepRecord]]


class Screen:
    """A terminal with the picture that was drawn last on it."""

    def __init__(self) -> None:
        self.stream = io.StringIO()
        live = Live(
            console=Console(file=self.stream, force_terminal=True, width=80, height=20),
            auto_refresh=False,
            transient=True,
        )
        live.start()
        clock = iter(range(0, 1000, 10))
        self.picture = StepPicture(lambda plan: LiveProgress(live, plan, clock=lambda: next(clock)), now=lambda: NOW)

    def draw(self, *steps: StepRecord) -> list[str]:
        self.stream.truncate(0)
        self.stream.seek(0)
        self.picture.show(RECORD, steps)
        text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.stream.getvalue()).replace("\r", "")
        return [re.sub(r" +", " ", line).strip() for line in text.splitlines()]


def test_the_picture_shows_running_steps_first_and_what_waiting_ones_wait_for() -> None:
    drawn = Screen().draw(DONE, UPDATING, CATALOG)
    assert re.fullmatch(r"stack:fraud updating 12/34 \d+ s", drawn[1])
    assert drawn[2:] == [
        "catalog after stack:fraud waiting",
        "settings succeeded 0 4 s",
        "1 of 3 stacks ended, 1 running",
    ]


def test_a_run_that_begins_again_is_drawn_again() -> None:
    screen = Screen()
    failed = replace(UPDATING, state=StepState.FAILED, ended=UPDATING.started, reason="AccessDenied")
    assert "stack:fraud failed 0 0 s" in screen.draw(DONE, failed, replace(CATALOG, state=StepState.SKIPPED))
    again = screen.draw(DONE, FRAUD, CATALOG)
    assert "stack:fraud waiting" in again
    assert not any("failed" in line for line in again)


def test_lines_tell_each_change_once_until_the_request_has_ended() -> None:
    looks: list[Seen] = [
        (replace(RECORD, state=ChangeState.REVIEWED), ()),
        (RECORD, (SETTINGS, FRAUD)),
        (RECORD, (DONE, UPDATING)),
        (RECORD, (DONE, replace(UPDATING, resources="20/34"))),
        (replace(RECORD, state=ChangeState.DONE), (DONE, replace(UPDATING, state=StepState.SUCCEEDED, phase=""))),
    ]
    stream, waits = io.StringIO(), list[float]()
    found = follow(lambda: looks.pop(0), stream, waits.append)
    assert (found.state, len(waits)) == (ChangeState.DONE, 4)
    assert stream.getvalue().splitlines() == [
        "r1: reviewed",
        "r1: running",
        "  1. settings  succeeded  12:00:00-12:00:04",
        "  2. stack:fraud  running (updating 12/34)  12:00:04-",
        "r1: done",
        "  2. stack:fraud  succeeded (12/34)  12:00:04-",
    ]


def test_a_failed_request_ends_the_picture() -> None:
    looks: list[Seen] = [(replace(RECORD, state=ChangeState.FAILED), ())]
    assert follow(lambda: looks.pop(0), io.StringIO(), lambda _: None).state is ChangeState.FAILED
