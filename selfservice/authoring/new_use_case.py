"""Adds a use case to the settings file of its team, without changing other lines."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from selfservice.authoring.new_team import shown
from selfservice.errors import BadInputError
from selfservice.fingerprints.layout import Layout

if TYPE_CHECKING:
    from yaml import Node

    from settings.team.use_case import UseCaseSettings
    from settings.types.kinds import InferenceKind

_SECTION = ("config", "plinth:team")


@dataclass(frozen=True, kw_only=True, slots=True)
class NewUseCase:
    """A use case with a delivery. Everything else has a default."""

    team: str
    name: str
    images: tuple[str, ...] = ()
    feature_branches: bool = False
    inference: InferenceKind | None = None
    """How released models predict. None is the default of the settings."""
    approvers: tuple[str, ...] = ()
    goal: str = ""

    def with_images(self, needed: Sequence[str]) -> Self:
        """Returns the use case with the images that its template needs, after those that were asked for."""
        return replace(self, images=(*self.images, *(image for image in needed if image not in self.images)))

    def differing(self, present: UseCaseSettings) -> list[str]:
        """Returns the given values that settings of the use case do not have."""
        delivery = present.delivery
        if delivery is None:
            return []
        differs = {
            "images": bool(self.images) and self.images != tuple(delivery.images),
            "feature_branches": self.feature_branches and not delivery.feature_branches,
            "inference": self.inference is not None and self.inference not in present.inference,
            "approvers": bool(self.approvers) and self.approvers != tuple(delivery.approvers),
            "goal": bool(self.goal) and self.goal != present.goal,
        }
        return [name for name, found in differs.items() if found]


def text_with_use_case(directory: Path, use_case: NewUseCase) -> str | None:
    """Returns the team's file with the lines of a use case; None if the use case has a delivery already.

    Raises: BadInputError if the team does not exist, has the use case without a delivery or with another way of
    inference, or has a file that only a person can edit.
    """
    from settings.files.validation_cache import load_cached

    file = _file_of_team(directory, use_case.team)
    present = load_cached(directory).teams[use_case.team].use_cases.get(use_case.name)
    if present is not None and present.delivery is not None:
        _refuse_other_inference(present, use_case, shown(file, directory))
        return None
    if present is not None:
        raise BadInputError(
            f"{shown(file, directory)} has the use case {use_case.name} without a delivery; add `delivery: {{}}` to it"
        )
    text = _with_lines(file.read_text(encoding="utf-8"), use_case)
    if text is None:
        raise BadInputError(f"{shown(file, directory)} is not in block style; add the use case by hand")
    return text


def add_use_case(directory: Path, use_case: NewUseCase, *, write: bool = True) -> Path | None:
    """Adds the lines of a use case and returns the team's file; None if the use case has a delivery already.

    Nothing is written unless all settings are valid, and nothing at all without ``write``. Processes that add use cases
    of the same team take turns.

    Raises: BadInputError if the team does not exist, has the use case without a delivery or with another way of
    inference, or has a file that only a person can edit; SettingsError with every fault of the settings.
    """
    from settings.files.loader import load_with

    file = _file_of_team(directory, use_case.team)
    with file.open("r+" if write else "r", encoding="utf-8") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        text = text_with_use_case(directory, use_case)
        if text is None:
            return None
        load_with(directory, {file.name: text.encode()})
        if write:
            opened.write(text)
            opened.truncate()
    return file


def _file_of_team(directory: Path, team: str) -> Path:
    from settings.files.validation_cache import load_cached
    from settings.rules.partial_config import stack_file

    teams = load_cached(directory).teams
    if team not in teams:
        raise BadInputError(f"there is no team {team}; there are: {', '.join(sorted(teams)) or 'none'}")
    return Layout.of(directory).settings_directory / stack_file(team)


def _refuse_other_inference(present: UseCaseSettings, use_case: NewUseCase, file: str) -> None:
    if use_case.inference is not None and use_case.inference not in present.inference:
        raise BadInputError(
            f"{file} has the use case {use_case.name} with inference: [{', '.join(present.inference)}]; change it there"
        )


def _with_lines(text: str, use_case: NewUseCase) -> str | None:
    """Returns the text with the lines of a use case; None if the mappings are not in block style."""
    import yaml

    team: Node | None = yaml.compose(text)
    for key in _SECTION:
        team = _value(team, key)
    if not isinstance(team, yaml.MappingNode) or team.flow_style or not team.value:
        return None
    delivery: dict[str, object] = {"images": list(use_case.images)} if use_case.images else {}
    delivery |= {"feature_branches": True} if use_case.feature_branches else {}
    delivery |= {"approvers": list(use_case.approvers)} if use_case.approvers else {}
    goal = [f"  goal: {json.dumps(use_case.goal, ensure_ascii=False)}\n"] if use_case.goal else []
    inference = [f"  inference: [{use_case.inference}]\n"] if use_case.inference else []
    entry = (f"{use_case.name}:\n", *goal, *inference, f"  delivery: {json.dumps(delivery)}\n")
    lines = text.splitlines(keepends=True)
    present = _value(team, "use_cases")
    column = team.value[0][0].start_mark.column
    if present is None:
        place, indent = team.value[0][0].start_mark.line, " " * column
        lines[place:place] = [f"{indent}use_cases:\n", *(f"{indent}  {line}" for line in entry)]
    elif isinstance(present, yaml.MappingNode) and not present.flow_style and present.value:
        first = present.value[0][0].start_mark
        indent = " " * first.column
        lines[first.line : first.line] = [f"{indent}{line}" for line in entry]
    else:
        return None
    return "".join(lines)


def _value(node: Node | None, key: str) -> Node | None:
    """Returns the value of a key of a mapping, or None."""
    import yaml

    if not isinstance(node, yaml.MappingNode):
        return None
    pairs: list[tuple[Node, Node]] = node.value
    return next((value for name, value in pairs if name.value == key), None)
