"""Filling the templates of the catalogue (see `vocabulary`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from plinth_sandbox.provider.rpc.wire import UNKNOWN

_REFERENCE = re.compile(r"\{([@+/-]?[A-Za-z][\w.]*)\}")


class Absent:
    """What a template gives when a property it needs has no value."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent()


def fill(template: Any, known: Mapping[str, Any]) -> Any:
    """The template with the known values in place; ABSENT when one is missing."""
    match template:
        case str():
            return _fill_text(template, known)
        case Mapping():
            filled = {name: fill(inner, known) for name, inner in template.items()}
            present = {name: value for name, value in filled.items() if value is not ABSENT}
            return present if present or not template else ABSENT
        case list() | tuple():
            elements = [value for value in (_fill_element(inner, known) for inner in template) if value is not ABSENT]
            return elements if elements or not template else ABSENT
        case _:
            return template


def _fill_element(template: Any, known: Mapping[str, Any]) -> Any:
    """An element of a list that lacks a part is left out whole: a filter without a value filters nothing."""
    filled = fill(template, known)
    if isinstance(template, Mapping) and isinstance(filled, Mapping) and len(filled) < len(template):
        return ABSENT
    return filled


def _fill_text(template: str, known: Mapping[str, Any]) -> Any:
    if whole := _REFERENCE.fullmatch(template):
        return _look_up(whole[1], known)
    values = {name: _look_up(name, known) for name in _REFERENCE.findall(template)}
    if ABSENT in values.values():
        return ABSENT
    if UNKNOWN in values.values():
        return UNKNOWN
    return _REFERENCE.sub(lambda found: str(values[found[1]]), template)


def _look_up(name: str, known: Mapping[str, Any]) -> Any:
    value: Any = known
    for part in name.lstrip("/").split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return ABSENT if value is None or value == [] else value


def references(template: Any) -> Iterator[str]:
    """The names of the properties that a template needs."""
    match template:
        case str():
            yield from (name.lstrip("+/-").split(".")[0] for name in _REFERENCE.findall(template))
        case Mapping():
            for inner in template.values():
                yield from references(inner)
        case list() | tuple():
            for inner in template:
                yield from references(inner)


def parse(template: str, text: str) -> dict[str, str] | None:
    """The properties from which the template would make this text: `{role}:{name}` of `admin:read`."""
    pieces = _REFERENCE.split(template)
    names = [name.lstrip("/") for name in pieces[1::2]]
    wanted = (re.escape(piece) if index % 2 == 0 else _group(piece) for index, piece in enumerate(pieces))
    found = re.fullmatch("".join(wanted), text, re.DOTALL)
    return dict(zip(names, found.groups(), strict=True)) if found else None


def _group(name: str) -> str:
    return "(.+)" if name.startswith("/") else "(.+?)"
