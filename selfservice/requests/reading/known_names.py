"""Compares a request with the settings: names that do not exist, and settings that environments do not accept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError

from settings.derived.foundation import Foundation
from settings.files.config_sections import Section
from settings.team.team import EnvironmentSettings
from settings.types.error_codes import Code
from settings.types.errors import Fault
from settings.types.kinds import environments_in
from settings.types.redaction import shown

_MOST_LISTED = 12


def unknown_names(section: Section, foundation: Foundation, *, needs_team: bool) -> Iterator[Fault]:
    """Yields a fault with its line for each team, dataset, environment and setting that does not exist.

    ``needs_team`` tells whether the team has to be in the settings.

    The request may have other faults too, so only values of the expected type are looked at.
    """
    value = section.value
    team = value.get("team")
    if needs_team and isinstance(team, str) and team not in foundation.teams:
        yield _unknown(section, ("team",), "team", team, foundation.teams)
    for dataset in _keys(value.get("data")):
        if dataset not in foundation.datasets:
            yield _unknown(section, ("data", dataset), "dataset", dataset, foundation.datasets)
    known = environments_in(foundation.organization.phase)
    for member in ("accounts", "environments"):
        for environment in _keys(value.get(member)):
            if environment not in known:
                what = f"environment of the phase {foundation.organization.phase}"
                yield _unknown(section, (member, environment), what, environment, known)
    environments = value.get("environments")
    for environment in _keys(environments):
        assert isinstance(environments, Mapping)
        yield from _settings(section, environment, environments[environment])


def _settings(section: Section, environment: str, given: object) -> Iterator[Fault]:
    """Yields the settings that an environment does not have, and single values that it does not accept."""
    fields = {
        info.alias or name: info
        for name, info in EnvironmentSettings.model_fields.items()
        if name not in EnvironmentSettings.FROM_FILE_NAME
    }
    for name in _keys(given):
        assert isinstance(given, Mapping)
        at, value = ("environments", environment, name), given[name]
        if name not in fields:
            yield _unknown(section, at, f"setting of {environment}", name, fields)
        elif value is not None and not isinstance(value, Mapping):
            info = fields[name]
            field: Any = Annotated[info.annotation, info]
            try:
                TypeAdapter(field).validate_python(value)
            except ValidationError as error:
                yield _refused(section, at, error)


def _refused(section: Section, at: tuple[str, ...], error: ValidationError) -> Fault:
    detail = error.errors(include_url=False)[0]
    context = detail.get("ctx", {})
    rule, fix = context.get("rule", f"is not accepted: {detail['msg']}"), context.get("fix", "correct it")
    return section.fault(Code.NOT_ALLOWED, str(rule), str(fix), at=at, value=section.shown(at))


def _unknown(section: Section, at: tuple[str, ...], what: str, name: str, known: Iterable[str]) -> Fault:
    names = sorted(known)
    near = get_close_matches(name[:64].lower(), names, n=1, cutoff=0.6)
    listed = ", ".join(names) if len(names) <= _MOST_LISTED else f"{', '.join(names[:_MOST_LISTED])} and more"
    fix = f"did you mean {near[0]}?" if near else f"there are: {listed or 'none'}"
    return section.fault(Code.NOT_ALLOWED, f"is no {what}", fix, at=at, value=shown(name))


def _keys(value: object) -> list[str]:
    return [key for key in value if isinstance(key, str)] if isinstance(value, Mapping) else []
