"""Converts a record to the output shape of an operation, and merges a request into a record."""

from __future__ import annotations

import re
from typing import Any

from moto.core.model import ListShape, MapShape, Shape, StructureShape

from plinth_sandbox.emulator.store.record import Record

_CREATED = re.compile(r"creat|registered|added|start", re.I)
_CHANGED = re.compile(r"modif|updat|changed", re.I)
_ACCOUNT = re.compile(r"(owner|account|accountid|ownerid|accountowner|domainowner|owneraccountid|awsaccountid)", re.I)
_FINAL_STATUSES = (
    "ACTIVE",
    "INSERVICE",
    "AVAILABLE",
    "ENABLED",
    "READY",
    "COMPLETED",
    "COMPLETE",
    "SUCCEEDED",
    "CREATED",
    "RUNNING",
)
"""Status values of a resource in its final state, the preferred ones first. The model's spelling decides the case."""

_KINDS: dict[str, type | tuple[type, ...]] = {
    "structure": dict,
    "map": dict,
    "list": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
}


def project(shape: StructureShape, record: Record) -> dict[str, Any]:
    """Returns what an operation with this output reports about ``record``. Members without a known value are left
    out."""
    result: dict[str, Any] = {}
    for name, member in shape.members.items():
        value = _member(name, member, record)
        if value is not None:
            result[name] = value
    if not _identifies(result, record):
        result |= _wrapped(shape, record)
    return result


def _member(name: str, shape: Shape, record: Record) -> Any:
    if name.lower() in ("tags", "taglist"):
        return tags_as(shape, record.tags)
    if shape.type_name == "timestamp":
        return _moment(name, record)
    value = record.look_up(name)
    if value is not None and isinstance(value, _KINDS.get(shape.type_name, object)):
        return value
    if shape.type_name != "string":
        return None
    if _is_own_arn(name.lower(), record.noun.lower()):
        return record.arn
    if name.lower().endswith(("status", "state")):
        return _final_status(shape)
    return record.place.account if _ACCOUNT.fullmatch(name) else None


def _is_own_arn(member: str, noun: str) -> bool:
    """Returns whether a member is the noun's own ARN: Arn, DomainArn, or TrackingServerArn of an
    MlflowTrackingServer."""
    thing = member.removesuffix("arn")
    return member.endswith("arn") and (thing in ("", "resource") or noun.endswith(thing))


def _moment(name: str, record: Record) -> Any:
    given = record.look_up(name)
    if given is not None:
        return given
    if _CREATED.search(name):
        return record.created
    return record.changed if _CHANGED.search(name) else None


def _final_status(shape: Shape) -> str | None:
    allowed = {str(value).upper().replace("_", ""): str(value) for value in shape.metadata.get("enum", ())}
    return next((allowed[status] for status in _FINAL_STATUSES if status in allowed), None)


def _identifies(result: dict[str, Any], record: Record) -> bool:
    """Returns whether the result contains the record's own name or ARN, and not only a tag list and a token."""
    return any(
        isinstance(value, str) and (value == record.arn or value in record.values.values()) for value in result.values()
    )


def _wrapped(shape: StructureShape, record: Record) -> dict[str, Any]:
    """Returns the result wrapped in a structure, as in ``{analyzer: {...}}``: the only structure of the output, or the
    one named after the noun."""
    structures = {name: member for name, member in shape.members.items() if isinstance(member, StructureShape)}
    noun = record.noun.lower()
    named = [name for name in structures if name.lower() == noun] or [
        name for name in structures if noun in name.lower()
    ]
    chosen = named or (list(structures) if len(structures) == 1 else [])
    return {chosen[0]: project(structures[chosen[0]], record)} if chosen else {}


def element(shape: Shape, record: Record) -> Any:
    """Returns ``record`` as one element of a list operation's answer."""
    if isinstance(shape, StructureShape):
        return project(shape, record)
    if shape.name.lower().endswith("arn"):
        return record.arn
    if shape.name.lower().endswith("id") and (identifier := record.look_up(shape.name)):
        return identifier
    return record.look_up("name") or record.look_up("id") or record.arn


def merge(shape: StructureShape, old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Returns ``old`` after an update. As in AWS, structures are merged by member, and maps and lists are replaced."""
    merged = dict(old)
    for name, value in new.items():
        member = shape.members[name]
        kept = name.removesuffix("ForUpdate")
        before = merged.get(kept)
        if isinstance(member, StructureShape) and isinstance(before, dict) and isinstance(value, dict):
            merged[kept] = merge(member, before, value)
        else:
            merged[kept] = value
    return merged


def tags_as(shape: Shape, tags: dict[str, str]) -> Any:
    """Returns ``tags`` as the map, or the list of keys and values, that ``shape`` requires."""
    if isinstance(shape, MapShape):
        return dict(tags)
    if not isinstance(shape, ListShape) or not isinstance(shape.member, StructureShape):
        return None
    key, value = _pair(shape.member)
    return [{key: name, value: text} for name, text in tags.items()]


def tags_from(value: Any) -> dict[str, str]:
    """Returns the tags of a request, in whichever form its service sends them."""
    if isinstance(value, dict):
        return dict(value)
    pairs = [{name.lower().removeprefix("tag"): text for name, text in item.items()} for item in value or []]
    return {str(pair["key"]): str(pair.get("value", "")) for pair in pairs}


def _pair(shape: StructureShape) -> tuple[str, str]:
    names = list(shape.members)
    key = next(name for name in names if name.lower().endswith("key"))
    return key, next(name for name in names if name.lower().endswith("value"))
