"""Sharing of a feature group's online store with other accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws

Access = Literal["read", "write"]

PERMISSIONS: Mapping[Access, str] = {
    "read": "AWSRAMPermissionSageMakerFeatureGroupReadOnly",
    "write": "AWSRAMPermissionSagemakerFeatureGroupReadWrite",
}
"""Names of the managed permissions, spelled as AWS does (SageMaker Developer Guide, "Enabling cross account
access")."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OnlineShareArgs:
    """Arguments of :class:`OnlineShare`."""

    share_name: str
    """Name of the share in the account."""

    group_arn: pulumi.Input[str]
    """ARN of the feature group."""

    access: Access
    """Access to records: ``read``, or ``write``, which includes putting and deleting."""

    accounts: Mapping[str, pulumi.Input[str]]
    """Ids of the accounts with access, by a name of each. At least one."""


class OnlineShare(pulumi.ComponentResource):
    """A share of one feature group with accounts of the organization (AWS RAM). They need not accept, and outsiders
    cannot use it.

    The roles of each account decide who reads there. Shared groups cannot be shared further.

    Creates: the share with the managed permission; an association with the group, and one with each account.

    Outputs: ``arn``.

    Cost: none.

    Example::

        OnlineShare("readers", OnlineShareArgs(
            share_name="features-card-activity-read", group_arn=group.arn, access="read",
            accounts={"fraud-production": "111111111111"},
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the share, known once all accounts may use it."""

    def __init__(self, name: str, args: OnlineShareArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:feature_store:OnlineShare", name, None, opts)
        inside = pulumi.ResourceOptions(parent=self)
        share = aws.ram.ResourceShare(
            name,
            name=args.share_name,
            allow_external_principals=False,
            permission_arns=[f"arn:aws:ram::aws:permission/{PERMISSIONS[args.access]}"],
            opts=inside,
        )
        shared = aws.ram.ResourceAssociation(
            f"{name}-group", resource_arn=args.group_arn, resource_share_arn=share.arn, opts=inside
        )
        opened = [
            aws.ram.PrincipalAssociation(
                f"{name}-{label}", principal=account, resource_share_arn=share.arn, opts=inside
            )
            for label, account in args.accounts.items()
        ]
        done = pulumi.Output.all(share.arn, shared.id, *(association.id for association in opened))
        self.arn = done.apply(lambda known: str(known[0]))
        self.register_outputs({"arn": self.arn})
