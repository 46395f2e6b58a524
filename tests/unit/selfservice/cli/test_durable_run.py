"""The run of a request that another process still works on has not failed."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from selfservice.catalog.change_record import ChangeRecord
from selfservice.changes.run_plan import PlanExecutor
from selfservice.cli.commands.requests import durable_run
from selfservice.durable.run_lock import run_lock


@pytest.mark.threat("T-09")
def test_a_locked_run_is_left_to_a_later_runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "requests" / "more-people" / "run"
    folder.mkdir(parents=True)
    project = SimpleNamespace(state_directory=tmp_path)
    monkeypatch.setattr(durable_run, "open_project", lambda directory: project)
    record, executor = cast(ChangeRecord, SimpleNamespace(id="more-people")), cast(PlanExecutor, None)
    with (
        run_lock("more-people", folder, url=""),
        pytest.raises(durable_run.InterruptedRunError, match=r"more-people: another process .* later to continue it"),
    ):
        durable_run.run_durably(tmp_path, record, "digest", [], executor)
