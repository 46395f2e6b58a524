"""Writes and commits the settings files of an approved request."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from selfservice.authoring.new_file import replace_file
from selfservice.catalog.change_record import ChangeRecord
from selfservice.changes.approvable import Approvable
from selfservice.changes.requested.base import RequestForTeam
from selfservice.changes.settings_change import content_digest, settings_change
from selfservice.errors import RefusedError
from selfservice.settings_repository.commit_message import commit_reason
from selfservice.settings_repository.commits import SettingsRepository
from selfservice.use_cases.git import GitError


def apply_settings(
    directory: Path,
    request: RequestForTeam,
    record: ChangeRecord,
    approved: Approvable,
    recycled: Sequence[str] = (),
) -> str:
    """Writes the approved files and commits them, and returns the commit; empty if they were committed before.

    ``record`` names the people. ``recycled`` are the ids of accounts that a new team uses first.

    Raises: RefusedError if a file is not what was approved, if somebody is editing it, or if git refuses the commit.
    """
    repository = SettingsRepository.of(directory)
    names = sorted(approved.files)
    pending = settings_change(directory, request, recycled).files
    being_edited = repository.changed(
        [name for name in names if name in pending and (repository.folder / name).exists()]
    )
    if being_edited:
        raise RefusedError(f"{', '.join(being_edited)} has changes that are not committed: commit or discard them")
    for name, text in pending.items():
        if approved.files.get(name) != content_digest(text):
            raise RefusedError(f"the settings have changed since the approval: {name} would not be what was approved")
        if text is None:
            (repository.folder / name).unlink()
        else:
            replace_file(repository.folder / name, text)
    try:
        return repository.commit_files(names, request.commit_subject, commit_reason(record)) or ""
    except GitError as error:
        raise RefusedError(f"{', '.join(names)} could not be committed: {error}") from error


def commit_engine_keys(directory: Path, team: str, stacks: list[str]) -> None:
    """Commits the files that the engine has begun for new stacks, if there are any."""
    from settings.rules.partial_config import stack_file

    repository = SettingsRepository.of(directory)
    made = [name for stack in stacks if (repository.folder / (name := stack_file(stack))).exists()]
    changed = repository.changed(made)
    if changed:
        try:
            repository.commit_files(
                changed, f"Add the encryption keys of the stacks of {team}", "Written by the engine."
            )
        except GitError as error:
            raise RefusedError(f"{', '.join(changed)} could not be committed: {error}") from error
