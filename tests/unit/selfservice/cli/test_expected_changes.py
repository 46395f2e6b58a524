"""`up` and `destroy` say what they would change before they ask."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from selfservice.cli import operate
from selfservice.cli.confirmation import changes_of_destruction, changes_of_update
from selfservice.errors import BadInputError, ExitCode
from selfservice.operations.operation import Action, Difference, Outcome, Status
from selfservice.projects.project import open_project
from selfservice.runner.selection import Selection
from tests.support.workbench import REPOSITORY

ROLE, KEY = (f"urn:pulumi:s::plinth::aws:{name}" for name in ("iam/role:Role::role", "kms/key:Key::key"))
REMOVED = (Difference(urn=ROLE, step="delete"), Difference(urn=KEY, step="replace"))
CHANGED = Outcome(
    status=Status.SUCCEEDED, changes={"create": 2, "import": 1, "update": 3, "replace": 1, "delete": 1},
    differences=REMOVED,
)  # fmt: skip
REFUSED = Outcome(status=Status.REFUSED)


def test_the_counts_of_an_update_tell_replacements_apart_and_name_what_is_removed() -> None:
    unchanged = Outcome(status=Status.UNCHANGED)
    assert changes_of_update({"fraud": CHANGED, "churn": unchanged}) == [
        "would be: 3 created, 3 changed, 1 replaced, 1 deleted",
        "  delete fraud: aws:iam/role:Role role",
        "  replace fraud: aws:kms/key:Key key",
    ]
    assert changes_of_update({"churn": unchanged}) == ["nothing would change"]


def test_a_long_list_of_removals_is_cut() -> None:
    many = Outcome(
        status=Status.SUCCEEDED,
        differences=tuple(Difference(urn=f"{ROLE}{number}", step="delete") for number in range(25)),
    )
    assert changes_of_update({"fraud": many})[-1] == "  and 5 more, which `plinth preview --diff` lists"


def test_a_destruction_counts_the_resources_of_each_stack_without_those_of_the_engine() -> None:
    types = ("pulumi:pulumi:Stack", "pulumi:providers:aws", "aws:iam/role:Role", "plinth:x:Y")
    state = [{"type": type_} for type_ in types]
    assert changes_of_destruction({"fraud": state, "churn": []}) == ["would be deleted: 2 resources", "  fraud: 2"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def updated(
    monkeypatch: pytest.MonkeyPatch, outcome: Outcome, stdin: io.StringIO, *, confirmed: bool = False
) -> tuple[list[Action], Any]:
    """Runs `plinth up` on a stack with that outcome. Returns the actions that ran, and the report or the refusal."""
    ran: list[Action] = []

    def run(project: Any, options: Any, *others: Any) -> Any:
        ran.append(options.action)
        return SimpleNamespace(outcomes={"fraud-production": outcome}, seconds=1.0, logs=Path("logs"))

    for name, answer in {
        "open_project": lambda directory: open_project(REPOSITORY),
        "require_engine": lambda directory: None,
        "run_operations": run,
        "undeployed_needs": lambda project, stacks: [],
        "refuse_undeployable": lambda project, stacks: None,
        "runs_this_program": lambda directory: False,
    }.items():
        monkeypatch.setattr(operate, name, answer)
    prepared = SimpleNamespace(prepare=lambda *_: None, close=lambda: None)
    monkeypatch.setattr(operate, "PreparedProcess", lambda: prepared)
    monkeypatch.setattr(sys, "stdin", stdin)
    request = operate.Request(
        action=Action.UP, selection=Selection(stacks=("fraud-production",)), refresh=True, parallel=1, jobs=1,
        as_json=False, confirmed=confirmed,
    )  # fmt: skip
    try:
        return ran, operate.operate_with_report(REPOSITORY, request)
    except BadInputError as error:
        return ran, error


@pytest.mark.parametrize(("said", "runs"), [("y", [Action.PREVIEW, Action.UP]), ("n", [Action.PREVIEW])])
def test_an_update_on_a_terminal_previews_and_asks_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], said: str, runs: list[Action]
) -> None:
    ran, _ = updated(monkeypatch, CHANGED, Terminal(f"{said}\n"))
    assert ran == runs
    asked = capsys.readouterr().err
    assert asked.index("would be: 3 created, 3 changed, 1 replaced, 1 deleted") < asked.index("Continue?")
    assert asked.count("Continue?") == 1


@pytest.mark.parametrize(("stdin", "confirmed"), [(Terminal(), True), (io.StringIO(), False)])
def test_an_update_that_nobody_is_asked_about_previews_only_as_part_of_itself(
    monkeypatch: pytest.MonkeyPatch, stdin: io.StringIO, *, confirmed: bool
) -> None:
    ran, report = updated(monkeypatch, CHANGED, stdin, confirmed=confirmed)
    assert (ran, report.exit_code) == ([Action.UP], ExitCode.OK)


def test_an_update_whose_preview_is_refused_asks_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran, report = updated(monkeypatch, REFUSED, Terminal("y\n"))
    assert (ran, report.exit_code) == ([Action.PREVIEW], ExitCode.REFUSED)
    said = capsys.readouterr().err
    assert "Nothing was changed." in said
    assert "Continue?" not in said
