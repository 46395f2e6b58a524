"""A repository of a use case: its generated project, and its first commit on main."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfservice.engine.account_access import Account
from selfservice.errors import BadInputError, RefusedError
from selfservice.use_cases.codecommit_access import access
from selfservice.use_cases.git import GitError, git, succeeds
from selfservice.use_cases.working_copy import sign_in

ANSWERS_FILE = ".copier-answers.yml"
_NAMED = ("team", "use_case")
"""Answers that say which use case a project belongs to."""
BRANCH = "main"


def refuse_other_content(folder: Path, stack: str) -> None:
    """Raises BadInputError if the folder contains something else than a project of this use case."""
    if not folder.exists() or not any(folder.iterdir()):
        return
    found = recorded_answers(folder, _NAMED)
    if "--".join(str(found.get(name)) for name in _NAMED) != stack:
        raise BadInputError(f"{folder} is not empty; name another folder with --directory")


def recorded_answers(folder: Path, names: Collection[str]) -> dict[str, Any]:
    """Returns the answers to these questions that a generated project records; none if the folder has no project."""
    import yaml

    file = folder / ANSWERS_FILE
    found = yaml.safe_load(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return {name: found[name] for name in names if name in found}


def generate(folder: Path, source: str, version: str | None, answers: Mapping[str, Any]) -> None:
    """Generates the project, unless an earlier run did.

    Raises: BadInputError if the template does not accept an answer, or if git cannot read it.
    """
    if (folder / ANSWERS_FILE).is_file():
        return
    import copier
    from copier.errors import CopierError
    from plumbum import ProcessExecutionError

    try:
        copier.run_copy(source, folder, data=dict(answers), vcs_ref=version, defaults=True, quiet=True)
    except ProcessExecutionError as error:
        raise BadInputError(f"the template {source} cannot be read: {str(error.stderr).strip()}") from error
    except (CopierError, ValueError) as error:
        raise BadInputError(f"the template {source} cannot be used: {error}") from error


@dataclass(frozen=True, kw_only=True, slots=True)
class Repository:
    """A repository in CodeCommit."""

    url: str
    account: Account

    def branches(self, folder: Path) -> list[str]:
        """Returns the names of the branches. Raises: RefusedError if the repository cannot be read."""
        listed = self._git(folder, "ls-remote", "--heads", self.url)
        return [line.rpartition("refs/heads/")[2] for line in listed.splitlines()]

    def push(self, folder: Path, author: Mapping[str, str]) -> str:
        """Commits the project and pushes it to main. Returns the commit.

        ``author`` is used where the user has not told git who they are. Raises: RefusedError.
        """
        if not (folder / ".git").exists():
            git(folder, "init", "--quiet", "--initial-branch", BRANCH)
            git(folder, "remote", "add", "origin", self.url)
            for key, value in sign_in(self.url, self.account.id):
                git(folder, "config", "--add", key, value)  # so that later pushes sign in to this account
        git(folder, "add", "--all")
        if not succeeds(folder, "rev-parse", "--verify", "--quiet", "HEAD"):
            unknown = [(key, value) for key, value in author.items() if not succeeds(folder, "config", key)]
            git(folder, "commit", "--quiet", "--message", "Begin from the template", configuration=unknown)
        self._git(folder, "push", "--quiet", "origin", f"HEAD:refs/heads/{BRANCH}")
        return git(folder, "rev-parse", "HEAD")

    def _git(self, folder: Path, *words: str) -> str:
        configuration, environment = access(self.account, self.url)
        try:
            return git(folder, *words, configuration=configuration, environment=environment)
        except GitError as error:
            raise RefusedError(
                f"{self.url} in the account {self.account.id} refused git {words[0]}: {error}"
            ) from error
