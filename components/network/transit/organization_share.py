"""A resource share with all accounts of the organization."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True, slots=True)
class OrganizationShareArgs:
    """Arguments of :class:`OrganizationShare`."""

    share_name: str
    """Name of the share in the account."""

    organization_id: pulumi.Input[str]
    """Id of the organization whose accounts may use the resources. They need not accept, and outsiders cannot use
    them."""

    management_account_id: pulumi.Input[str]
    """Id of the management account, which is part of the organization's ARN."""

    resource_arns: Mapping[str, pulumi.Input[str]]
    """ARNs of the shared resources by a stable name."""

    permission: str | None = None
    """AWS managed permission for the resources. None uses RAM's default for the resource type."""


class OrganizationShare(pulumi.ComponentResource):
    """A share with the whole organization (AWS RAM), which does not grow with the number of accounts.

    Creates: the share, closed to external principals; the organization as its principal; one association per resource.

    Outputs: ``arn``.

    Cost: none.

    Example::

        OrganizationShare("share", OrganizationShareArgs(
            share_name="plinth-network", organization_id="o-acme", management_account_id="111111111111",
            resource_arns={"dns-rules": rules.group_arn},
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the share, known once all its resources may be used."""

    def __init__(self, name: str, args: OrganizationShareArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:network:OrganizationShare", name, None, opts)
        share = aws.ram.ResourceShare(
            name,
            name=args.share_name,
            allow_external_principals=False,
            permission_arns=args.permission and [f"arn:aws:ram::aws:permission/{args.permission}"],
            opts=pulumi.ResourceOptions(parent=self),
        )
        organization = pulumi.Output.concat(
            "arn:aws:organizations::", args.management_account_id, ":organization/", args.organization_id
        )
        everybody = aws.ram.PrincipalAssociation(
            f"{name}-organization",
            principal=organization,
            resource_share_arn=share.arn,
            opts=pulumi.ResourceOptions(parent=self),
        )
        shared = [
            aws.ram.ResourceAssociation(
                f"{name}-{label}",
                resource_arn=arn,
                resource_share_arn=share.arn,
                opts=pulumi.ResourceOptions(parent=self),
            )
            for label, arn in args.resource_arns.items()
        ]
        in_place = pulumi.Output.all(share.arn, everybody.id, *(association.id for association in shared))
        self.arn = in_place.apply(lambda known: str(known[0]))
        self.register_outputs({"arn": self.arn})
