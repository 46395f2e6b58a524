"""Compares settings with the deployed settings and reports changes of immutable fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic.fields import FieldInfo

from settings.types.error_codes import Code
from settings.types.errors import Fault
from settings.types.model import Settings
from settings.types.redaction import shown


def changed_immutables(deployed: Settings, wanted: Settings, *, file: str = "", key: str = "") -> tuple[Fault, ...]:
    """Returns a fault for each immutable field that differs from the deployed value, with "old -> new" as its value.

    Both settings must have the same class. ``key`` is the prefix of the paths: ``plinth:team``.
    """
    if type(deployed) is not type(wanted):
        raise TypeError(f"{type(deployed).__name__} and {type(wanted).__name__} are not comparable")
    return tuple(
        Fault(
            code=Code.IMMUTABLE,
            file=file,
            path=path,
            value=f"{_written(old)} -> {_written(new)}",
            rule="changes a field that is immutable after the first deployment",
            fix=f"restore {_written(old)}; a new value needs a new team or organization",
        )
        for path, old, new in _differences(deployed, wanted, key)
    )


def is_immutable(field: FieldInfo) -> bool:
    extra = field.json_schema_extra
    return isinstance(extra, Mapping) and bool(extra.get("x-immutable"))


def _differences(deployed: Settings, wanted: Settings, path: str) -> Iterator[tuple[str, object, object]]:
    for name, field in type(wanted).model_fields.items():
        old, new = getattr(deployed, name), getattr(wanted, name)
        place = ".".join(part for part in (path, field.alias or name) if part)
        if is_immutable(field):
            if old != new:
                yield place, old, new
        elif isinstance(old, Settings) and isinstance(new, Settings):
            yield from _differences(old, new, place)  # of an optional section, one of them may be None
        elif isinstance(new, Mapping):
            yield from _inside_mapping(old, new, place)


def _inside_mapping(old: Mapping[str, Any], new: Mapping[str, Any], path: str) -> Iterator[tuple[str, object, object]]:
    """Compares settings by key. A missing entry counts as an entry with defaults, if all its fields have defaults."""
    for key in sorted(old.keys() | new.keys()):
        before, after = old.get(key), new.get(key)
        present = after or before
        if isinstance(present, Settings) and (blank := _blank(present)) is not None:
            yield from _differences(before or blank, after or blank, f"{path}.{key}")
        elif isinstance(before, Settings) and isinstance(after, Settings):
            yield from _differences(before, after, f"{path}.{key}")


def _blank(present: Settings) -> Settings | None:
    fields = type(present).model_fields.values()
    return None if any(field.is_required() for field in fields) else type(present)()


def _written(value: object) -> str:
    return "nothing" if value is None else shown(str(value))
