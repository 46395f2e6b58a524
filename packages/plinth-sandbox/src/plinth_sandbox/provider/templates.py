"""Fills the templates of the provider catalog (see `vocabulary`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from plinth_sandbox.provider.rpc.wire import UNKNOWN

_REFERENCE = re.compile(r"\{([@+/-]?[A-Za-z][\w.]*)\}")


class Absent:
    """The result of a template if a required property has no value."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = Absent()


def fill(template: Any, known: Mapping[str, Any]) -> Any:
    """Returns the template with the known values filled in, or ABSENT if one is missing."""
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
    """Fills an element of a list. An incomplete element is left out: a filter without a value would filter nothing."""
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
    """Yields the names of the properties that a template needs."""
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
    """Returns the properties from which the template would make this text: `{role}:{name}` for `admin:read`."""
    pieces = _REFERENCE.split(template)
    names = [name.lstrip("/") for name in pieces[1::2]]
    wanted = (re.escape(piece) if index % 2 == 0 else _group(piece) for index, piece in enumerate(pieces))
    found = re.fullmatch("".join(wanted), text, re.DOTALL)
    return dict(zip(names, found.groups(), strict=True)) if found else None


def _group(name: str) -> str:
    return "(.+)" if name.startswith("/") else "(.+?)"
