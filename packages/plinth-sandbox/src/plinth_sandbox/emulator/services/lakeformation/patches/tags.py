"""LF-tags: errors for deleted tags, and several tags on one resource.

Tables inherit the tags of their database, and columns those of their table, unless they have a value of their own (Lake
Formation Developer Guide, "LF-Tag inheritance").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches

Tags = dict[str, str]
Path = tuple[str, ...]
"""Catalog id and database, optionally followed by table and column."""


def _values_of(exchange: Exchange) -> dict[str, list[str]]:
    """Returns the tag values by key of the catalog in the call."""
    return exchange.memory.notes("lakeformation", "tags", exchange.call.region, _catalog_id(exchange.call))


def _catalog_id(call: Call, given: Mapping[str, Any] | None = None) -> str:
    return str((given or {}).get("CatalogId") or call.parameters.get("CatalogId") or call.account)


def _require(exchange: Exchange, key: str) -> list[str]:
    values = _values_of(exchange)
    if key not in values:
        raise AwsError("EntityNotFoundException", f"Tag key does not exist: {key}")
    return values[key]


def _create(exchange: Exchange) -> Answer:
    key, values = exchange.call.parameters["TagKey"].lower(), _values_of(exchange)
    if key in values:
        raise AwsError("AlreadyExistsException", f"Tag key already exists: {key}")
    values[key] = [value.lower() for value in exchange.call.parameters["TagValues"]]
    return exchange.call.reply({})


def _get(exchange: Exchange) -> Answer:
    key = exchange.call.parameters["TagKey"]
    values = _require(exchange, key)
    return exchange.call.reply({"CatalogId": _catalog_id(exchange.call), "TagKey": key, "TagValues": values})


def _update(exchange: Exchange) -> Answer:
    given = exchange.call.parameters
    values = _require(exchange, given["TagKey"])
    gone = given.get("TagValuesToDelete") or []
    kept = [value for value in values if value not in gone]
    values[:] = list(dict.fromkeys([*kept, *(given.get("TagValuesToAdd") or [])]))
    return exchange.call.reply({})


def _delete(exchange: Exchange) -> Answer:
    key = exchange.call.parameters["TagKey"]
    _require(exchange, key)
    del _values_of(exchange)[key]
    for tags in _assigned(exchange).values():
        tags.pop(key, None)
    return exchange.call.reply({})


def _list(exchange: Exchange) -> Answer:
    catalog_id = _catalog_id(exchange.call)
    listed = [
        {"CatalogId": catalog_id, "TagKey": key, "TagValues": values} for key, values in _values_of(exchange).items()
    ]
    return exchange.call.reply({"LFTags": listed})


def _assigned(exchange: Exchange) -> dict[Path, Tags]:
    notes: dict[Any, Tags] = exchange.memory.notes("lakeformation", "assigned", exchange.call.region)
    return notes


def _paths(call: Call) -> Iterator[Path]:
    """Yields the paths of the resource in a call, one per column if it names columns."""
    resource = call.parameters["Resource"]
    if database := resource.get("Database"):
        yield (_catalog_id(call, database), database["Name"])
    if table := resource.get("Table"):
        yield (_catalog_id(call, table), table["DatabaseName"], table["Name"])
    if columns := resource.get("TableWithColumns"):
        for column in columns["ColumnNames"]:
            yield (_catalog_id(call, columns), columns["DatabaseName"], columns["Name"], column)


def _add(exchange: Exchange) -> Answer:
    given = exchange.call.parameters["LFTags"]
    failures = [_unknown(exchange.call, tag) for tag in given if not _is_known(exchange, tag)]
    if not failures:
        for path in _paths(exchange.call):
            _assigned(exchange).setdefault(path, {}).update({tag["TagKey"]: tag["TagValues"][0] for tag in given})
    return exchange.call.reply({"Failures": failures})


def _is_known(exchange: Exchange, tag: Mapping[str, Any]) -> bool:
    return set(tag["TagValues"]) <= set(_values_of(exchange).get(tag["TagKey"], []))


def _unknown(call: Call, tag: Mapping[str, Any]) -> dict[str, Any]:
    error = {"ErrorCode": "EntityNotFoundException", "ErrorMessage": "Tag or tag value does not exist."}
    return {"LFTag": {"CatalogId": _catalog_id(call), **tag}, "Error": error}


def _remove(exchange: Exchange) -> Answer:
    for path in _paths(exchange.call):
        tags = _assigned(exchange).get(path, {})
        for tag in exchange.call.parameters["LFTags"]:
            if tags.get(tag["TagKey"]) in tag["TagValues"]:
                del tags[tag["TagKey"]]
    return exchange.call.reply({"Failures": []})


def _read(exchange: Exchange) -> Answer:
    inherits = not exchange.call.parameters.get("ShowAssignedLFTags", False)
    levels: dict[str, Any] = {"LFTagOnDatabase": [], "LFTagsOnTable": [], "LFTagsOnColumns": []}
    for path in _paths(exchange.call):
        for member, depth in (("LFTagOnDatabase", 2), ("LFTagsOnTable", 3)):
            if len(path) == depth or (inherits and len(path) > depth):
                levels[member] = _spelt(path, _tags_at(exchange, path[:depth], inherits=inherits))
        if len(path) == 4 and (tags := _tags_at(exchange, path, inherits=inherits)):
            levels["LFTagsOnColumns"].append({"Name": path[3], "LFTags": _spelt(path, tags)})
    return exchange.call.reply({member: found for member, found in levels.items() if found})


def _tags_at(exchange: Exchange, path: Path, *, inherits: bool) -> Tags:
    assigned = _assigned(exchange)
    return inherited_tags(assigned, path) if inherits else dict(assigned.get(path, {}))


def inherited_tags(assigned: Mapping[Path, Tags], path: Path) -> Tags:
    """Returns the effective tags of a path: its own and inherited ones. The nearest value wins."""
    found: Tags = {}
    for depth in range(2, len(path) + 1):
        found |= assigned.get(path[:depth], {})
    return found


def _spelt(path: Path, tags: Tags) -> list[dict[str, Any]]:
    return [{"CatalogId": path[0], "TagKey": key, "TagValues": [value]} for key, value in sorted(tags.items())]


PATCHES: Patches = {
    "AddLFTagsToResource": _add,
    "CreateLFTag": _create,
    "DeleteLFTag": _delete,
    "GetLFTag": _get,
    "GetResourceLFTags": _read,
    "ListLFTags": _list,
    "RemoveLFTagsFromResource": _remove,
    "UpdateLFTag": _update,
}
