"""A runner refuses requests for teams that contradict others, and chooses where the operations of a request run."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from selfservice.catalog.change_record import ChangeState
from selfservice.catalog.change_requests import ChangeRequests
from selfservice.catalog.items import CatalogItems
from selfservice.catalog.team_records import TeamRecords
from selfservice.changes.team_record import team_record
from selfservice.clusters import launcher
from selfservice.clusters.placed_workers import PlacedWorkers
from selfservice.errors import BadInputError, RefusedError
from selfservice.projects.project import Project
from selfservice.request_runner import work
from selfservice.request_runner.work import RunnerWork
from selfservice.request_tables.runner_process import RunnerProcess
from selfservice.requests.kinds.team import TeamRequest
from selfservice.requests.kinds.team_files import ExistingTeamError
from settings.derived.foundation import Foundation
from settings.files.loader import load
from tests.support.silent_display import SILENT
from tests.support.workbench import REPOSITORY
from tests.unit.selfservice.changes.test_settings_change import CLAIMS

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
OLDER, NEWER = "20261123T120000Z-00000001", "20261123T120000Z-00000002"
RUNNER = RunnerProcess("one.example", 1, "1")


@pytest.fixture(scope="module")
def foundation() -> Foundation:
    return load(REPOSITORY)


@pytest.fixture(autouse=True)
def reviews(monkeypatch: pytest.MonkeyPatch, foundation: Foundation) -> list[str]:
    """The teams whose requests got as far as their previews."""
    found: list[str] = []

    def review(directory: Path, request: TeamRequest, folder: Path, *others: object, **more: object) -> None:
        if request.team in foundation.teams:
            raise ExistingTeamError(request.team, str(foundation.teams[request.team].owner), ["cost_centre"])
        found.append(request.team)

    monkeypatch.setattr("selfservice.requests.kinds.request.review_change", review)
    monkeypatch.setattr(RunnerWork, "_recycled", lambda self: [])
    monkeypatch.setattr(RunnerWork, "_folder", lambda self, id_: Path(id_))
    return found


def other(**changes: object) -> TeamRequest:
    return TeamRequest.model_validate({**CLAIMS.model_dump(mode="json"), **changes})


def ask(requests: ChangeRequests, wanted: TeamRequest, id_: str, state: ChangeState | None = None) -> None:
    """Adds a request, which a runner has brought to a state."""
    requests.add("ada", wanted.text, id_=id_, now=NOW)
    if state is not None:
        (change,) = (open_change for open_change in requests.open_changes() if open_change.id == id_)
        claim = requests.claim(change, RUNNER, NOW)
        assert claim is not None
        requests.enter(claim, state, {}, now=NOW, note="x")


@pytest.mark.parametrize("state", [None, ChangeState.REVIEWING, ChangeState.REVIEWED, ChangeState.RUNNING])
def test_a_second_request_for_a_new_team_names_the_first_one(
    requests: ChangeRequests, reviews: list[str], state: ChangeState | None
) -> None:
    ask(requests, CLAIMS, OLDER, state)
    ask(requests, other(monthly_budget_usd=1), NEWER)
    runner = RunnerWork(Path(), requests.items, SILENT)
    with pytest.raises(RefusedError, match=f"another request creates the team claims already: {OLDER}. Wait until"):
        runner.review(NEWER, other(monthly_budget_usd=1))
    runner.review(OLDER, CLAIMS)
    assert reviews == ["claims"], "the first one is not refused too"


def test_an_older_request_does_not_overtake_one_whose_review_is_complete(requests: ChangeRequests) -> None:
    ask(requests, CLAIMS, NEWER, ChangeState.REVIEWED)
    ask(requests, CLAIMS, OLDER)
    with pytest.raises(RefusedError, match=f"already: {NEWER}"):
        RunnerWork(Path(), requests.items, SILENT).review(OLDER, CLAIMS)


@pytest.mark.parametrize("state", [ChangeState.FAILED, ChangeState.REJECTED, ChangeState.EXPIRED])
def test_a_request_that_failed_or_ended_creates_no_team(
    requests: ChangeRequests, reviews: list[str], state: ChangeState
) -> None:
    ask(requests, CLAIMS, OLDER, state)
    ask(requests, CLAIMS, NEWER)
    RunnerWork(Path(), requests.items, SILENT).review(NEWER, CLAIMS)
    assert reviews == ["claims"]


def test_requests_for_other_teams_and_changes_do_not_count(requests: ChangeRequests, reviews: list[str]) -> None:
    ask(requests, other(team="pricing"), OLDER)
    ask(requests, TeamRequest(action="change", team="claims", monthly_budget_usd=1), OLDER[:-1] + "0")
    RunnerWork(Path(), requests.items, SILENT).review(NEWER, CLAIMS)
    assert reviews == ["claims"]


@pytest.mark.requirement("GOV-07.d")
def test_the_refusal_of_an_existing_team_names_its_state_and_its_owner(
    items: CatalogItems, foundation: Foundation
) -> None:
    runner, wanted = RunnerWork(Path(), items, SILENT), other(team="fraud")
    owner = foundation.teams["fraud"].owner
    with pytest.raises(BadInputError, match=f"its state is: in the settings, and its owner is {owner}"):
        runner.review(NEWER, wanted)
    TeamRecords(items).update("fraud", lambda _: team_record(foundation, "fraud", {}, request=OLDER, now=NOW))
    with pytest.raises(BadInputError, match=f"its state is: incomplete: no accounts, and its owner is {owner}"):
        runner.review(NEWER, wanted)


@pytest.mark.parametrize("remote", [False, True])
def test_operations_are_placed_only_with_remote_and_the_inputs_of_jobs_deleted_at_the_end(
    monkeypatch: pytest.MonkeyPatch, items: CatalogItems, *, remote: bool
) -> None:
    happened: list[str] = []
    jobs = SimpleNamespace(limit=3, clean_up=lambda notify: happened.append("cleaned up"))

    def launcher_for(project: Project, stacks: tuple[str, ...]) -> object:
        assert not stacks, "places are chosen as operations start"
        return jobs

    def run(*arguments: Any) -> SimpleNamespace:
        placed = arguments[-1]
        assert (placed is None) is not remote
        assert not remote or (isinstance(placed, PlacedWorkers) and placed.limit > 3)
        happened.append("ran")
        return SimpleNamespace(outcomes={})

    monkeypatch.setattr(launcher, "launcher_for", launcher_for)
    monkeypatch.setattr(work, "run_operations", run)
    monkeypatch.setattr(work, "open_project", lambda directory: None)
    runner = RunnerWork(Path(), items, SILENT, remote=remote)
    assert runner._previewed(cast(Project, None), []) == {}
    assert happened == (["ran", "cleaned up"] if remote else ["ran"])
