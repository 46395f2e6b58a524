"""A runner looks once, until nothing is due, or until somebody interrupts it, and exits with the worst result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest

from selfservice.errors import ExitCode, RefusedError
from selfservice.request_runner.looks import Looks
from selfservice.request_runner.team_look import TeamLook
from selfservice.request_runner.use_case_look import UseCaseLook
from selfservice.settings_repository.publisher import Publisher


class StoppedError(Exception):
    """Ends a runner that would look for ever."""


class Look:
    """A look that finds something prepared each time, and nothing after that."""

    def __init__(self, happened: list[str], name: str, *found: tuple[ExitCode, list[str]]) -> None:
        self._happened, self._name = happened, name
        self._found: Iterator[tuple[ExitCode, list[str]]] = iter(found)

    def look(self, done: list[str]) -> ExitCode:
        self._happened.append(self._name)
        status, new = next(self._found, (ExitCode.OK, []))
        done.extend(new)
        return status


class Exchange:
    """A publisher that refuses some calls, and an observer that records what it is told."""

    def __init__(self, happened: list[str], *refused: str) -> None:
        self._happened, self._refused = happened, refused

    def receive(self) -> None:
        self._call("receive")

    def finish(self) -> None:
        self._call("finish")

    def refused(self, reason: str) -> None:
        self._happened.append(f"told {reason}")

    def _call(self, name: str) -> None:
        self._happened.append(name)
        if name in self._refused:
            raise RefusedError(f"no {name}")


def looks(happened: list[str], teams: Look, use_cases: Look | None = None, *refused: str, **options: Any) -> Looks:
    exchange = cast(Any, Exchange(happened, *refused))
    publisher = cast(Publisher, exchange)
    return Looks(
        teams=cast(TeamLook, teams),
        use_cases=cast("UseCaseLook | None", use_cases),
        observer=exchange,
        publisher=publisher,
        **options,
    )


def test_a_look_receives_works_and_publishes_in_this_order() -> None:
    happened: list[str] = []
    found = Look(happened, "teams", (ExitCode.FAILED, ["a"]), (ExitCode.OK, ["b"]))
    created = Look(happened, "use cases", (ExitCode.OK, ["c"]))
    assert looks(happened, found, created).run() is ExitCode.FAILED
    assert happened == ["receive", "teams", "use cases", "finish"]


@pytest.mark.parametrize(
    ("refused", "expected"),
    [
        ("receive", ["receive", "told no receive", "use cases", "finish"]),
        ("finish", ["receive", "teams", "use cases", "finish", "told no finish"]),
    ],
)
def test_what_cannot_be_received_or_published_is_told_and_refused(refused: str, expected: list[str]) -> None:
    happened: list[str] = []
    run = looks(happened, Look(happened, "teams"), Look(happened, "use cases"), refused)
    assert run.run() is ExitCode.REFUSED
    assert happened == expected


def test_a_drain_looks_until_a_look_repeats_what_waits_for_somebody() -> None:
    happened: list[str] = []
    ok = ExitCode.OK
    found = Look(happened, "teams", (ExitCode.FAILED, ["a failed"]), (ok, ["b waits"]), (ok, ["b waits"]), (ok, ["c"]))
    assert looks(happened, found, drain=True).run() is ExitCode.FAILED
    assert happened.count("teams") == 3


def test_a_watching_runner_waits_between_looks_unless_it_drains_what_is_due() -> None:
    happened: list[str] = []

    def pause(seconds: float) -> None:
        happened.append(f"paused {seconds}")
        if happened.count("paused 7") == 2:
            raise StoppedError

    found = Look(happened, "teams", (ExitCode.OK, ["a"]), (ExitCode.OK, []))
    with pytest.raises(StoppedError):
        looks(happened, found, drain=True, every_seconds=7, pause=pause).run()
    kept = [event for event in happened if event == "teams" or event.startswith("paused")]
    assert kept == ["teams", "teams", "paused 7", "teams", "paused 7"]
