"""The settings files of an organization that has a team less, or a use case."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from selfservice.changes.yaml_edit import edited
from selfservice.removal.team_removal import SHARING_FIELDS, files_of
from settings.derived.foundation import Foundation
from settings.files.config_sections import DATASET, FEATURE_GROUP, TEAM
from settings.rules.partial_config import stack_file


def files_without(foundation: Foundation, folder: Path, team: str) -> Iterator[tuple[str, str | None]]:
    """Yields the files that change: None for those of the team, and those of data that is shared with it."""
    for file in files_of(folder, team):
        yield file.name, None
    published = [(data.stack, DATASET, data) for data in foundation.datasets.values()]
    groups = [(group.stack, FEATURE_GROUP, group) for group in foundation.feature_groups.values()]
    for stack, section, data in (*published, *groups):
        named = [field for field in SHARING_FIELDS if team in getattr(data, field, ())]
        if named:
            text = (folder / stack_file(stack)).read_text(encoding="utf-8")
            yield stack_file(stack), edited(text, section, {field: {team: None} for field in named})


def files_without_use_case(
    foundation: Foundation, folder: Path, team: str, name: str
) -> Iterator[tuple[str, str | None]]:
    """Yields the files that change: that of the team, and None for that of the use case's stack."""
    own = stack_file(f"{team}--{name}")
    if (folder / own).exists():
        yield own, None
    known = foundation.teams[team].use_cases if team in foundation.teams else {}
    if name in known:
        text = (folder / stack_file(team)).read_text(encoding="utf-8")
        yield stack_file(team), edited(text, TEAM, {"use_cases": {name: None} if len(known) > 1 else None})
