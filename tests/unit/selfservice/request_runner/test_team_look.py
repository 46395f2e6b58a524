"""A look at the requests for teams reports each, ends with the worst result, and removes old runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from selfservice.catalog.change_record import ChangeState
from selfservice.errors import ExitCode, RefusedError
from selfservice.request_runner import team_look
from selfservice.request_runner.team_look import TeamLook
from selfservice.requests.run_changes import Handled


class Recorded:
    """An observer that records what it is told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def handled(self, handled: Handled) -> None:
        self.told.append(f"{handled.id} {handled.state}")

    def removed(self, id_: str) -> None:
        self.told.append(f"removed {id_}")

    def refused(self, reason: str) -> None:
        self.told.append(f"refused {reason}")


@pytest.fixture
def observer(monkeypatch: pytest.MonkeyPatch) -> Recorded:
    """The observer of a look that finds a request that fails and another that is done, and an old run."""

    def handle(*given: object, only: str | None) -> Iterator[Handled]:
        for id_, state in (("one", ChangeState.FAILED), ("two", ChangeState.DONE)):
            if only in (None, id_):
                yield Handled(id=id_, user="ada", state=state, note="a note")

    monkeypatch.setattr(team_look, "run_open_changes", handle)
    monkeypatch.setattr(team_look, "remove_old_runs", lambda folder, requests, now: iter([f"old in {folder.name}"]))
    monkeypatch.setattr(team_look, "ChangeRequests", lambda catalog: SimpleNamespace(now=lambda: None))
    monkeypatch.setattr(team_look, "kept", lambda catalog, id_: {})
    monkeypatch.setattr(team_look.RequestHistory, "of", lambda directory: None)
    return Recorded()


def look(observer: Recorded, catalog: object | None = "catalog", only: str | None = None) -> tuple[ExitCode, list[str]]:
    done: list[str] = []
    project = cast(Any, SimpleNamespace(directory=Path("here"), state_directory=Path("here")))
    one = TeamLook(
        project=project,
        catalog=lambda: cast(Any, catalog),
        work=lambda catalog: cast(Any, None),
        observer=cast(Any, observer),
        only=only,
    )
    return one.look(done), done


def test_a_look_reports_each_request_and_fails_if_one_does(observer: Recorded) -> None:
    assert look(observer) == (ExitCode.FAILED, ["one failed a note", "two done a note"])
    assert observer.told == ["one failed", "two done", "removed old in requests"]


def test_a_look_at_one_request_ends_as_that_request(observer: Recorded) -> None:
    assert look(observer, only="two") == (ExitCode.OK, ["two done a note"])


def test_nothing_is_looked_at_without_a_catalog(observer: Recorded) -> None:
    assert look(observer, catalog=None) == (ExitCode.OK, [])
    assert observer.told == []


def test_a_history_that_cannot_be_kept_ends_the_look_and_is_told(
    observer: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(*given: object) -> None:
        raise RefusedError("another history")

    monkeypatch.setattr(team_look.RequestHistory, "of", lambda directory: SimpleNamespace(write=write))
    assert look(observer) == (ExitCode.REFUSED, ["one failed a note"])
    assert observer.told == ["one failed", "refused another history"]
