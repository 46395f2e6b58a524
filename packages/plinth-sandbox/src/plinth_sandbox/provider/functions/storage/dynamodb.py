"""Tables, whose keys, encryption, recovery and expiry are nested differently from the properties."""

from __future__ import annotations

from typing import Any

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties

CREATED = ["attributes", "billingMode", "deletionProtectionEnabled", "globalSecondaryIndexes", "hashKey", "name"]
CREATED += ["rangeKey", "serverSideEncryption", "streamEnabled", "streamViewType", "tags"]


def create_table(caller: Caller, known: Properties) -> None:
    """Creates a table with its encryption key and tags. Other settings follow in updates."""
    request: dict[str, Any] = {
        "TableName": known["name"],
        "KeySchema": _key_schema(known),
        "AttributeDefinitions": [
            {"AttributeName": attribute["name"], "AttributeType": attribute["type"]}
            for attribute in known["attributes"]
        ],
        "BillingMode": known.get("billingMode", "PROVISIONED"),
        "DeletionProtectionEnabled": bool(known.get("deletionProtectionEnabled")),
    }
    if indexes := known.get("globalSecondaryIndexes"):
        request["GlobalSecondaryIndexes"] = [
            {
                "IndexName": index["name"],
                "KeySchema": _key_schema(index),
                "Projection": {
                    "ProjectionType": index["projectionType"],
                    **({"NonKeyAttributes": index["nonKeyAttributes"]} if index.get("nonKeyAttributes") else {}),
                },
            }
            for index in indexes
        ]
    if encryption := known.get("serverSideEncryption"):
        request["SSESpecification"] = {
            "Enabled": encryption["enabled"],
            **({"SSEType": "KMS", "KMSMasterKeyId": encryption["kmsKeyArn"]} if encryption.get("kmsKeyArn") else {}),
        }
    if known.get("streamEnabled"):
        request["StreamSpecification"] = _stream(known)
    if known["tagsAll"]:
        request["Tags"] = [{"Key": key, "Value": value} for key, value in known["tagsAll"].items()]
    caller.aws("create_table", **request)


def _stream(known: Properties) -> dict[str, Any]:
    return {"StreamEnabled": True, "StreamViewType": known["streamViewType"]}


def _key_schema(known: Properties) -> list[dict[str, str]]:
    """Returns the keys of a table or an index, as the API names them. An index names them in one of two ways."""
    if given := known.get("keySchemas"):
        return [{"AttributeName": attribute["attributeName"], "KeyType": attribute["keyType"]} for attribute in given]
    keys = [{"AttributeName": known["hashKey"], "KeyType": "HASH"}]
    if known.get("rangeKey"):
        keys.append({"AttributeName": known["rangeKey"], "KeyType": "RANGE"})
    return keys


def read_table(caller: Caller, known: Properties) -> Properties:
    """Returns properties that the description nests or lacks."""
    name = known["name"]
    table = caller.aws("describe_table", TableName=name)["Table"]
    recovery = caller.aws("describe_continuous_backups", TableName=name)["ContinuousBackupsDescription"]
    expiry = caller.aws("describe_time_to_live", TableName=name)["TimeToLiveDescription"]
    encryption = table.get("SSEDescription") or {}
    stream = table.get("StreamSpecification") or {}
    return {
        "streamEnabled": bool(stream.get("StreamEnabled")),
        "streamViewType": stream.get("StreamViewType", ""),
        # The stream stays for a day after it was disabled.
        "streamArn": table.get("LatestStreamArn", ""),
        "streamLabel": table.get("LatestStreamLabel", ""),
        "attributes": [
            {"name": attribute_definition["AttributeName"], "type": attribute_definition["AttributeType"]}
            for attribute_definition in table["AttributeDefinitions"]
        ],
        **_keys(table["KeySchema"]),
        "globalSecondaryIndexes": [
            _index(secondary_index, known) for secondary_index in table.get("GlobalSecondaryIndexes", [])
        ],
        "billingMode": table.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED"),
        "pointInTimeRecovery": {
            "enabled": recovery["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
        },
        "ttl": {
            "enabled": expiry["TimeToLiveStatus"] == "ENABLED",
            **({"attributeName": expiry["AttributeName"]} if "AttributeName" in expiry else {}),
        },
        "serverSideEncryption": {
            "enabled": encryption.get("Status") == "ENABLED",
            "kmsKeyArn": encryption.get("KMSMasterKeyArn"),
        },
    }


def _index(found: dict[str, Any], known: Properties) -> Properties:
    """Returns the properties of an index, whose keys are named as the program names them."""
    projection = found["Projection"]
    named = {secondary_index["name"]: secondary_index for secondary_index in known.get("globalSecondaryIndexes") or ()}
    schema = found["KeySchema"]
    keys: Properties = {
        "keySchemas": [
            {"attributeName": attribute["AttributeName"], "keyType": attribute["KeyType"]} for attribute in schema
        ]
    }
    return {
        "name": found["IndexName"],
        **(_keys(schema) if named.get(found["IndexName"], {}).get("hashKey") else keys),
        "projectionType": projection["ProjectionType"],
        **({"nonKeyAttributes": projection["NonKeyAttributes"]} if "NonKeyAttributes" in projection else {}),
    }


def _keys(schema: list[dict[str, str]]) -> Properties:
    """Returns the keys of a table or an index as properties."""
    keys = {attribute["KeyType"]: attribute["AttributeName"] for attribute in schema}
    return {"hashKey": keys["HASH"], "rangeKey": keys.get("RANGE")}


def update_table(caller: Caller, known: Properties) -> None:
    """Updates the deletion protection."""
    caller.aws(
        "update_table",
        TableName=known["name"],
        DeletionProtectionEnabled=bool(known.get("deletionProtectionEnabled")),
    )


def put_stream(caller: Caller, known: Properties) -> None:
    """Enables or disables the stream. Another view needs another stream."""
    name, wanted = known["name"], _stream(known) if known.get("streamEnabled") else {"StreamEnabled": False}
    present = caller.aws("describe_table", TableName=name)["Table"].get("StreamSpecification") or {
        "StreamEnabled": False
    }
    if present == wanted:
        return
    if present["StreamEnabled"]:
        caller.aws("update_table", TableName=name, StreamSpecification={"StreamEnabled": False})
    if wanted["StreamEnabled"]:
        caller.aws("update_table", TableName=name, StreamSpecification=wanted)


def put_recovery(caller: Caller, known: Properties) -> None:
    """Enables or disables point-in-time recovery of the last 35 days."""
    enabled = bool((known.get("pointInTimeRecovery") or {}).get("enabled"))
    caller.aws(
        "update_continuous_backups",
        TableName=known["name"],
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": enabled},
    )


def put_expiry(caller: Caller, known: Properties) -> None:
    """Sets the attribute by which items expire."""
    wanted = known.get("ttl") or {}
    caller.aws(
        "update_time_to_live",
        TableName=known["name"],
        TimeToLiveSpecification={"Enabled": bool(wanted.get("enabled")), "AttributeName": wanted.get("attributeName")},
    )
