"""Whom the online store of a group is opened to."""

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
"""As AWS spells them (SageMaker Developer Guide, "Enabling cross account access")."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OnlineShareArgs:
    """Arguments of :class:`OnlineShare`."""

    share_name: str
    """Name in the account, for people."""

    group_arn: pulumi.Input[str]
    """The group."""

    access: Access
    """To read records, or to put and delete them besides."""

    accounts: Mapping[str, pulumi.Input[str]]
    """Numbers, by a name of each, of the accounts that it is opened to; at least one."""


class OnlineShare(pulumi.ComponentResource):
    """A share of one group with accounts of the organization (AWS RAM); nobody has to accept, nobody outside can.

    Who of an account reads, its own roles say. Nobody may hand on what is shared.

    Creates: the share with the managed permission; an association of the group, and one of each account.

    Args: see :class:`OnlineShareArgs`.

    Outputs: ``arn``.

    Raises: nothing of its own.

    Cost: none.

    Example::

        OnlineShare("readers", OnlineShareArgs(
            share_name="features-card-activity-read", group_arn=group.arn, access="read",
            accounts={"fraud-production": "111111111111"},
        ))
    """

    arn: pulumi.Output[str]
    """The share; known once everybody in it may use it."""

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
