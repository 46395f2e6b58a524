"""The table in which lead data scientists request use cases, and in which the results are recorded."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from settings.data.request_layout import OPEN, PARTITION, QUEUE, SORT, TABLE


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestTableArgs:
    """Arguments of :class:`RequestTable`."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key that encrypts the table."""


class RequestTable(pulumi.ComponentResource):
    """A table of requests for use cases (TPL-03).

    A lead data scientist writes requests under the partition key ``<team>#<user>``, which IAM compares with the session
    tags of the caller. The records of what was done have the partition key ``<team>``, which no person can write. The
    table is protected, because it is the only record of who requested a use case.

    Creates: the table with on-demand capacity, encryption, point-in-time recovery for 35 days, deletion protection, and
    an index of open requests.

    Args: see :class:`RequestTableArgs`.

    Outputs: ``table_name``, ``arn``.

    Raises: nothing of its own.

    Cost: a few requests cost nothing measurable; a runner that looks for requests each minute costs about 0.01 USD a
    month.

    Example::

        RequestTable("requests", RequestTableArgs(key_arn=key.arn))
    """

    table_name: pulumi.Output[str]
    """Name of the table."""
    arn: pulumi.Output[str]
    """ARN of the table."""

    def __init__(self, name: str, args: RequestTableArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:delivery:RequestTable", name, None, opts)
        table = aws.dynamodb.Table(
            name,
            name=TABLE,
            hash_key=PARTITION,
            range_key=SORT,
            attributes=[aws.dynamodb.TableAttributeArgs(name=key, type="S") for key in (PARTITION, QUEUE, SORT)],
            global_secondary_indexes=[
                aws.dynamodb.TableGlobalSecondaryIndexArgs(
                    name=OPEN,
                    key_schemas=[
                        aws.dynamodb.TableGlobalSecondaryIndexKeySchemaArgs(attribute_name=key, key_type=kind)
                        for key, kind in ((QUEUE, "HASH"), (SORT, "RANGE"))
                    ],
                    projection_type="ALL",
                )
            ],
            billing_mode="PAY_PER_REQUEST",
            server_side_encryption=aws.dynamodb.TableServerSideEncryptionArgs(enabled=True, kms_key_arn=args.key_arn),
            point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(enabled=True),
            deletion_protection_enabled=True,
            opts=pulumi.ResourceOptions(parent=self, protect=True),
        )
        self.table_name, self.arn = table.name, table.arn
        self.register_outputs({"table_name": self.table_name, "arn": self.arn})
