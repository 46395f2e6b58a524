"""The run of a request that another process still works on has not failed."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from selfservice.catalog.change_record import ChangeRecord
from selfservice.catalog.items import CatalogItems
from selfservice.catalog.request_steps import RequestSteps
from selfservice.changes.plan import plan
from selfservice.changes.run_plan import PlanExecutor
from selfservice.durable.run_lock import run_lock
from selfservice.request_runner import durable_run
from tests.support.silent_display import SILENT


@pytest.mark.threat("T-09")
def test_a_locked_run_is_left_to_a_later_runner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, items: CatalogItems
) -> None:
    folder = tmp_path / "requests" / "more-people" / "run"
    folder.mkdir(parents=True)
    project = SimpleNamespace(state_directory=tmp_path)
    monkeypatch.setattr(durable_run, "open_project", lambda directory: project)
    record, executor = cast(ChangeRecord, SimpleNamespace(id="more-people")), cast(PlanExecutor, None)
    with (
        run_lock("more-people", folder, url=""),
        pytest.raises(durable_run.InterruptedRunError, match=r"more-people: another process .* later to continue it"),
    ):
        durable_run.run_durably(
            tmp_path,
            record,
            "digest",
            [],
            executor,
            RequestSteps(items=items, request="more-people"),
            SILENT.listening,
            lambda results: str(results),
        )


def test_the_picture_of_a_run_has_the_stacks_of_the_plan_with_those_that_they_wait_for() -> None:
    graph = {"fraud": [], "fraud-preproduction": ["fraud"], "fraud-production": ["fraud"]}
    steps = plan(graph, {"fraud-production": "fraud-preproduction"}, list(graph), {})
    shown = durable_run.graph_of(steps)
    assert shown == graph | {"fraud-production": ["fraud", "fraud-preproduction"]}
