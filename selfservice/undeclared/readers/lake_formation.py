"""Lake Formation: grants, data lake administrators, cell filters and registered locations of one catalog."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from selfservice.undeclared.finding import Danger, Finding
from selfservice.undeclared.grants import (
    IAM_ALLOWED_PRINCIPALS,
    Grant,
    declared_grants,
    listed_grants,
    undeclared,
)
from selfservice.undeclared.reading import Reading
from settings.types.aws.account_access import DEPLOYER, AccountAccess, role_arn

SETTINGS = "aws:lakeformation/dataLakeSettings:DataLakeSettings"
PERMISSIONS = "aws:lakeformation/permissions:Permissions"
FILTER = "aws:lakeformation/dataCellsFilter:DataCellsFilter"
LOCATION = "aws:lakeformation/resource:Resource"


def read(reading: Reading) -> Iterator[Finding]:
    """Yields what Lake Formation allows in the catalog of the account and region, and no stack declares."""
    has_settings = bool(reading.names("id", SETTINGS))
    settings = reading.client("lakeformation").get_data_lake_settings()["DataLakeSettings"]
    _note_hidden(reading, settings)
    yield from _grants(reading, has_settings=has_settings)
    if not has_settings:
        yield from _settings(reading, settings)
    yield from _filters(reading)
    yield from _locations(reading)


def _note_hidden(reading: Reading, settings: Mapping[str, Any]) -> None:
    """Notes that Lake Formation hides grants: it shows all of them to administrators and read-only administrators only
    (API Reference, ListPermissions)."""
    administrators = {*_identifiers(settings.get("DataLakeAdmins")), *_identifiers(settings.get("ReadOnlyAdmins"))}
    role = reading.account.role_arn
    if administrators and role is not None and role not in administrators:
        what = f"grants that {role} does not have itself"
        reading.note(what, "Lake Formation shows all grants to administrators and read-only administrators only")


def _grants(reading: Reading, *, has_settings: bool) -> Iterator[Finding]:
    account, region = reading.account.id, reading.account.region
    # A grant in the catalog of another account is declared by a provider of that account.
    declared = [
        grant
        for permission in reading.declared.of(PERMISSIONS, account=account, region=region)
        for grant in declared_grants(permission.properties, account, region)
    ]
    entries = list(reading.every("lakeformation", "list_permissions", "PrincipalResourcePermissions"))
    updated: dict[tuple[str, str], Any] = {}
    present = []
    for entry in entries:
        for grant in listed_grants(entry, account, region):
            present.append(grant)
            updated[grant.principal, grant.resource] = entry.get("LastUpdated")
    by_resource: defaultdict[tuple[str, str], list[Grant]] = defaultdict(list)
    for grant in undeclared(present, declared):
        if not _is_of_aws(grant, account, has_settings=has_settings):
            by_resource[grant.principal, grant.resource].append(grant)
    for key, grants in by_resource.items():
        yield _grant_finding(reading, *key, grants, updated[key])


def _is_of_aws(grant: Grant, account: str, *, has_settings: bool) -> bool:
    """Returns whether Lake Formation made the grant by itself.

    Who creates a database or a table gets all permissions on it: the roles that deploy into the account. Catalogs
    whose settings nobody declares have the default of AWS, by which IAM policies alone decide.
    """
    creators = (AccountAccess().role_arn(account), role_arn(account, DEPLOYER))
    return grant.principal in creators or (grant.principal == IAM_ALLOWED_PRINCIPALS and not has_settings)


def _grant_finding(reading: Reading, principal: str, resource: str, grants: list[Grant], updated: object) -> Finding:
    plain = sorted(grant.permission for grant in grants if not grant.grantable)
    options = sorted(grant.permission for grant in grants if grant.grantable)
    parts = [", ".join(plain)] if plain else []
    if options:
        parts.append(f"the option to grant {', '.join(options)} to others")
    everyone = principal == IAM_ALLOWED_PRINCIPALS
    outside = None if everyone else reading.organization.danger_to(principal, reading.account.id)
    danger = outside if outside is Danger.OUTSIDE else Danger.TAKE_OVER if options else Danger.ORGANIZATION
    return reading.found(
        danger,
        resource,
        " and ".join(parts),
        "Revoke it (`aws lakeformation revoke-permissions`).",
        principals=("everybody whose IAM policies allow it" if everyone else principal,),
        since=updated,
    )


def _settings(reading: Reading, settings: Mapping[str, Any]) -> Iterator[Finding]:
    resource = f"arn:aws:lakeformation:{reading.account.region}:{reading.account.id}:data-lake-settings"
    remedy = "Remove it from the data lake settings (`aws lakeformation put-data-lake-settings`)."
    for key, allows in (("DataLakeAdmins", "granting everything to anybody"), ("ReadOnlyAdmins", "seeing all grants")):
        administrators = _identifiers(settings.get(key))
        if administrators:
            danger = Danger.TAKE_OVER if key == "DataLakeAdmins" else Danger.ACCOUNT
            yield reading.found(danger, resource, allows, remedy, principals=administrators)
    filtering = _identifiers(settings.get("ExternalDataFilteringAllowList"))
    if settings.get("AllowExternalDataFiltering") and filtering:
        dangers = [reading.organization.danger_to(identifier, reading.account.id) for identifier in filtering]
        danger = Danger.OUTSIDE if Danger.OUTSIDE in dangers else Danger.ORGANIZATION
        yield reading.found(danger, resource, "reading data and filtering it themselves", remedy, principals=filtering)


def _identifiers(principals: Any) -> tuple[str, ...]:
    return tuple(str(principal["DataLakePrincipalIdentifier"]) for principal in principals or ())


def _filters(reading: Reading) -> Iterator[Finding]:
    """Yields cell filters. A grant on one is found on its own."""
    declared = {
        _filter_name({key[0].upper() + key[1:]: value for key, value in _data(declared_filter.properties).items()})
        for declared_filter in reading.declared.of(FILTER, account=reading.account.id, region=reading.account.region)
    }
    for filter_ in reading.every("lakeformation", "list_data_cells_filter", "DataCellsFilters"):
        name = _filter_name(filter_)
        if name not in declared:
            resource = f"arn:aws:lakeformation:{reading.account.region}:{reading.account.id}:data-cells-filter/{name}"
            allows = "grants on rows and columns of its choice"
            remedy = "Delete it (`aws lakeformation delete-data-cells-filter`)."
            yield reading.found(Danger.ACCOUNT, resource, allows, remedy)


def _data(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    data = properties["tableData"]
    return dict(data[0] if isinstance(data, list) else data)


def _filter_name(filter_: Mapping[str, Any]) -> str:
    return f"{filter_['DatabaseName']}/{filter_['TableName']}/{filter_['Name']}"


def _locations(reading: Reading) -> Iterator[Finding]:
    declared = reading.names("arn", LOCATION)
    for resource in reading.every("lakeformation", "list_resources", "ResourceInfoList"):
        if resource["ResourceArn"] not in declared:
            allows = "readers of tables in this location to use this role"
            remedy = "Deregister it (`aws lakeformation deregister-resource`)."
            role = (str(resource["RoleArn"]),) if resource.get("RoleArn") else ()
            yield reading.found(
                Danger.ORGANIZATION,
                resource["ResourceArn"],
                allows,
                remedy,
                principals=role,
                since=resource.get("LastModified"),
            )
