"""Everybody sees the same open requests, and asks for a removal once."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from selfservice.catalog.change_requests import ChangeRequests
from selfservice.cli.command import main
from selfservice.errors import ExitCode, RefusedError
from selfservice.people.submission import refuse_repeated
from selfservice.projects import project as projects
from selfservice.request_runner import deployed_tables
from selfservice.request_runner.team_look import TeamLook
from selfservice.requests.kinds.decommission import DecommissionRequest
from selfservice.requests.open_requests import open_requests
from tests.support.workbench import REPOSITORY
from tests.unit.selfservice.requests.work import ID, NOW, Work, run

DECOMMISSION = DecommissionRequest(action="decommission", team="fraud", confirm="fraud", reason="it has ended")


def test_a_second_equal_decommission_is_refused_while_the_first_is_open(requests: ChangeRequests) -> None:
    refuse_repeated(requests, DECOMMISSION)
    requests.add("ada", DECOMMISSION.text, id_=ID, now=NOW)
    other = DecommissionRequest(action="decommission", team="churn", confirm="churn", reason="it has ended")
    refuse_repeated(requests, other)
    named = rf"the team fraud is requested already: {ID} \(decommission fraud, requested by ada, pending\)"
    with pytest.raises(RefusedError, match=named):
        refuse_repeated(requests, DECOMMISSION)
    run(requests, Work(refusals=["data is shared"]))
    refuse_repeated(requests, DECOMMISSION)


def test_open_requests_of_a_team_leave_out_others_and_what_cannot_be_read(requests: ChangeRequests) -> None:
    texts = (DECOMMISSION.text, "{", '{"action":"change","team":"churn","monthly_budget_usd":7000}')
    for number, text in enumerate(texts):
        requests.add("ada", text, id_=f"{ID[:-1]}{number}", now=NOW)
    assert [open_request.id for open_request in open_requests(requests, "fraud")] == [f"{ID[:-1]}0"]


def test_the_list_has_what_a_run_looks_at(requests: ChangeRequests, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projects, "require_engine", lambda directory: None)
    monkeypatch.setattr(deployed_tables, "deployed_catalog", lambda project: requests.items)
    empty = SimpleNamespace(all_requests=lambda teams: [])
    monkeypatch.setattr(deployed_tables, "deployed_request_table", lambda project: empty)

    def listed(*options: str) -> Any:
        done = CliRunner().invoke(main, ["--cwd", str(REPOSITORY), "requests", "list", *options])
        assert done.exit_code == ExitCode.OK, done.output
        return done.stdout

    assert listed() == "There are none.\n"
    requests.add("ada", DECOMMISSION.text, id_=ID, now=NOW)
    assert listed() == f"{ID}  pending  decommission fraud  ada\n"
    (found,) = json.loads(listed("--json"))["team_requests"]
    assert (found["id"], found["state"]) == (ID, "pending")


def test_a_run_says_that_nothing_is_open_only_if_nothing_is(
    requests: ChangeRequests, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(projects, "require_engine", lambda directory: None)
    monkeypatch.setattr(deployed_tables, "deployed_catalog", lambda project: requests.items)
    monkeypatch.setattr(deployed_tables, "deployed_request_table", lambda project: None)
    monkeypatch.setattr(TeamLook, "look", lambda self, done: ExitCode.OK)

    def said() -> str:
        return CliRunner().invoke(main, ["--cwd", str(REPOSITORY), "requests", "run"]).stdout

    assert said() == "There are no open requests.\n"
    requests.add("ada", DECOMMISSION.text, id_=ID, now=NOW)
    assert said() == ""
