"""Lake Formation: grants and cell filters. Every grant can be read back, including those on LF-tags and columns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches

_CATALOG_ID_MEMBER = {"DataCellsFilter": "TableCatalogId", "Catalog": "Id"}
"""Members of operations that carry the catalog id in another place than `CatalogId`."""

_TYPES = {
    "CATALOG": ("Catalog",),
    "DATABASE": ("Database",),
    "TABLE": ("Table", "TableWithColumns"),
    "DATA_LOCATION": ("DataLocation",),
    "LF_TAG": ("LFTag",),
    "LF_TAG_POLICY": ("LFTagPolicy",),
}
"""Resource types in ListPermissions by request member. An LF-tag policy has the type of the resources that it
selects."""

Grant = dict[str, Any]


def _grants(exchange: Exchange) -> dict[str, Grant]:
    catalog_id = exchange.call.parameters.get("CatalogId") or exchange.call.account
    return exchange.memory.notes("lakeformation", "grants", exchange.call.region, str(catalog_id))


def _resource(call: Call) -> dict[str, Any]:
    """Returns the resource with an explicit catalog id and sorted lists, so that equivalent requests compare equal."""
    ((kind, given),) = call.parameters["Resource"].items()
    said = {name: _sorted(value) for name, value in given.items()}
    said.setdefault(_CATALOG_ID_MEMBER.get(kind, "CatalogId"), call.parameters.get("CatalogId") or call.account)
    return {kind: said}


def _sorted(value: Any) -> Any:
    match value:
        case list():
            return sorted((_sorted(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
        case Mapping():
            return {name: _sorted(item) for name, item in value.items()}
        case _:
            return value


def _key(call: Call) -> str:
    return json.dumps([call.parameters["Principal"], _resource(call)], sort_keys=True)


def _grant(exchange: Exchange) -> Answer:
    given = exchange.call.parameters
    grant = _grants(exchange).setdefault(
        _key(exchange.call),
        {
            "Principal": given["Principal"],
            "Resource": _resource(exchange.call),
            "Permissions": [],
            "PermissionsWithGrantOption": [],
        },
    )
    for member in ("Permissions", "PermissionsWithGrantOption"):
        grant[member] = sorted({*grant[member], *(given.get(member) or [])})
    return exchange.call.reply({})


def _revoke(exchange: Exchange) -> Answer:
    grants, key, given = _grants(exchange), _key(exchange.call), exchange.call.parameters
    held = grants.get(key)
    wanted = {*given["Permissions"]}
    if held is None or not wanted <= {*held["Permissions"]}:
        raise AwsError("InvalidInputException", "No permissions revoked. Grantee does not have them.")
    for member in ("Permissions", "PermissionsWithGrantOption"):
        held[member] = sorted({*held[member]} - {*(given.get(member) or [])})
    if not held["Permissions"]:
        del grants[key]
    return exchange.call.reply({})


def _list(exchange: Exchange) -> Answer:
    given = exchange.call.parameters
    if "Principal" in given and "Resource" not in given and "ResourceType" not in given:
        raise AwsError("InvalidInputException", "Resource is mandatory if Principal is set in the input.")
    found = [grant for grant in _grants(exchange).values() if _matches(grant, exchange.call)]
    return exchange.call.reply({"PrincipalResourcePermissions": found})


def _matches(grant: Grant, call: Call) -> bool:
    given = call.parameters
    ((kind, said),) = grant["Resource"].items()
    if "Principal" in given and grant["Principal"] != given["Principal"]:
        return False
    if "Resource" in given and grant["Resource"] != _resource(call):
        return False
    wanted = given.get("ResourceType")
    return wanted is None or kind in _TYPES.get(wanted, ()) or wanted == f"LF_TAG_POLICY_{said.get('ResourceType')}"


def _filters(exchange: Exchange) -> dict[str, Any]:
    return exchange.memory.notes("lakeformation", "filters", exchange.call.account, exchange.call.region)


def _filter_key(data: Mapping[str, Any]) -> str:
    return "/".join(str(data[name]) for name in ("TableCatalogId", "DatabaseName", "TableName", "Name"))


def _create_filter(exchange: Exchange) -> Answer:
    data = exchange.call.parameters["TableData"]
    if _filter_key(data) in _filters(exchange):
        raise AwsError("AlreadyExistsException", "A data cells filter of this name exists.")
    _filters(exchange)[_filter_key(data)] = {**data, "VersionId": "1"}
    return exchange.call.reply({})


def _require_filter(exchange: Exchange, data: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] | None = _filters(exchange).get(_filter_key(data))
    if found is None:
        raise AwsError("EntityNotFoundException", "The data cells filter does not exist.")
    return found


def _update_filter(exchange: Exchange) -> Answer:
    data = exchange.call.parameters["TableData"]
    version = int(_require_filter(exchange, data)["VersionId"]) + 1
    _filters(exchange)[_filter_key(data)] = {**data, "VersionId": str(version)}
    return exchange.call.reply({})


def _get_filter(exchange: Exchange) -> Answer:
    return exchange.call.reply({"DataCellsFilter": _require_filter(exchange, exchange.call.parameters)})


def _delete_filter(exchange: Exchange) -> Answer:
    _require_filter(exchange, exchange.call.parameters)
    del _filters(exchange)[_filter_key(exchange.call.parameters)]
    return exchange.call.reply({})


def _list_filters(exchange: Exchange) -> Answer:
    table = exchange.call.parameters.get("Table") or {}
    listed = [
        data
        for _, data in sorted(_filters(exchange).items())
        if table.get("Name") in (None, data["TableName"]) and table.get("DatabaseName") in (None, data["DatabaseName"])
    ]
    return exchange.call.reply({"DataCellsFilters": listed})


PATCHES: Patches = {
    "CreateDataCellsFilter": _create_filter,
    "DeleteDataCellsFilter": _delete_filter,
    "GetDataCellsFilter": _get_filter,
    "GrantPermissions": _grant,
    "ListDataCellsFilter": _list_filters,
    "ListPermissions": _list,
    "RevokePermissions": _revoke,
    "UpdateDataCellsFilter": _update_filter,
}
