"""An account of the organization, created or adopted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.identity.iam.role_names import ACCESS_ROLE
from components.organization.adoption import adoption


@dataclass(frozen=True, kw_only=True, slots=True)
class MemberAccountArgs:
    """Arguments of :class:`MemberAccount`."""

    account_name: str
    """Display name, up to 50 characters (an Organizations limit)."""

    email: str
    """Address of the root user, unique among all accounts that AWS ever had."""

    unit_id: pulumi.Input[str]
    """Organizational unit that the account hangs in, which decides its guardrails."""

    tags: Mapping[str, str]
    """Tags of the account, by which policies and bills tell accounts apart."""

    adopted_id: str | None = None
    """An account of the organization that exists already: it is taken over instead of created."""

    durable: bool = True
    """Durable accounts are protected against deletion; those of a team's environments go with the team."""

    after: pulumi.Resource | None = None
    """What this one waits for: the account before it, because AWS creates five at once for the whole organization."""


class MemberAccount(pulumi.ComponentResource):
    """One account in its unit. It is never closed by a deployment: AWS keeps a closed account's address for ever.

    A deletion takes it out of the organization, which AWS refuses an account that is under four days old or could not
    pay by itself. Whether people and roles see its bill is left at AWS's default, which lets those who are permitted.

    Creates: the account (or adopts it), protected where it is durable.

    Args: see :class:`MemberAccountArgs`.

    Outputs: ``account_id``.

    Raises: nothing of its own.

    Cost: none for the account itself. Organizations creates five accounts at once at most, each in about a minute; a
    stack creates one after the other, so that five stacks may do so side by side.

    Example::

        audit = MemberAccount("account-audit", MemberAccountArgs(
            account_name="acme-audit", email="aws+audit@acme.example", unit_id=enterprise.unit_ids["Security"], tags={},
        ))
        pulumi.export("audit", audit.account_id)
    """

    account_id: pulumi.Output[str]
    """Twelve digits."""

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
                pulumi.ResourceOptions(depends_on=[args.after] if args.after else None),
            ),
        )
        self.account_id = account.id
        self.register_outputs({"account_id": self.account_id})
