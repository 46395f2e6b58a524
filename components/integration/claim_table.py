"""Where intakes claim what they are about to do, so that nothing is done twice."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

KEY = "claim"
"""Attribute by which a claim is found: whose it is, and of what."""
EXPIRY = "expires"
"""Attribute with the second after which DynamoDB forgets a claim."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimTableArgs:
    """Arguments of :class:`ClaimTable`."""

    table_name: str
    """Name in the account."""

    key_arn: pulumi.Input[str]
    """KMS key that encrypts the claims."""


class ClaimTable(pulumi.ComponentResource):
    """A table of claims: whoever puts one in first does the work, and who comes later sees that it is done (INT-09).

    It goes with its environment. A claim is worth as much as the event that it is about, so it is not protected against
    deletion, which DD-01 asks of the catalogue's tables.

    Creates: the table, paid by request, encrypted, restorable to each of the last 35 days; claims expire.

    Args: see :class:`ClaimTableArgs`.

    Outputs: ``table_name``, ``arn``.

    Raises: nothing of its own.

    Cost: 1.41 USD per million claims and releases; next to nothing for storage.

    Example::

        claims = ClaimTable("claims", ClaimTableArgs(table_name="fraud-production-intake", key_arn=key.arn))
    """

    table_name: pulumi.Output[str]
    """For steps that claim."""
    arn: pulumi.Output[str]
    """For the policy of their role."""

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
