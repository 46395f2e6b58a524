"""The customer managed KMS key of an environment, which encrypts all its data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.arns import account_principal, arn_of
from components.identity.iam.statements import Statement, policy_document
from components.identity.workloads.bounded_role import ROLE_PATH
from components.ranges import require_within

ADMINISTRATION = [
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
]
"""Administrative actions. Aliases are included because the key policy must allow them too (KMS Developer Guide,
"Controlling access to aliases")."""
USE = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
THIS_KEY = ["*"]
"""The only resource that a key policy can name (KMS Developer Guide, "Key policies")."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EncryptionKeyArgs:
    """Arguments of :class:`EncryptionKey`."""

    alias: str
    """Alias of the key without the ``alias/`` prefix."""

    description: str
    """Description of what the key encrypts, shown in the console."""

    account_id: pulumi.Input[str]
    """Id of the account that owns the key. Other accounts cannot use the key."""

    region: str
    """Region of the key, which is part of the service names in the key policy."""

    services: Sequence[str]
    """Services through which principals of the account may use the key (``s3``, ``sagemaker``). Direct use is not
    allowed."""

    deletion_days: int = 30
    """Days before a scheduled deletion takes effect, 7 to 30 (a KMS limit). Durable keys wait 30 days (KM-03)."""

    deliveries: Sequence[Statement] = ()
    """Statements for services that use the key under their own name, to deliver data that others read."""

    durable: bool = False
    """Whether the key is protected and kept when its stack is destroyed, because the data it encrypted may outlive the
    stack."""

    def __post_init__(self) -> None:
        require_within("deletion_days", self.deletion_days, (7, 30))


class EncryptionKey(pulumi.ComponentResource):
    """A rotating customer managed key with an explicit policy that separates administration from use.

    Creates: the key with its policy; its alias.

    Outputs: ``arn``, ``key_id``, ``alias_name``.

    Raises: ValueError when the deletion window is outside the KMS limits.

    Cost: 1 USD a month, and as much again for each of the first two yearly rotations; 0.03 USD per 10,000 requests.

    Example::

        key = EncryptionKey("key", EncryptionKeyArgs(
            alias="plinth/fraud/development", description="Data of fraud in development",
            account_id="111111111111", region="eu-west-1", services=["s3", "sagemaker"],
        ))
        pulumi.export("key_arn", key.arn)
    """

    arn: pulumi.Output[str]
    """ARN, for resources that encrypt with the key."""
    key_id: pulumi.Output[str]
    """Key id, for calls from the account of the key."""
    alias_name: pulumi.Output[str]
    """Alias name with its prefix (``alias/…``)."""

    def __init__(self, name: str, args: EncryptionKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:security:EncryptionKey", name, None, opts)
        key = aws.kms.Key(
            name,
            description=args.description,
            policy=policy_document(*_statements(args)),
            enable_key_rotation=True,
            deletion_window_in_days=args.deletion_days,
            opts=pulumi.ResourceOptions(parent=self, protect=args.durable, retain_on_delete=args.durable),
        )
        alias = aws.kms.Alias(
            f"{name}-alias",
            name=f"alias/{args.alias}",
            target_key_id=key.key_id,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.arn, self.key_id, self.alias_name = key.arn, key.key_id, alias.name
        self.register_outputs({"arn": self.arn, "key_id": self.key_id, "alias_name": self.alias_name})


def roles_use_the_key(account_id: pulumi.Input[str], role_names: Sequence[str]) -> Statement:
    """Allows roles that AWS services assume to use the key directly, because they call KMS themselves (KM-03)."""
    return Statement(
        sid="RolesOfServicesUseTheKey",
        principals={"AWS": [account_principal(account_id)]},
        actions=["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
        resources=THIS_KEY,
        conditions={
            "ArnEquals": {
                "aws:PrincipalArn": [arn_of("iam", "", account_id, f"role{ROLE_PATH}{name}") for name in role_names]
            }
        },
    )


def events_use_the_key(account_id: pulumi.Input[str]) -> Statement:
    """Allows EventBridge to use the key for encrypted event buses and dead-letter queues of the account.

    Sources: EventBridge User Guide, "Considerations when using a dead-letter queue", "Authorizing EventBridge to use a
    customer managed key".
    """
    return Statement(
        sid="EventsReachQueues",
        principals={"Service": ["events.amazonaws.com"]},
        actions=["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"],
        resources=THIS_KEY,
        conditions={"StringEquals": {"aws:SourceAccount": account_id}},
    )


def firewalls_use_the_key(account_id: pulumi.Input[str], region: str) -> Statement:
    """Allows Network Firewall to use the key for rule groups, policies and firewalls of the account.

    Sources, read 2026-11-21: Network Firewall Developer Guide, "Encryption at rest with AWS KMS"; for the encryption
    context, schubergphilis/terraform-aws-mcaf-network-firewall, ``examples/Complete/kms.tf``.
    """
    parts = arn_of("network-firewall", region, account_id, "*")
    return Statement(
        sid="FirewallsOfTheAccount",
        principals={"Service": ["network-firewall.amazonaws.com"]},
        actions=["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
        resources=THIS_KEY,
        conditions={"ArnLike": {"kms:EncryptionContext:aws:network-firewall:resource-id": parts}},
    )


def log_deliveries_read_with_the_key(account_id: pulumi.Input[str], region: str) -> Statement:
    """Allows log delivery to decrypt the events of state machines.

    Step Functions encrypts them with the key until they reach the log group (Step Functions Developer Guide, "Data at
    rest encryption").
    """
    return Statement(
        sid="LogDeliveriesOfTheAccount",
        principals={"Service": ["delivery.logs.amazonaws.com"]},
        actions=["kms:Decrypt"],
        resources=THIS_KEY,
        conditions={
            "ArnLike": {"aws:SourceArn": arn_of("logs", region, account_id, "*")},
            "StringEquals": {"aws:SourceAccount": account_id},
        },
    )


def _statements(args: EncryptionKeyArgs) -> list[Statement]:
    account = {"AWS": [account_principal(args.account_id)]}
    through_services = {
        "StringEquals": {
            "kms:CallerAccount": args.account_id,
            "kms:ViaService": [f"{service}.{args.region}.amazonaws.com" for service in args.services],
        }
    }
    return [
        # "root" delegates to the account's IAM policies. Without it, losing a role could make the key unmanageable for
        # ever.
        Statement(sid="AccountAdministers", principals=account, actions=ADMINISTRATION, resources=THIS_KEY),
        Statement(
            sid="AccountUsesThroughServices",
            principals=account,
            actions=USE,
            resources=THIS_KEY,
            conditions=through_services,
        ),
        Statement(
            sid="ServicesHoldGrantsForTheAccount",
            principals=account,
            actions=["kms:CreateGrant"],
            resources=THIS_KEY,
            conditions={**through_services, "Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
        _log_delivery(args),
        *args.deliveries,
    ]


def _log_delivery(args: EncryptionKeyArgs) -> Statement:
    """Allows CloudWatch Logs, which calls KMS under its own name, to use the key for log groups of the account.

    Source: CloudWatch Logs User Guide, "Encrypt log data".
    """
    groups = arn_of("logs", args.region, args.account_id, "log-group:*")
    return Statement(
        sid="LogGroupsOfTheAccount",
        principals={"Service": [f"logs.{args.region}.amazonaws.com"]},
        actions=USE,
        resources=THIS_KEY,
        conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
    )
