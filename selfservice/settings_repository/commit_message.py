"""Messages of the commits with which requests end: who asked, who approved, and which request it was."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from selfservice.catalog.change_record import ChangeRecord
from selfservice.fingerprints.layout import Layout
from selfservice.use_cases.git import GitError, git
from settings.types.redaction import readable, shown

_REQUESTED = re.compile(r"^Requested by .+ as (\S+), approved by .+\.$", re.MULTILINE)


def commit_reason(record: ChangeRecord) -> str:
    """Returns the second paragraph of the message."""
    return f"Requested by {shown(record.user)} as {shown(record.id)}, approved by {readable(record.approved_by)}."


def last_request(directory: Path, team: str, beginnings: Iterable[str]) -> str:
    """Returns the id of the request that changed the settings of a team last; empty if the commits name none.

    ``beginnings`` are those of the subjects of commits, before the name of the team.
    """
    subject = f"^({'|'.join(beginnings)}) {re.escape(team)}(--[a-z0-9-]+)?$"
    wanted = ("--extended-regexp", f"--grep={subject}", "--max-count=1", "--format=%B")
    try:
        message = git(Layout.of(directory).settings_directory, "log", *wanted, "--", ".")
    except GitError:  # the settings are in no repository, or nothing is committed
        return ""
    found = _REQUESTED.search(message)
    return "" if found is None else found[1]
