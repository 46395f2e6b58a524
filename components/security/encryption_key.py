"""The customer key of an environment: what encrypts everything that the environment keeps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.statements import Statement, policy_document
from components.identity.workloads.bounded_role import ROLE_PATH

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
"""With aliases: naming a key takes its own policy's word too (KMS Developer Guide, "Controlling access to aliases")."""
USE = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
THIS_KEY = ["*"]
"""In a key policy the only resource there is (KMS Developer Guide, "Key policies")."""


@dataclass(frozen=True, kw_only=True, slots=True)
class EncryptionKeyArgs:
    """Arguments of :class:`EncryptionKey`."""

    alias: str
    """Name by which people find the key, without the ``alias/`` prefix."""

    description: str
    """What the key encrypts, for the console."""

    account_id: pulumi.Input[str]
    """Account that owns the key; nobody outside it uses the key."""

    region: str
    """Region of the key, which the services' names carry."""

    services: Sequence[str]
    """Services that may use the key for a principal of the account (``s3``, ``sagemaker``): no direct use."""

    deletion_days: int = 30
    """Days in which the key's deletion can be taken back, 7 to 30 (a KMS limit). Durable keys wait 30 (KM-03)."""

    deliveries: Sequence[Statement] = ()
    """Statements for services that use the key in their own name, to deliver what others will read."""

    durable: bool = False
    """Durable keys are protected, and stay when their stack is taken down: what they encrypted outlives it."""

    def __post_init__(self) -> None:
        if not 7 <= self.deletion_days <= 30:
            raise ValueError(f"deletion_days: {self.deletion_days} is out of range (7 to 30)")


class EncryptionKey(pulumi.ComponentResource):
    """A rotating customer key with an explicit policy: administrators do not use it, users do not administer it.

    Creates: the key with its policy; its alias.

    Args: see :class:`EncryptionKeyArgs`.

    Outputs: ``arn``, ``key_id``, ``alias_name``.

    Raises: ValueError when the deletion window is outside KMS's limits.

    Cost: 1 USD a month, and as much again for each of the first two yearly rotations; 0.03 USD per 10,000 requests.

    Example::

        key = EncryptionKey("key", EncryptionKeyArgs(
            alias="plinth/fraud/development", description="Data of fraud in development",
            account_id="111111111111", region="eu-west-1", services=["s3", "sagemaker"],
        ))
        pulumi.export("key_arn", key.arn)
    """

    arn: pulumi.Output[str]
    """For resources that encrypt with the key."""
    key_id: pulumi.Output[str]
    """For calls that name the key inside its account."""
    alias_name: pulumi.Output[str]
    """``alias/…``, as people write it."""

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
    """Roles of the account that a service takes on, and then calls KMS itself: no service stands between (KM-03)."""
    return Statement(
        sid="RolesOfServicesUseTheKey",
        principals={"AWS": [pulumi.Output.concat("arn:aws:iam::", account_id, ":root")]},
        actions=["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
        resources=THIS_KEY,
        conditions={
            "ArnEquals": {
                "aws:PrincipalArn": [
                    pulumi.Output.concat("arn:aws:iam::", account_id, f":role{ROLE_PATH}{name}") for name in role_names
                ]
            }
        },
    )


def events_use_the_key(account_id: pulumi.Input[str]) -> Statement:
    """EventBridge puts what it could not deliver into encrypted queues of the account, and keeps what is on encrypted
    buses (EventBridge User Guide, "Considerations when using a dead-letter queue", "Authorizing EventBridge to use a
    customer managed key")."""
    return Statement(
        sid="EventsReachQueues",
        principals={"Service": ["events.amazonaws.com"]},
        actions=["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"],
        resources=THIS_KEY,
        conditions={"StringEquals": {"aws:SourceAccount": account_id}},
    )


def log_deliveries_read_with_the_key(account_id: pulumi.Input[str], region: str) -> Statement:
    """What a state machine did is encrypted with its key until it is in the log group (Step Functions Developer Guide,
    "Data at rest encryption")."""
    return Statement(
        sid="LogDeliveriesOfTheAccount",
        principals={"Service": ["delivery.logs.amazonaws.com"]},
        actions=["kms:Decrypt"],
        resources=THIS_KEY,
        conditions={
            "ArnLike": {"aws:SourceArn": pulumi.Output.concat(f"arn:aws:logs:{region}:", account_id, ":*")},
            "StringEquals": {"aws:SourceAccount": account_id},
        },
    )


def _statements(args: EncryptionKeyArgs) -> list[Statement]:
    account = {"AWS": [pulumi.Output.concat("arn:aws:iam::", args.account_id, ":root")]}
    through_services = {
        "StringEquals": {
            "kms:CallerAccount": args.account_id,
            "kms:ViaService": [f"{service}.{args.region}.amazonaws.com" for service in args.services],
        }
    }
    return [
        # "root" hands the decision to the account's IAM policies; without it a lost role would lock the key for ever.
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
    """CloudWatch Logs calls KMS as itself, naming the log group it encrypts (its User Guide, "Encrypt log data")."""
    groups = pulumi.Output.concat(f"arn:aws:logs:{args.region}:", args.account_id, ":log-group:*")
    return Statement(
        sid="LogGroupsOfTheAccount",
        principals={"Service": [f"logs.{args.region}.amazonaws.com"]},
        actions=USE,
        resources=THIS_KEY,
        conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
    )
