"""Generates one repository of a use case from the template, and pushes its first commit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfservice.engine.account_access import Account
from selfservice.projects.project import Project
from selfservice.use_cases.repository import Repository, generate
from selfservice.use_cases.template import source_of
from settings.files.validation_cache import load_cached
from settings.team.delivery import Repository as Purpose


@dataclass(frozen=True, kw_only=True, slots=True)
class Pushed:
    """Where the code of a generated project is."""

    repository: str
    """URL at the source provider, or in CodeCommit."""
    commit: str | None = None
    """The first commit, if it was pushed now."""
    to_push: bool = False
    """Whether a person has to push the generated project to the source provider."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GeneratedProject:
    """A repository of a use case, and the folder of its working copy."""

    project: Project
    stack: str
    purpose: Purpose
    folder: Path
    template: str
    version: str | None
    answers: Callable[[], Mapping[str, Any]]
    """Answers to the questions of the template. They are read from AWS only if the project is generated."""
    announce: Callable[[str], None]
    """Tells the user in a line what was done."""

    def push(self, outputs: Mapping[str, Any], tooling: Account) -> Pushed:
        """Generates the project and pushes it to main, unless the repository has branches. ``outputs`` are those of the
        stack of the use case.

        Raises: BadInputError if the template does not accept an answer; RefusedError if git may not push.
        """
        if source := outputs.get("source_urls", {}).get(self.purpose):
            self._generate()
            self.announce(f"{self.folder} is the {self.purpose} repository. Push it to main of {source}.")
            return Pushed(repository=source, to_push=True)
        repository = Repository(url=outputs["clone_urls"][self.purpose], account=tooling)
        if branches := repository.branches(self.project.directory):
            self.announce(f"{repository.url} has branches already ({', '.join(branches)}), so nothing is pushed.")
            return Pushed(repository=repository.url)
        self._generate()
        commit = repository.push(self.folder, {"user.name": "plinth", "user.email": self._owner()})
        self.announce(
            f"{self.folder} is the {self.purpose} repository. Its first commit {commit[:7]} is pushed to main."
        )
        return Pushed(repository=repository.url, commit=commit)

    def _generate(self) -> None:
        generate(self.folder, source_of(self.template, self.project), self.version, self.answers())

    def _owner(self) -> str:
        return load_cached(self.project.directory).teams[self.stack.partition("--")[0]].owner
