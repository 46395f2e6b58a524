"""The run of a request is removed long after the end of the request, and never before it."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from selfservice.catalog.change_record import ChangeState
from selfservice.catalog.change_requests import ChangeRequests
from selfservice.durable.run_lock import run_lock
from selfservice.request_runner.old_runs import KEPT_DAYS, remove_old_runs
from selfservice.request_tables.runner_process import RunnerProcess

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ID = "20260901T120000Z-00000001"
LONG_AGO = NOW - timedelta(days=KEPT_DAYS + 1)


def make(requests: ChangeRequests, folder: Path, state: ChangeState, entered: datetime = LONG_AGO) -> Path:
    """Adds a request that has entered a state, and the folder of its run, which nobody has changed since."""
    requests.add("ada", "{}", id_=ID, now=entered)
    (change,) = requests.open_changes()
    claim = requests.claim(change, RunnerProcess("one.example", 1, "1"), entered)
    assert claim is not None
    requests.enter(claim, state, {}, now=entered, note="x")
    own = folder / ID
    (own / "run").mkdir(parents=True)
    (own / "run" / "workflows.key").write_text("key")
    (own / "project").mkdir()
    _touch(own, LONG_AGO)
    return own


def _touch(own: Path, when: datetime) -> None:
    for path in (*own.rglob("*"), own):
        os.utime(path, (when.timestamp(), when.timestamp()))


@pytest.fixture(autouse=True)
def without_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLINTH_WORKFLOWS_URL", raising=False)


@pytest.mark.parametrize("state", [ChangeState.DONE, ChangeState.REJECTED, ChangeState.EXPIRED, ChangeState.REFUSED])
def test_the_run_of_a_request_that_ended_long_ago_is_removed(
    requests: ChangeRequests, tmp_path: Path, state: ChangeState
) -> None:
    own = make(requests, tmp_path, state)
    assert list(remove_old_runs(tmp_path, requests, NOW)) == [ID]
    assert not own.exists()
    assert requests.record(ID) is not None
    assert list(remove_old_runs(tmp_path, requests, NOW)) == []


@pytest.mark.parametrize("state", [ChangeState.FAILED, ChangeState.RUNNING, ChangeState.REVIEWED])
def test_the_run_of_a_request_that_can_go_on_stays(
    requests: ChangeRequests, tmp_path: Path, state: ChangeState
) -> None:
    own = make(requests, tmp_path, state)
    assert list(remove_old_runs(tmp_path, requests, NOW)) == []
    assert (own / "run" / "workflows.key").exists()


def test_a_run_stays_until_its_request_has_ended_long_ago(requests: ChangeRequests, tmp_path: Path) -> None:
    make(requests, tmp_path, ChangeState.DONE, entered=NOW - timedelta(days=KEPT_DAYS))
    assert list(remove_old_runs(tmp_path, requests, NOW)) == []
    assert list(remove_old_runs(tmp_path, requests, NOW + timedelta(seconds=1))) == [ID]


def test_a_run_that_another_process_works_on_and_one_of_an_unknown_request_stay(
    requests: ChangeRequests, tmp_path: Path
) -> None:
    own = make(requests, tmp_path, ChangeState.DONE)
    (tmp_path / "of-another-table").mkdir()
    _touch(tmp_path / "of-another-table", LONG_AGO)
    with run_lock(ID, own / "run", url=""):
        _touch(own, LONG_AGO)
        assert list(remove_old_runs(tmp_path, requests, NOW)) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == [ID, "of-another-table"]
    assert list(remove_old_runs(tmp_path / "none", requests, NOW)) == []
