"""Lake Formation: grants and tag assignments have no name, so their content is their id."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from plinth_sandbox.provider.errors import AwsError
from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties

_DEFAULTS = {
    "createDatabaseDefaultPermissions": "CreateDatabaseDefaultPermissions",
    "createTableDefaultPermissions": "CreateTableDefaultPermissions",
}
_PRINCIPALS = {
    "admins": "DataLakeAdmins",
    "readOnlyAdmins": "ReadOnlyAdmins",
    "externalDataFilteringAllowLists": "ExternalDataFilteringAllowList",
}
_PLAIN = {
    "allowExternalDataFiltering": "AllowExternalDataFiltering",
    "allowFullTableExternalDataAccess": "AllowFullTableExternalDataAccess",
    "authorizedSessionTagValueLists": "AuthorizedSessionTagValueList",
    "parameters": "Parameters",
    "trustedResourceOwners": "TrustedResourceOwners",
}
SETTINGS = [*_DEFAULTS, *_PRINCIPALS, *_PLAIN]

_RENAMED = {
    "id": "Id",
    "key": "TagKey",
    "values": "TagValues",
    "expressions": "Expression",
    "arn": "ResourceArn",
}
"""Request members of a resource whose names differ from the property."""
RESOURCES = {
    "dataCellsFilter": "DataCellsFilter",
    "dataLocation": "DataLocation",
    "database": "Database",
    "lfTag": "LFTag",
    "lfTagPolicy": "LFTagPolicy",
    "table": "Table",
    "tableWithColumns": "TableWithColumns",
}
"""Properties for the resource of a grant or a tag assignment. Exactly one of them is set."""


def put_settings(caller: Caller, known: Properties) -> None:
    """Puts all settings at once. An omitted setting is cleared, including default grants."""
    said: dict[str, Any] = {member: known[name] for name, member in _PLAIN.items() if known.get(name) is not None}
    for name, member in _PRINCIPALS.items():
        said[member] = [_principal(principal) for principal in known.get(name) or []]
    for name, member in _DEFAULTS.items():
        said[member] = [
            {"Principal": _principal(statement["principal"]), "Permissions": statement["permissions"]}
            for statement in known.get(name) or []
        ]
    caller.aws("put_data_lake_settings", DataLakeSettings=said)


def read_settings(caller: Caller, _known: Properties) -> Properties | None:
    """Returns the settings. An account without an administrator and a sharing version has no settings of its own."""
    found = caller.aws("get_data_lake_settings")["DataLakeSettings"]
    if not found.get("DataLakeAdmins") and not found.get("Parameters"):
        return None
    said: Properties = {name: found[member] for name, member in _PLAIN.items() if found.get(member)}
    for name, member in _PRINCIPALS.items():
        said[name] = [principal["DataLakePrincipalIdentifier"] for principal in found.get(member) or []] or None
    for name, member in _DEFAULTS.items():
        said[name] = [
            {
                "principal": statement["Principal"]["DataLakePrincipalIdentifier"],
                "permissions": statement["Permissions"],
            }
            for statement in found.get(member) or []
        ] or None
    return said


def clear_settings(caller: Caller, _known: Properties) -> None:
    """Resets the settings to the state in which the vendor's provider leaves them."""
    caller.aws("put_data_lake_settings", DataLakeSettings={})


def _principal(identifier: str) -> dict[str, str]:
    return {"DataLakePrincipalIdentifier": identifier}


def grant(caller: Caller, known: Properties) -> Properties:
    """Grants the permissions and returns the grant's content as the id."""
    caller.aws("grant_permissions", **_grant(known))
    return {"id": json.dumps({"principal": known["principal"], **_about(known)}, sort_keys=True)}


def read_grant(caller: Caller, known: Properties) -> Properties | None:
    """Returns the permissions of the principal on the resource."""
    said = json.loads(known["id"])
    found = caller.aws("list_permissions", Principal=_principal(said["principal"]), Resource=_resource(_about(said)))[
        "PrincipalResourcePermissions"
    ]
    if not found:
        return None
    granted = found[0]
    return {
        **said,
        "permissions": granted["Permissions"],
        "permissionsWithGrantOptions": granted["PermissionsWithGrantOption"],
    }


def revoke(caller: Caller, known: Properties) -> None:
    """Revokes exactly the granted permissions. Permissions that are already revoked are ignored."""
    try:
        caller.aws("revoke_permissions", **_grant(known))
    except AwsError as error:
        if "No permissions revoked" not in str(error):
            raise


def _grant(known: Properties) -> dict[str, Any]:
    with_option = known.get("permissionsWithGrantOptions")
    return {
        "Principal": _principal(known["principal"]),
        "Resource": _resource(_about(known)),
        "Permissions": known["permissions"],
        **({"PermissionsWithGrantOption": with_option} if with_option else {}),
    }


def _about(known: Properties) -> dict[str, Any]:
    """Returns the one property that names the resource."""
    if known.get("catalogResource"):
        return {"catalogResource": True}
    return {name: known[name] for name in RESOURCES if known.get(name)}


def _resource(about: Mapping[str, Any]) -> dict[str, Any]:
    ((name, given),) = about.items()
    if name == "catalogResource":
        return {"Catalog": {}}
    return {RESOURCES[name]: _members(given, "ColumnWildcard" if name == "tableWithColumns" else "TableWildcard")}


def _members(given: Mapping[str, Any], wildcard: str = "") -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in given.items():
        if name == "wildcard":
            members.setdefault(wildcard, {}) if value else None
        elif name == "expressions":
            members["Expression"] = [_members(expression) for expression in value]
        elif name == "excludedColumnNames":
            members["ColumnWildcard"] = {"ExcludedColumnNames": value}
        else:
            members[_RENAMED.get(name, name[0].upper() + name[1:])] = value
    return members


def assign_tags(caller: Caller, known: Properties) -> Properties:
    """Assigns the tags. Raises an error if Lake Formation does not know one of them."""
    _add(caller, known)
    return {"id": json.dumps(_about(known), sort_keys=True)}


def change_tags(caller: Caller, known: Properties) -> None:
    """Removes tags that are no longer wanted, and assigns the others."""
    wanted = {tag["key"] for tag in known["lfTags"]}
    there = _assigned(caller, known)
    _remove(caller, known, [tag for tag in there if tag["key"] not in wanted])
    _add(caller, known)


def read_tags(caller: Caller, known: Properties) -> Properties | None:
    """Returns the resource's own tags without inherited ones."""
    tags = _assigned(caller, known)
    return {**json.loads(known["id"]), "lfTags": tags} if tags else None


def remove_tags(caller: Caller, known: Properties) -> None:
    """Removes all assigned tags."""
    _remove(caller, known, _assigned(caller, known))


def _add(caller: Caller, known: Properties) -> None:
    said = [{"TagKey": tag["key"], "TagValues": [tag["value"]]} for tag in known["lfTags"]]
    answer = caller.aws("add_lf_tags_to_resource", Resource=_resource(_about(known)), LFTags=said)
    for failure in answer.get("Failures", []):
        raise ValueError(f"{failure['LFTag']['TagKey']}: {failure['Error']['ErrorMessage']}")


def _remove(caller: Caller, known: Properties, tags: list[Properties]) -> None:
    said = [{"TagKey": tag["key"], "TagValues": [tag["value"]]} for tag in tags]
    if said:
        caller.aws("remove_lf_tags_from_resource", Resource=_resource(json.loads(known["id"])), LFTags=said)


def _assigned(caller: Caller, known: Properties) -> list[Properties]:
    answer = caller.aws("get_resource_lf_tags", Resource=_resource(json.loads(known["id"])), ShowAssignedLFTags=True)
    columns = answer.get("LFTagsOnColumns") or []
    found = answer.get("LFTagOnDatabase") or answer.get("LFTagsOnTable") or (columns and columns[0]["LFTags"]) or []
    return [{"key": tag["TagKey"], "value": tag["TagValues"][0]} for tag in found]


def create_filter(caller: Caller, known: Properties) -> Properties:
    """Creates a filter. Its table and name identify it."""
    data = known["tableData"]
    caller.aws("create_data_cells_filter", TableData=_filter(data))
    return {"id": ",".join(data[name] for name in _FILTER_ID)}


_FILTER_ID = ("databaseName", "name", "tableCatalogId", "tableName")


def update_filter(caller: Caller, known: Properties) -> None:
    """Replaces the filter's definition."""
    caller.aws("update_data_cells_filter", TableData=_filter(known["tableData"]))


def read_filter(caller: Caller, known: Properties) -> Properties:
    """Returns the filter's definition."""
    found = caller.aws("get_data_cells_filter", **_filter_address(known))["DataCellsFilter"]
    data = {name: found[name[0].upper() + name[1:]] for name in _FILTER_ID}
    if found.get("ColumnNames"):
        data["columnNames"] = found["ColumnNames"]
    if "ColumnWildcard" in found:
        data["columnWildcard"] = {"excludedColumnNames": found["ColumnWildcard"].get("ExcludedColumnNames", [])}
    rows = found["RowFilter"]
    expression = rows.get("FilterExpression")
    data["rowFilter"] = {"filterExpression": expression} if expression else {"allRowsWildcard": {}}
    return {"tableData": data}


def delete_filter(caller: Caller, known: Properties) -> None:
    """Deletes the filter."""
    caller.aws("delete_data_cells_filter", **_filter_address(known))


def _filter_address(known: Properties) -> dict[str, str]:
    parts = dict(zip(_FILTER_ID, known["id"].split(","), strict=True))
    return {name[0].upper() + name[1:]: value for name, value in parts.items()}


def _filter(data: Mapping[str, Any]) -> dict[str, Any]:
    rows = data.get("rowFilter") or {}
    expression = rows.get("filterExpression")
    wildcard = data.get("columnWildcard")
    return {
        **{name[0].upper() + name[1:]: data[name] for name in _FILTER_ID},
        **({"ColumnNames": data["columnNames"]} if data.get("columnNames") else {}),
        **({"ColumnWildcard": {"ExcludedColumnNames": wildcard["excludedColumnNames"]}} if wildcard else {}),
        "RowFilter": {"FilterExpression": expression} if expression else {"AllRowsWildcard": {}},
    }
