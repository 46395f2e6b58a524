"""``plinth upgrade --json`` prints one document, whatever happens."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TextIO

import pytest
from click.testing import CliRunner, Result

from selfservice.cli.command import main
from selfservice.cli.commands.team import upgrade as module
from selfservice.errors import ExitCode
from selfservice.operations.operation import Outcome, Problem, Status
from tests.unit.selfservice.upgrades.test_run_upgrades import SAME, Stacks, changing

PREVIEWS: dict[str, Outcome] = {}


@dataclass(kw_only=True)
class Deployment(Stacks):
    """Stacks whose previews are those of the test."""

    project: Any
    prepared: Any
    jobs: int | None
    stream: TextIO

    def preview_unless_unchanged(self, stacks: Sequence[str]) -> Mapping[str, Outcome]:
        return dict.fromkeys(stacks, SAME)

    def preview(self, stacks: Sequence[str]) -> Mapping[str, Outcome]:
        print("the progress", file=self.stream)
        return {stack: PREVIEWS[stack] for stack in stacks}

    def recorded(self, team: str) -> str:
        return "0.0.1" if team == "fraud" else ""


@pytest.fixture(autouse=True)
def _without_an_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "_Deployment", Deployment)
    monkeypatch.setattr(
        module, "open_project", lambda _: SimpleNamespace(directory=tmp_path, graph={"fraud": [], "churn": []})
    )
    monkeypatch.setattr(module, "require_engine", lambda _: None)
    monkeypatch.setattr(module, "_stacks_of_teams", lambda _, teams: {team: [team] for team in teams})


def run(*arguments: str, **previews: Outcome) -> Result:
    PREVIEWS.clear()
    PREVIEWS.update(previews)
    teams = [part for team in previews for part in ("--team", team)]
    return CliRunner().invoke(main, ["upgrade", "--json", "--yes", *teams, *arguments])


def test_the_document_says_what_was_due_and_what_was_done() -> None:
    result = run(fraud=changing("fraud"), churn=SAME)
    assert result.exit_code == ExitCode.OK
    found = json.loads(result.stdout)
    assert (found["exit_code"], found["installed"]) == (ExitCode.OK, version("plinth"))
    fraud, churn = found["teams"]["fraud"], found["teams"]["churn"]
    assert (fraud["recorded"], fraud["due"], fraud["changes"], fraud["upgraded"]) == (
        "0.0.1",
        True,
        {"update": 1},
        True,
    )
    assert fraud["stacks"]["fraud"]["differences"][0]["urn"] == "urn:fraud"
    assert (churn["recorded"], churn["due"], churn["upgraded"], churn["fault"]) == (None, False, False, None)
    assert "the progress" in result.stderr
    assert "fraud: upgraded" in result.stderr


def test_a_dry_run_upgrades_nothing() -> None:
    found = json.loads(run("--dry-run", fraud=changing("fraud")).stdout)
    assert (found["teams"]["fraud"]["due"], found["teams"]["fraud"]["upgraded"]) == (True, False)


def test_a_refusal_is_in_the_document_and_in_the_exit_code() -> None:
    refused = Outcome(status=Status.REFUSED, problems=(Problem(message="no public buckets", rule="S3-01"),))
    result = run(fraud=refused, churn=changing("churn"))
    assert result.exit_code == ExitCode.REFUSED
    found = json.loads(result.stdout)
    assert found["exit_code"] == ExitCode.REFUSED
    assert found["teams"]["fraud"]["refusals"] == ["fraud: no public buckets"]
    assert not any(team["upgraded"] for team in found["teams"].values())


def test_the_team_at_which_an_upgrade_stopped_has_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = Outcome(status=Status.FAILED)
    monkeypatch.setattr(Deployment, "update", lambda _, stacks, approved: dict.fromkeys(stacks, failed))
    result = run(fraud=changing("fraud"), churn=changing("churn"))
    assert result.exit_code == ExitCode.FAILED
    teams = json.loads(result.stdout)["teams"]
    assert (teams["fraud"]["fault"], teams["fraud"]["upgraded"]) == ("fraud failed", False)
    assert (teams["churn"]["fault"], teams["churn"]["upgraded"]) == (None, False)
