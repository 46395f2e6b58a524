"""The table in which ingestion records which events it processes, so that no event is processed twice."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

KEY = "claim"
"""Name of the partition key, which combines the name of the ingestion and the event."""
EXPIRY = "expires"
"""Name of the TTL attribute: the epoch second after which DynamoDB deletes a claim."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimTableArgs:
    """Arguments of :class:`ClaimTable`."""

    table_name: str
    """Name of the table in the account."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key that encrypts the table."""


class ClaimTable(pulumi.ComponentResource):
    """A table of claims: the first execution that writes a claim processes the event; later ones see that it is taken
    (INT-09).

    The table is deleted with its environment. A claim is worth no more than the event it is about, so the table has no
    deletion protection, unlike the tables to which DD-01 applies.

    Creates: the table with on-demand capacity, encryption, point-in-time recovery for 35 days, and TTL.

    Outputs: ``table_name``, ``arn``.

    Cost: 1.41 USD per million claims and releases; storage costs almost nothing.

    Example::

        claims = ClaimTable("claims", ClaimTableArgs(table_name="fraud-production-intake", key_arn=key.arn))
    """

    table_name: pulumi.Output[str]
    """Name of the table, for steps that write claims."""
    arn: pulumi.Output[str]
    """ARN of the table, for the policy of their role."""

    def __init__(self, name: str, args: ClaimTableArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:integration:ClaimTable", name, None, opts)
        table = aws.dynamodb.Table(
            name,
            name=args.table_name,
            hash_key=KEY,
            attributes=[aws.dynamodb.TableAttributeArgs(name=KEY, type="S")],
            billing_mode="PAY_PER_REQUEST",
            server_side_encryption=aws.dynamodb.TableServerSideEncryptionArgs(enabled=True, kms_key_arn=args.key_arn),
            point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(enabled=True),
            ttl=aws.dynamodb.TableTtlArgs(enabled=True, attribute_name=EXPIRY),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.table_name, self.arn = table.name, table.arn
        self.register_outputs({"table_name": self.table_name, "arn": self.arn})
