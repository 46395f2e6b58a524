"""Amazon DynamoDB: tables."""

from __future__ import annotations

from plinth_sandbox.provider.functions.storage import dynamodb as functions
from plinth_sandbox.provider.vocabulary import Call, Resource, Tagging, Update

TABLE = Resource(
    type="aws:dynamodb/table:Table",
    create=functions.create_table,
    creates=functions.CREATED,
    identifier="{name}",
    address={"TableName": "{name}"},
    read=[
        Call(
            "describe_table",
            within="Table",
            carries=["arn", "deletionProtectionEnabled", "name"],
        ),
        functions.read_table,
    ],
    update=[
        Update(functions.update_table, carries=["deletionProtectionEnabled"]),
        Update(functions.put_stream, carries=["streamEnabled", "streamViewType"]),
        Update(functions.put_recovery, carries=["pointInTimeRecovery"]),
        Update(functions.put_expiry, carries=["ttl"]),
    ],
    delete="delete_table",
    renames={"name": "TableName", "arn": "TableArn"},
    defaults={"billingMode": "PROVISIONED", "deletionProtectionEnabled": False, "streamEnabled": False},
    computed=["pointInTimeRecovery", "serverSideEncryption", "streamArn", "streamLabel", "streamViewType", "ttl"],
    tags=Tagging("tag_resource", "untag_resource", "list_tags_of_resource"),
)

RESOURCES = [TABLE]
