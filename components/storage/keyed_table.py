"""A DynamoDB table of records that nobody may lose."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyedTableArgs:
    """A table with a partition key and a sort key, and one index with the same sort key. All keys are texts."""

    table_name: str
    partition: str
    sort: str
    index: str
    """Name of the index."""
    index_key: str
    """Partition key of the index. Items without it are not in the index."""
    index_sort: str
    """Sort key of the index: the partition key or the sort key of the table."""
    key_arn: pulumi.Input[str]
    """ARN of the KMS key that encrypts the table."""
    streams: bool = False
    """Whether changes of items are in a stream, with the new items."""


def keyed_table(name: str, args: KeyedTableArgs, parent: pulumi.Resource) -> aws.dynamodb.Table:
    """Creates the table with on-demand capacity, encryption, point-in-time recovery for 35 days and deletion
    protection."""
    return aws.dynamodb.Table(
        name,
        name=args.table_name,
        hash_key=args.partition,
        range_key=args.sort,
        attributes=[
            aws.dynamodb.TableAttributeArgs(name=key, type="S") for key in (args.partition, args.index_key, args.sort)
        ],
        global_secondary_indexes=[
            aws.dynamodb.TableGlobalSecondaryIndexArgs(
                name=args.index,
                key_schemas=[
                    aws.dynamodb.TableGlobalSecondaryIndexKeySchemaArgs(attribute_name=key, key_type=kind)
                    for key, kind in ((args.index_key, "HASH"), (args.index_sort, "RANGE"))
                ],
                projection_type="ALL",
            )
        ],
        billing_mode="PAY_PER_REQUEST",
        server_side_encryption=aws.dynamodb.TableServerSideEncryptionArgs(enabled=True, kms_key_arn=args.key_arn),
        point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(enabled=True),
        deletion_protection_enabled=True,
        stream_enabled=args.streams or None,
        stream_view_type="NEW_IMAGE" if args.streams else None,
        opts=pulumi.ResourceOptions(parent=parent, protect=True),
    )
