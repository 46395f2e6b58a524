"""Samples of Amazon DynamoDB."""

from __future__ import annotations

from typing import Any

from conformance.sample import Aws, Kept, Sample


def _table(aws: Aws, it: Kept) -> dict[str, Any]:
    client = aws("dynamodb")
    found = client.describe_table(TableName=it.id)["Table"]
    recovery = client.describe_continuous_backups(TableName=it.id)["ContinuousBackupsDescription"]
    tags = client.list_tags_of_resource(ResourceArn=found["TableArn"])["Tags"]
    return {
        "key": [attribute["AttributeName"] for attribute in found["KeySchema"]],
        "indexes": {
            secondary_index["IndexName"]: (
                [key["AttributeName"] for key in secondary_index["KeySchema"]],
                secondary_index["Projection"],
            )
            for secondary_index in found["GlobalSecondaryIndexes"]
        },
        "billing": found["BillingModeSummary"]["BillingMode"],
        "kept": found["DeletionProtectionEnabled"],
        "under": found["SSEDescription"]["KMSMasterKeyArn"],
        "recovery": recovery["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"],
        "stream": found.get("StreamSpecification"),
        "expiry": client.describe_time_to_live(TableName=it.id)["TimeToLiveDescription"],
        "tags": {tag["Key"]: tag["Value"] for tag in tags},
    }


def _recover(aws: Aws, it: Kept, enabled: bool) -> None:
    aws("dynamodb").update_continuous_backups(
        TableName=it.id, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": enabled}
    )


_INDEXES = {
    "open": (["state", "claim"], {"ProjectionType": "ALL"}),
    "newest": (["state"], {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["result"]}),
}

SAMPLES = [
    Sample(
        type="aws:dynamodb/table:Table",
        needs={"key": ("aws:kms/key:Key", {})},
        inputs={
            "name": "table-{n}",
            "hashKey": "claim",
            "rangeKey": "moment",
            "attributes": [{"name": name, "type": "S"} for name in ("claim", "moment", "state")],
            "globalSecondaryIndexes": [
                {
                    "name": "open",
                    "keySchemas": [
                        {"attributeName": "state", "keyType": "HASH"},
                        {"attributeName": "claim", "keyType": "RANGE"},
                    ],
                    "projectionType": "ALL",
                },
                {
                    "name": "newest",
                    "keySchemas": [{"attributeName": "state", "keyType": "HASH"}],
                    "projectionType": "INCLUDE",
                    "nonKeyAttributes": ["result"],
                },
            ],
            "billingMode": "PAY_PER_REQUEST",
            "pointInTimeRecovery": {"enabled": True},
            "serverSideEncryption": {"enabled": True, "kmsKeyArn": "{key.outputs.arn}"},
            "streamEnabled": True,
            "streamViewType": "NEW_IMAGE",
            "ttl": {"enabled": True, "attributeName": "expires"},
            "tags": {"own": "1"},
        },
        look=_table,
        seen={
            "key": ["claim", "moment"],
            "indexes": _INDEXES,
            "billing": "PAY_PER_REQUEST",
            "kept": False,
            "under": "{key.outputs.arn}",
            "recovery": "ENABLED",
            "stream": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
            "expiry": {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"},
            "tags": {"from": "provider", "own": "1"},
        },
        change={"pointInTimeRecovery": {"enabled": False}, "tags": {"own": "2"}},
        seen_changed={
            "key": ["claim", "moment"],
            "indexes": _INDEXES,
            "billing": "PAY_PER_REQUEST",
            "kept": False,
            "under": "{key.outputs.arn}",
            "recovery": "DISABLED",
            "stream": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
            "expiry": {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"},
            "tags": {"from": "provider", "own": "2"},
        },
        replace={"name": "table-{n}-renamed"},
        drift=lambda aws, it: _recover(aws, it, False),
        drifts="pointInTimeRecovery",
        remove=lambda aws, it: aws("dynamodb").delete_table(TableName=it.id),
    ),
]
