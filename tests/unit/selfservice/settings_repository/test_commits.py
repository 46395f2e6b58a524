"""With ``--commit``, a runner commits the settings that a request has changed, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from selfservice.errors import BadInputError, ExitCode, RefusedError
from selfservice.projects import project as projects
from selfservice.request_runner import deployed_tables, use_case_look
from selfservice.requests.kinds.use_case_content import UseCaseRequest
from selfservice.requests.record import OpenRequest, Result, State
from selfservice.requests.request_table import RequestTable
from selfservice.settings_repository.commits import SettingsRepository
from selfservice.use_cases import permission
from selfservice.use_cases.creation import Surface
from tests.support.git import commit_as_runner, git
from tests.unit.selfservice.authoring.test_new_files import create, plinth, project, team_file, with_team  # noqa: F401
from tests.unit.selfservice.requests.test_request_table import ID, add


@pytest.fixture
def repository(with_team: Path, monkeypatch: pytest.MonkeyPatch) -> Path:  # noqa: F811
    """A project whose files are committed, and a file that somebody has staged."""
    commit_as_runner(monkeypatch)
    git(with_team, "init", "--quiet")
    git(with_team, "add", ".")
    git(with_team, "commit", "--quiet", "--message", "Found the organization")
    (with_team / "notes.md").write_text("not yet\n")
    git(with_team, "add", "notes.md")
    return with_team


def create_as_engine_does(directory: Path, name: str) -> None:
    """Adds the use case to its team, and the file of its stack, as the engine does at the first deployment."""
    create(directory, name)
    team_file(directory).with_name(f"Pulumi.fraud--{name}.yaml").write_text("encryptionsalt: v1:salt\n")


def test_the_commit_contains_the_files_of_the_use_case_alone(repository: Path) -> None:
    settings = SettingsRepository.of(repository)
    create_as_engine_does(repository, "card-risk")
    made = settings.commit("fraud", "card-risk", f"Requested by grace as {ID}.")
    assert made == git(repository, "rev-parse", "HEAD")
    assert git(repository, "log", "-1", "--format=%B") == (
        f"Add the use case fraud--card-risk\n\nRequested by grace as {ID}."
    )
    folder = team_file(repository).parent.relative_to(repository)
    changed = git(repository, "show", "--name-status", "--format=", "HEAD").splitlines()
    assert changed == [f"A\t{folder}/Pulumi.fraud--card-risk.yaml", f"M\t{folder}/Pulumi.fraud.yaml"]
    assert git(repository, "status", "--porcelain") == "A  notes.md"
    assert settings.commit("fraud", "card-risk", "again") is None


def test_a_commit_that_git_refuses_names_the_files(repository: Path) -> None:
    hook = repository / ".git" / "hooks" / "pre-commit"
    hook.write_text("#!/bin/sh\necho 'not on Sundays' >&2\nexit 1\n")
    hook.chmod(0o755)
    create(repository, "card-risk")
    with pytest.raises(RefusedError, match=r"Pulumi\.fraud\.yaml could not be committed: not on Sundays"):
        SettingsRepository.of(repository).commit("fraud", "card-risk", "x")


def test_settings_outside_a_repository_are_refused_before_anything_is_created(with_team: Path) -> None:  # noqa: F811
    with pytest.raises(BadInputError, match="in no git repository"):
        SettingsRepository.of(with_team)


@pytest.mark.parametrize(("options", "subject"), [(["--commit"], "Add the use case fraud--card-risk"), ([], "Found")])
@pytest.mark.parametrize("state", [State.DONE, State.FAILED])
def test_the_command_commits_if_it_is_told_to(
    repository: Path, table: RequestTable, monkeypatch: pytest.MonkeyPatch, options: list[str], subject: str, state: Any
) -> None:
    def created(directory: Path, _surface: Surface, _: OpenRequest, request: UseCaseRequest) -> Result:
        create_as_engine_does(directory, request.name)
        return Result(state=state)

    monkeypatch.setattr(use_case_look, "create_requested", created)
    monkeypatch.setattr(deployed_tables, "deployed_request_table", lambda _: table)
    monkeypatch.setattr(deployed_tables, "deployed_catalog", lambda _: None)
    monkeypatch.setattr(projects, "require_engine", lambda _: None)
    monkeypatch.setattr(permission, "refuse_denied", lambda _: None)
    add(table)
    done = plinth(repository, "requests", "run", "--yes", *options)
    assert done.exit_code == (ExitCode.OK if state is State.DONE else ExitCode.FAILED), done.output
    assert git(repository, "log", "-1", "--format=%s").startswith(subject)
