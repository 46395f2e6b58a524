"""Computes the changes of an update, property by property with paths, and whether they require a new resource."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from plinth_sandbox.provider.entry import Entry
from plinth_sandbox.provider.naming import GENERATED, collides_when_replaced
from plinth_sandbox.provider.properties.comparison import Tolerance, agree
from plinth_sandbox.provider.properties.state import UNFINISHED, inputs_after_reading, is_unfinished
from plinth_sandbox.provider.rpc.wire import has_unknown
from plinth_sandbox.provider.templates import ABSENT, fill


@dataclass(frozen=True)
class Change:
    """One changed property, possibly nested in another."""

    path: str
    kind: Literal["add", "delete", "update"]
    forces_replacement: bool = False

    @property
    def property(self) -> str:
        """Name of the top-level property."""
        return self.path.partition(".")[0].partition("[")[0]


def changes(
    entry: Entry,
    old_inputs: Mapping[str, Any],
    old_outputs: Mapping[str, Any],
    inputs: Mapping[str, Any],
    all_tags: Mapping[str, Any],
) -> list[Change]:
    """Returns the changes from the last inputs (a refresh adds drift to them) to the current inputs."""
    found: list[Change] = []
    if is_unfinished(old_outputs):
        old_inputs = inputs_after_reading(entry, old_inputs, {}, old_outputs)
    for name in sorted({*old_inputs, *inputs} - {GENERATED}):
        before, after = old_inputs.get(name), inputs.get(name)
        if before is None and _is_unchanged(entry, name, old_outputs.get(name), after):
            continue
        for path, kind in _compare(before, after, name, entry.tolerance):
            is_another = kind != "update" and path in entry.resource.alternatives
            found.append(Change(path, kind, is_another or entry.forces_replacement(name, _plain(path))))
    known_tags = old_outputs.get("tagsAll")
    if entry.tagging is not None and known_tags is not None and known_tags != all_tags:
        found.append(Change("tagsAll", "update"))
    if is_unfinished(old_outputs) and not found:
        found.append(Change(UNFINISHED, "delete"))
    return found


def _is_unchanged(entry: Entry, name: str, found: Any, after: Any) -> bool:
    """Returns whether the program only now sets a property to the value that it already has."""
    if has_unknown(after):
        return False
    if found is None:
        return name not in entry.resource.computed and entry.tolerance.may_be_left_out(name, after)
    return agree(after, found, name, entry.tolerance)


def _compare(
    before: Any, after: Any, path: str, tolerance: Tolerance
) -> Iterator[tuple[str, Literal["add", "delete", "update"]]]:
    match before, after:
        case None, None:
            return
        case None, _:
            yield path, "add"
        case _, None:
            if not tolerance.may_be_left_out(path.partition("[")[0], before):
                yield path, "delete"
        case _ if not has_unknown(after) and agree(after, before, _plain(path), tolerance):
            return
        case Mapping(), Mapping():
            for name in sorted({*before, *after} - {GENERATED}):
                yield from _compare_member(before.get(name), after.get(name), _join(path, name), tolerance)
        case list(), list() if len(before) == len(after):
            for index, (old, new) in enumerate(zip(before, after, strict=True)):
                yield from _compare(old, new, f"{path}[{index}]", tolerance)
        case _:
            yield path, "update"


def _compare_member(
    before: Any, after: Any, path: str, tolerance: Tolerance
) -> Iterator[tuple[str, Literal["add", "delete", "update"]]]:
    if after is None and tolerance.may_be_left_out(_plain(path), before):
        return
    if before is None and not has_unknown(after) and tolerance.may_be_left_out(_plain(path), after):
        return
    yield from _compare(before, after, path, tolerance)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if name.replace("_", "").isalnum() else f'{path}["{name}"]'


_PLACE, _MEMBER = re.compile(r"\[\d+\]"), re.compile(r'\["([^"]*)"\]')


def _plain(path: str) -> str:
    """Returns the path without list indices, as the catalog writes it. Keys of maps stay, whatever their name."""
    return _MEMBER.sub(r".\1", _PLACE.sub("", path))


def deletes_before_replace(
    entry: Entry, old_inputs: Mapping[str, Any], inputs: Mapping[str, Any], identifier: str
) -> bool:
    """Returns whether a replacement would collide with the old resource, by name or by id."""
    if collides_when_replaced(entry.resource.name, old_inputs, inputs):
        return True
    if not entry.resource.identifier or GENERATED in inputs:
        return False
    future = fill(entry.resource.identifier, inputs)
    return future is not ABSENT and future == identifier
