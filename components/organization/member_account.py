"""A member account of the organization, created or adopted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.organization.adoption import adoption
from settings.types.aws.account_access import ACCESS_ROLE


@dataclass(frozen=True, kw_only=True, slots=True)
class MemberAccountArgs:
    """Arguments of :class:`MemberAccount`."""

    account_name: str
    """Display name, up to 50 characters (an Organizations limit)."""

    email: str
    """E-mail address of the root user, unique among all AWS accounts, including closed ones."""

    unit_id: pulumi.Input[str]
    """Id of the account's organizational unit, which determines its guardrails."""

    tags: Mapping[str, str]
    """Tags of the account, by which policies and cost reports distinguish accounts."""

    adopted_id: str | None = None
    """Id of an existing account of the organization, which is adopted instead of created."""

    durable: bool = True
    """Whether the account is protected against deletion. Accounts of a team's environments are not: their resource goes
    with the team, and the account stays in the organization."""

    after: pulumi.Resource | None = None
    """Resource to wait for, usually the previous account: AWS creates at most five accounts of an organization at
    once."""


class MemberAccount(pulumi.ComponentResource):
    """A member account in its organizational unit. A deployment never closes it, because AWS never releases the e-mail
    address of a closed account.

    Deleting the resource leaves the account in the organization, because AWS refuses to remove an account that is
    younger than four days or cannot pay by itself. IAM access to billing keeps AWS's default, which leaves it to
    permissions.

    Creates: the account (or adopts it), protected if it is durable, otherwise retained when its stack is destroyed.

    Outputs: ``account_id``.

    Cost: none for the account itself. Organizations creates at most five accounts at once, each in about a minute. A
    stack creates its accounts one after the other, so that five stacks can run in parallel.

    Example::

        audit = MemberAccount("account-audit", MemberAccountArgs(
            account_name="acme-audit", email="aws+audit@acme.example", unit_id=enterprise.unit_ids["Security"], tags={},
        ))
        pulumi.export("audit", audit.account_id)
    """

    account_id: pulumi.Output[str]
    """Account id of twelve digits."""

    def __init__(self, name: str, args: MemberAccountArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:organization:MemberAccount", name, None, opts)
        account = aws.organizations.Account(
            name,
            name=args.account_name,
            email=args.email,
            parent_id=args.unit_id,
            role_name=ACCESS_ROLE,
            close_on_deletion=False,
            tags=dict(args.tags),
            opts=pulumi.ResourceOptions.merge(
                adoption(self, args.adopted_id, protect=args.durable, kept_as_found=["email", "roleName"]),
                pulumi.ResourceOptions(
                    depends_on=[args.after] if args.after else None, retain_on_delete=not args.durable
                ),
            ),
        )
        self.account_id = account.id
        self.register_outputs({"account_id": self.account_id})
