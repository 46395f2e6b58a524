"""SageMaker Feature Store: feature groups, and the table of each offline store in the Glue Data Catalog.

The fallback store keeps the feature group. The patches check the definition, add the location of the offline store and
create its table (SageMaker Developer Guide, "Offline store data format").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from moto.glue.models import glue_backends
from moto.s3.models import s3_backends

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.store.record import Place, Record, now
from plinth_sandbox.s3_location import split

RESERVED = ("api_invocation_time", "is_deleted", "write_time")
"""Columns that the offline store adds itself."""
HIVE: Mapping[str, str] = MappingProxyType({"Integral": "bigint", "Fractional": "double", "String": "string"})
_ADDED = (("write_time", "timestamp"), ("api_invocation_time", "timestamp"), ("is_deleted", "boolean"))
_BY_HOUR = ("year", "month", "day", "hour")
_DATABASE = "sagemaker_featurestore"
"""Database of tables for which the request names no database."""


def group_of(exchange: Exchange, account: str, name: str) -> Record | None:
    place = Place(account, exchange.call.region, "sagemaker")
    return exchange.memory.store.find(place, "FeatureGroup", {"FeatureGroupName": name})


def is_iceberg(group: Record) -> bool:
    return bool(group.values["OfflineStoreConfig"].get("TableFormat") == "Iceberg")


def _create(exchange: Exchange) -> Answer:
    given = exchange.call.parameters
    if fault := next(_faults(given), None):
        raise AwsError("ValidationException", fault)
    if group_of(exchange, exchange.call.account, given["FeatureGroupName"]):
        raise AwsError("ResourceInUse", f"Resource Already Exists: {given['FeatureGroupName']}")
    offline = given.get("OfflineStoreConfig")
    if offline:
        _require_bucket(offline["S3StorageConfig"]["S3Uri"])
    answer = exchange.below()
    if answer.succeeded:
        group = group_of(exchange, exchange.call.account, given["FeatureGroupName"])
        assert group is not None
        group.values["FeatureGroupStatus"] = "Created"
        if offline:
            _complete_offline_store(group, dict(offline))
    return answer


def _faults(given: Mapping[str, Any]) -> Iterator[str]:
    types = {feature["FeatureName"]: feature["FeatureType"] for feature in given["FeatureDefinitions"]}
    identifier, time = given["RecordIdentifierFeatureName"], given["EventTimeFeatureName"]
    if len({name.lower() for name in types}) < len(given["FeatureDefinitions"]):
        yield "Duplicate feature names; they do not differ by case."
    for name in types:
        if name.lower() in RESERVED:
            yield f"Feature name {name} is reserved."
    if identifier not in types or time not in types:
        yield "The record identifier and the event time must be among the feature definitions."
    elif types[time] not in ("String", "Fractional"):
        yield f"The event time feature {time} must be String or Fractional."
    online, offline = given.get("OnlineStoreConfig") or {}, given.get("OfflineStoreConfig")
    if not online.get("EnableOnlineStore") and not offline:
        yield "Either the online store or the offline store must be enabled."
    if online.get("StorageType") == "InMemory" and offline:
        yield "A feature group with the InMemory online store cannot have an offline store."
    if offline and offline.get("TableFormat") == "Iceberg" and offline.get("DisableGlueTableCreation"):
        yield "The Iceberg table format needs the Glue table."


def _require_bucket(uri: str) -> None:
    if split(uri)[0] not in s3_backends.bucket_accounts:
        raise AwsError("ValidationException", "Invalid S3Uri provided: the bucket does not exist.")


def _complete_offline_store(group: Record, offline: dict[str, Any]) -> None:
    """Sets the members of the offline store that AWS adds to the request."""
    name, made = group.values["FeatureGroupName"], int(now().timestamp())
    stored = offline["S3StorageConfig"]
    place = f"{group.place.account}/sagemaker/{group.place.region}/offline-store/{name}-{made}/data"
    resolved = {"ResolvedOutputS3Uri": f"{stored['S3Uri'].rstrip('/')}/{place}"}
    # AWS answers with the requested table format. The default is Glue.
    offline |= {"S3StorageConfig": {**stored, **resolved}, "TableFormat": offline.get("TableFormat") or "Glue"}
    group.values["OfflineStoreConfig"] = offline
    group.values["OfflineStoreStatus"] = {"Status": "Active"}
    if not offline.get("DisableGlueTableCreation"):
        table = offline.setdefault(
            "DataCatalogConfig",
            {"TableName": f"{name.replace('-', '_')}_{made}", "Catalog": "AwsDataCatalog", "Database": _DATABASE},
        )
        _make_table(group, table["Database"], table["TableName"])


def _make_table(group: Record, database: str, table: str) -> None:
    """Creates the table in the Glue Data Catalog of the group's account. A database that the request names must
    exist."""
    catalog = glue_backends[group.place.account][group.place.region]
    if database == _DATABASE and database not in catalog.databases:
        catalog.create_database(database, {"Name": database})
    catalog.create_table(database, table, _table(group, table))


def _table(group: Record, name: str) -> dict[str, Any]:
    columns = [{"Name": column, "Type": type_} for column, type_ in columns_of(group)]
    location = group.values["OfflineStoreConfig"]["S3StorageConfig"]["ResolvedOutputS3Uri"]
    storage: dict[str, Any] = {"Columns": columns, "Location": location}
    if is_iceberg(group):
        storage["Location"] = location.removesuffix("/data")
        return {
            "Name": name,
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {"table_type": "ICEBERG"},
            "StorageDescriptor": storage,
        }
    formats = {
        "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
        "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
    }
    return {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"classification": "parquet"},
        "PartitionKeys": [{"Name": key, "Type": "string"} for key in _BY_HOUR],
        "StorageDescriptor": {**storage, **formats},
    }


def columns_of(group: Record) -> list[tuple[str, str]]:
    """Returns the columns of the offline store with their Hive types. Glue's names are lower case."""
    features = ((f["FeatureName"].lower(), HIVE[f["FeatureType"]]) for f in group.values["FeatureDefinitions"])
    return [*features, *_ADDED]


def _update(exchange: Exchange) -> Answer:
    """Updates a feature group: features can be added, and the online store's time to live can be changed."""
    given = exchange.call.parameters
    group = group_of(exchange, exchange.call.account, given["FeatureGroupName"])
    if group is None:
        raise AwsError("ResourceNotFound", f"Resource Not Found: {given['FeatureGroupName']}")
    added = given.get("FeatureAdditions") or []
    known = {feature["FeatureName"].lower() for feature in group.values["FeatureDefinitions"]}
    if known & {feature["FeatureName"].lower() for feature in added}:
        raise AwsError("ValidationException", "A feature of that name exists already.")
    group.values["FeatureDefinitions"] = [*group.values["FeatureDefinitions"], *added]
    if online := given.get("OnlineStoreConfig"):
        group.values["OnlineStoreConfig"] = {**group.values.get("OnlineStoreConfig", {}), **online}
    if given.get("ThroughputConfig"):
        group.values["ThroughputConfig"] = given["ThroughputConfig"]
    group.values["LastUpdateStatus"] = {"Status": "Successful"}
    group.changed = now()
    return exchange.call.reply({"FeatureGroupArn": group.arn})


def _delete(exchange: Exchange) -> Answer:
    """Deletes the group and its online records. The offline store and its table stay."""
    group = group_of(exchange, exchange.call.account, exchange.call.parameters["FeatureGroupName"])
    answer = exchange.below()
    if answer.succeeded and group is not None:
        exchange.memory.notes("featurestore", group.arn).clear()
    return answer


PATCHES: Patches = {
    "CreateFeatureGroup": _create,
    "DeleteFeatureGroup": _delete,
    "UpdateFeatureGroup": _update,
}
