"""Samples of the Glue Data Catalog."""

from __future__ import annotations

import json
from typing import Any

from conformance.sample import Aws, Kept, Sample


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


def _encryption(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("glue").get_data_catalog_encryption_settings()["DataCatalogEncryptionSettings"]
    assert it.id
    return {
        "mode": found["EncryptionAtRest"]["CatalogEncryptionMode"],
        "role": found["EncryptionAtRest"].get("CatalogEncryptionServiceRole"),
        "passwords": found["ConnectionPasswordEncryption"]["ReturnConnectionPasswordEncrypted"],
    }


def _encrypted(mode: str, **more: Any) -> dict[str, Any]:
    return {
        "encryptionAtRest": {"catalogEncryptionMode": mode, "sseAwsKmsKeyId": "{key.outputs.arn}", **more},
        "connectionPasswordEncryption": {
            "returnConnectionPasswordEncrypted": True,
            "awsKmsKeyId": "{key.outputs.arn}",
        },
    }


def _turn_off_encryption(aws: Aws, it: Kept) -> None:
    off = {
        "EncryptionAtRest": {"CatalogEncryptionMode": "DISABLED"},
        "ConnectionPasswordEncryption": {"ReturnConnectionPasswordEncrypted": False},
    }
    aws("glue").put_data_catalog_encryption_settings(CatalogId=it.id, DataCatalogEncryptionSettings=off)


def _policy(action: str) -> str:
    statement = {"Effect": "Deny", "Principal": "*", "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _resource_policy(aws: Aws, it: Kept) -> str:
    assert it.id
    (statement,) = json.loads(aws("glue").get_resource_policy()["PolicyInJson"])["Statement"]
    return str(statement["Action"])


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
        type="aws:glue/dataCatalogEncryptionSettings:DataCatalogEncryptionSettings",
        needs={"key": ("aws:kms/key:Key", {})},
        inputs={"dataCatalogEncryptionSettings": _encrypted("SSE-KMS")},
        look=_encryption,
        seen={"mode": "SSE-KMS", "role": None, "passwords": True},
        change={
            "dataCatalogEncryptionSettings": _encrypted(
                "SSE-KMS-WITH-SERVICE-ROLE", catalogEncryptionServiceRole="arn:aws:iam::123456789012:role/catalogue"
            )
        },
        seen_changed={
            "mode": "SSE-KMS-WITH-SERVICE-ROLE",
            "role": "arn:aws:iam::123456789012:role/catalogue",
            "passwords": True,
        },
        remove=_turn_off_encryption,
    ),
    Sample(
        type="aws:glue/resourcePolicy:ResourcePolicy",
        inputs={"policy": _policy("glue:before"), "enableHybrid": "TRUE"},
        look=_resource_policy,
        seen="glue:before",
        change={"policy": _policy("glue:after")},
        seen_changed="glue:after",
        drift=lambda aws, it: aws("glue").put_resource_policy(PolicyInJson=_policy("glue:drifted")),
        drifts="policy",
        remove=lambda aws, it: aws("glue").delete_resource_policy(),
        not_imported=("enableHybrid",),
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
