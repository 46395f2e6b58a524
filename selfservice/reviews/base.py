"""The branch into which a change is merged: its settings, and its policy packs, which the change cannot weaken."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from selfservice.errors import BadInputError
from selfservice.fingerprints.affected import Repository
from selfservice.fingerprints.layout import Layout
from selfservice.projects.project import POLICY_FILE, Project
from settings.derived.foundation import Foundation
from settings.types.errors import SettingsError

_ENVIRONMENT = ".venv"


@dataclass(frozen=True, kw_only=True, slots=True)
class Base:
    """The protected branch as it is now, and the commit at which the change left it."""

    repository: Repository
    revision: str
    """The branch as the user named it."""
    commit: str
    """Full hash of the newest commit of the branch. Its policy packs judge."""
    fork_point: str
    """Full hash of the newest commit that branch and change have in common."""

    @classmethod
    def of(cls, directory: Path, revision: str) -> Self:
        """Returns the base of the change that is checked out around ``directory``.

        Raises: BadInputError if the revision does not exist, or has no commit in common with the change.
        """
        repository = Repository.around(directory)
        commit = repository.commit_of(revision)
        fork_point = repository.fork_point(revision)
        if fork_point is None:
            raise BadInputError(
                f"HEAD and {revision} have no commit in common: fetch the whole history "
                "(actions/checkout: `fetch-depth: 0`; GitLab: `GIT_DEPTH: 0`)"
            )
        return cls(repository=repository, revision=revision, commit=commit, fork_point=fork_point)

    def foundation(self, directory: Path) -> Foundation | None:
        """Returns the settings at the fork point; None if this version cannot read them."""
        from settings.files.loader import load

        with self.repository.settings_at(self.fork_point, Layout.of(directory)) as settings:
            try:
                return load(settings)
            except SettingsError:
                return None

    def changed_policy_files(self, project: Project) -> tuple[str, ...]:
        """Returns the files below ``policies`` that the change adds, edits or deletes, relative to the repository."""
        policies = project.program_directory / "policies"
        changed = self.repository.changed_since(self.fork_point)
        return tuple(sorted(self._name(path) for path in changed if path.is_relative_to(policies)))

    @contextmanager
    def policy_packs(self, project: Project) -> Iterator[tuple[Path, ...]]:
        """Yields the policy packs of the newest commit of the branch.

        A program outside the repository has packs that the change cannot reach, and they are taken as they are. So are
        packs whose program equals that of the branch. Otherwise the program of the branch is written to a temporary
        folder, because packs import modules beside them. It uses the packages of the change's virtual environment:
        install it from the lock of the branch.
        """
        if not project.program_directory.is_relative_to(self.repository.root) or not self._changes_program(project):
            yield project.policy_packs
            return
        with tempfile.TemporaryDirectory(prefix="plinth-policies-") as folder:
            self.repository.write(self.commit, [project.program_directory], Path(folder))
            program = Path(folder) / self._name(project.program_directory)
            installed = project.program_directory / _ENVIRONMENT
            if installed.exists() and not (program / _ENVIRONMENT).exists():
                (program / _ENVIRONMENT).symlink_to(installed.resolve())
            yield tuple(sorted(file.parent for file in program.glob(f"policies/*/{POLICY_FILE}")))

    def _changes_program(self, project: Project) -> bool:
        """Whether any file but settings differs between the program and the newest commit of the branch."""
        layout = Layout.of(project.directory)
        return any(
            path.is_relative_to(project.program_directory) and not layout.is_settings_file(path)
            for path in self.repository.changed_since(self.commit)
        )

    def _name(self, path: Path) -> str:
        return str(path.relative_to(self.repository.root))
