"""Samples of AWS Glue."""

from __future__ import annotations

from typing import Any

from tests.engine.conformance.sample import Aws, Kept, Sample


def _database(aws: Aws, it: Kept) -> dict[str, Any]:
    glue = aws("glue")
    database = glue.get_database(Name=it.inputs["name"])["Database"]
    return {
        "id": it.id == f"{database['CatalogId']}:{database['Name']}",
        "description": database.get("Description"),
        "location": database["LocationUri"],
        "parameters": database["Parameters"],
        "tags": glue.get_tags(ResourceArn=it.outputs["arn"])["Tags"],
    }


def _table(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("glue").get_table(DatabaseName=it.outputs["databaseName"], Name=it.outputs["name"])["Table"]
    stored = found["StorageDescriptor"]
    return {
        "description": found["Description"],
        "type": found["TableType"],
        "parameters": found["Parameters"],
        "partitions": found["PartitionKeys"],
        "location": stored["Location"],
        "reads": stored["SerdeInfo"]["SerializationLibrary"],
        "columns": [column["Name"] for column in stored["Columns"]],
    }


def _seen_table(when: str, columns: list[str]) -> dict[str, Any]:
    return {
        "description": when,
        "type": "EXTERNAL_TABLE",
        "parameters": {"classification": "cloudtrail", "projection.enabled": "true"},
        "partitions": [{"Name": "account", "Type": "string"}],
        "location": f"s3://archive/{when}/",
        "reads": "org.apache.hive.hcatalog.data.JsonSerDe",
        "columns": columns,
    }


def _empty_table(aws: Aws, it: Kept) -> None:
    table = {"Name": it.outputs["name"], "Description": "drifted"}
    aws("glue").update_table(DatabaseName=it.outputs["databaseName"], TableInput=table)


SAMPLES = [
    Sample(
        type="aws:glue/catalogDatabase:CatalogDatabase",
        inputs={
            "name": "sample_{n}",
            "description": "before",
            "locationUri": "s3://acme-lake/before/",
            "parameters": {"owner": "fraud"},
            "tags": {"own": "1"},
        },
        look=_database,
        seen={
            "id": True,
            "description": "before",
            "location": "s3://acme-lake/before/",
            "parameters": {"owner": "fraud"},
            "tags": {"from": "provider", "own": "1"},
        },
        change={
            "description": "after",
            "locationUri": "s3://acme-lake/after/",
            "parameters": {"owner": "churn"},
            "tags": {"own": "2"},
        },
        seen_changed={
            "id": True,
            "description": "after",
            "location": "s3://acme-lake/after/",
            "parameters": {"owner": "churn"},
            "tags": {"from": "provider", "own": "2"},
        },
        replace={"name": "sample_{n}_renamed"},
        drift=lambda aws, it: aws("glue").update_database(
            Name=it.inputs["name"],
            DatabaseInput={"Name": it.inputs["name"], "LocationUri": "s3://acme-lake/before/", "Description": "moved"},
        ),
        drifts="description",
        remove=lambda aws, it: aws("glue").delete_database(Name=it.inputs["name"]),
    ),
    Sample(
        type="aws:glue/catalogTable:CatalogTable",
        needs={"database": ("aws:glue/catalogDatabase:CatalogDatabase", {"name": "of_tables_{n}"})},
        inputs={
            "name": "trail_{n}",
            "databaseName": "{database.outputs.name}",
            "description": "before",
            "tableType": "EXTERNAL_TABLE",
            "parameters": {"classification": "cloudtrail", "projection.enabled": "true"},
            "partitionKeys": [{"name": "account", "type": "string"}],
            "storageDescriptor": {
                "location": "s3://archive/before/",
                "inputFormat": "com.amazon.emr.cloudtrail.CloudTrailInputFormat",
                "outputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
                "serDeInfo": {"serializationLibrary": "org.apache.hive.hcatalog.data.JsonSerDe"},
                "columns": [{"name": "eventtime", "type": "string", "comment": "when"}],
            },
        },
        look=_table,
        seen=_seen_table("before", ["eventtime"]),
        change={
            "description": "after",
            "storageDescriptor": {
                "location": "s3://archive/after/",
                "inputFormat": "com.amazon.emr.cloudtrail.CloudTrailInputFormat",
                "outputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
                "serDeInfo": {"serializationLibrary": "org.apache.hive.hcatalog.data.JsonSerDe"},
                "columns": [{"name": "eventtime", "type": "string"}, {"name": "eventname", "type": "string"}],
            },
        },
        seen_changed=_seen_table("after", ["eventtime", "eventname"]),
        replace={"name": "renamed_{n}"},
        drift=_empty_table,
        drifts="description",
        remove=lambda aws, it: aws("glue").delete_table(
            DatabaseName=it.outputs["databaseName"], Name=it.outputs["name"]
        ),
    ),
]
