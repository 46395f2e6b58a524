"""Grants of Lake Formation in one form, so that those in states and those at AWS compare equal.

A state has the properties of the provider, and AWS answers with other names and with grants that it splits: SELECT on a
table comes back as a grant on all its columns, and all tables of a database as a table ``ALL_TABLES``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from selfservice.undeclared.policy_access import listed

GRANT_OPTION = "GRANT_OPTION"
IAM_ALLOWED_PRINCIPALS = "IAM_ALLOWED_PRINCIPALS"
"""Everybody whose IAM policies allow it."""
_ALL = frozenset({"ALL", "SUPER"})
_ALL_TABLES = "ALL_TABLES"
Properties = Mapping[str, Any]


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """One permission of one principal on one resource."""

    principal: str
    resource: str
    """The resource in the form of an ARN."""
    permission: str
    grantable: bool
    """Whether this is the option to grant the permission to others."""


def declared_grants(properties: Properties, catalog: str, region: str) -> Iterator[Grant]:
    """Yields the grants of a resource ``Permissions`` in a state. ``catalog`` is the account of its provider."""
    catalog = str(properties.get("catalogId") or catalog)
    resource = _in_state(properties, catalog, region)
    yield from _grants(
        str(properties["principal"]),
        resource,
        properties.get("permissions") or (),
        properties.get("permissionsWithGrantOptions") or (),
    )


def listed_grants(entry: Properties, catalog: str, region: str) -> Iterator[Grant]:
    """Yields the grants of an entry of ListPermissions in a catalog."""
    ((kind, resource),) = [(kind, value) for kind, value in entry["Resource"].items() if value is not None]
    yield from _grants(
        str(entry["Principal"]["DataLakePrincipalIdentifier"]),
        _at_aws(kind, resource, catalog, region),
        entry.get("Permissions") or (),
        entry.get("PermissionsWithGrantOption") or (),
    )


def undeclared(present: Collection[Grant], declared: Collection[Grant]) -> list[Grant]:
    """Returns the grants that no declared one covers. ALL covers every permission on the same resource."""
    known = frozenset(declared)
    whole = {(grant.principal, grant.resource, grant.grantable) for grant in known if grant.permission in _ALL}
    return sorted(
        {
            grant
            for grant in present
            if grant not in known and (grant.principal, grant.resource, grant.grantable) not in whole
        }
    )


def _grants(
    principal: str, resource: str, permissions: Collection[str], with_option: Collection[str]
) -> Iterator[Grant]:
    for permission in permissions:
        yield Grant(principal, resource, str(permission), grantable=False)
    for permission in with_option:
        yield Grant(principal, resource, str(permission), grantable=False)
        yield Grant(principal, resource, str(permission), grantable=True)


def _in_state(properties: Properties, catalog: str, region: str) -> str:
    def given(name: str) -> Properties | None:
        values = listed(properties.get(name))  # bridged providers store lists of one
        return values[0] if values and isinstance(values[0], Mapping) else None

    if (database := given("database")) is not None:
        return _arn("glue", region, database.get("catalogId") or catalog, f"database/{database['name']}")
    if (table := given("table") or given("tableWithColumns")) is not None:
        name = "*" if table.get("wildcard") and not table.get("name") else table.get("name")
        path = f"table/{table['databaseName']}/{name}"
        columns = _columns(table.get("columnNames"), table.get("excludedColumnNames"))
        return _arn("glue", region, table.get("catalogId") or catalog, path + columns)
    if (location := given("dataLocation")) is not None:
        return str(location["arn"])
    if (cells := given("dataCellsFilter")) is not None:
        path = f"data-cells-filter/{cells['databaseName']}/{cells['tableName']}/{cells['name']}"
        return _arn("lakeformation", region, cells["tableCatalogId"], path)
    if (tag := given("lfTag")) is not None:
        path = f"lf-tag/{_values(tag['key'], tag['values'])}"
        return _arn("lakeformation", region, tag.get("catalogId") or catalog, path)
    if (policy := given("lfTagPolicy")) is not None:
        path = _expression(
            policy["resourceType"], [(expression["key"], expression["values"]) for expression in policy["expressions"]]
        )
        return _arn("lakeformation", region, policy.get("catalogId") or catalog, path)
    return _arn("glue", region, catalog, "catalog")


def _at_aws(kind: str, resource: Properties, catalog: str, region: str) -> str:
    catalog = str(resource.get("CatalogId") or resource.get("TableCatalogId") or catalog)
    match kind:
        case "Database":
            return _arn("glue", region, catalog, f"database/{resource['Name']}")
        case "Table" | "TableWithColumns":
            name = resource.get("Name")
            name = "*" if name in (None, _ALL_TABLES) else name
            excluded = (resource.get("ColumnWildcard") or {}).get("ExcludedColumnNames")
            columns = _columns(resource.get("ColumnNames"), excluded)
            return _arn("glue", region, catalog, f"table/{resource['DatabaseName']}/{name}{columns}")
        case "DataLocation":
            return str(resource["ResourceArn"])
        case "DataCellsFilter":
            path = f"data-cells-filter/{resource['DatabaseName']}/{resource['TableName']}/{resource['Name']}"
            return _arn("lakeformation", region, catalog, path)
        case "LFTag":
            path = f"lf-tag/{_values(resource['TagKey'], resource['TagValues'])}"
            return _arn("lakeformation", region, catalog, path)
        case "LFTagPolicy":
            expression = [(tag["TagKey"], tag["TagValues"]) for tag in resource.get("Expression") or ()]
            path = _expression(str(resource["ResourceType"]), expression, resource.get("ExpressionName"))
            return _arn("lakeformation", region, catalog, path)
        case "LFTagExpression":
            return _arn("lakeformation", region, catalog, f"lf-tag-expression/{resource['Name']}")
    return _arn("glue", region, catalog, "catalog")


def _arn(service: str, region: str, catalog: object, path: str) -> str:
    return f"arn:aws:{service}:{region}:{catalog}:{path}"


def _columns(names: Collection[str] | None, excluded: Collection[str] | None) -> str:
    if names:
        return f"/columns {','.join(sorted(names))}"
    return f"/columns except {','.join(sorted(excluded))}" if excluded else ""


def _values(key: str, values: Collection[str]) -> str:
    return f"{key}={'|'.join(sorted(values))}"


def _expression(type_: str, expression: Collection[tuple[str, Collection[str]]], name: str | None = None) -> str:
    text = "&".join(sorted(_values(key, values) for key, values in expression)) or str(name)
    return f"lf-tag-policy/{type_.lower()}/{text}"
