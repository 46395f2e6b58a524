"""The people whom a request names, and those of them whom the directory does not have."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from selfservice.requests.reading.people_lookup import REMEDY, UNKNOWN
from settings.files.config_sections import Section
from settings.files.yaml_file import KeyPath
from settings.types.error_codes import Code
from settings.types.errors import Fault
from settings.types.redaction import shown

LookUp = Callable[[Iterable[str]], Collection[str]]
"""Function that returns those of the names that the directory does not have."""


def unknown_people(section: Section, look_up: LookUp) -> Iterator[Fault]:
    """Yields a fault with its line for everybody whom the directory does not have.

    The request may have other faults too, so only values of the expected type are looked at.
    """
    named = list(_named(section.value))
    missing = look_up({name for _, name in named})
    for at, name in named:
        if name in missing:
            yield section.fault(Code.NOT_ALLOWED, UNKNOWN, REMEDY, at=at, value=shown(name))


def _named(value: Mapping[str, object]) -> Iterator[tuple[KeyPath, str]]:
    """Yields place and name of everybody whom a request adds. Who is removed may have left the directory."""
    yield from _added(value.get("people"), ("people",))
    for environment, settings in _mapping(value.get("environments")).items():
        studio = _mapping(_mapping(settings).get("studio"))
        yield from _added(studio.get("users"), ("environments", environment, "studio", "users"))
    approvers = value.get("approvers")
    for place, name in enumerate(approvers if isinstance(approvers, list | tuple) else ()):
        if isinstance(name, str):
            yield ("approvers", place), name


def _added(people: object, at: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    return (((*at, name), name) for name, persona in _mapping(people).items() if persona is not None)


def _mapping(value: object) -> Mapping[str, object]:
    """Returns the items with a text as key; none if the value is no mapping."""
    items = value.items() if isinstance(value, Mapping) else ()
    return {key: item for key, item in items if isinstance(key, str)}
