"""Grants that let one role find the lake through the resource links of its account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkGrantsArgs:
    """Arguments of :class:`LinkGrants`."""

    links: Sequence[str]
    """Names of resource links that the stack of the team's data creates: ``lake_historical``."""

    role_arn: pulumi.Input[str]
    """ARN of the role, known once it exists."""


class LinkGrants(pulumi.ComponentResource):
    """Grants for a role that another stack than that of the team's data creates. Created in the role's account.

    Creates: for each link, a grant to describe it.

    Outputs: none.

    Cost: none.

    Example::

        LinkGrants("links", LinkGrantsArgs(
            links=["lake_historical", "lake_inference"], role_arn=pipeline.arn,
        ), pulumi.ResourceOptions(provider=development))
    """

    def __init__(self, name: str, args: LinkGrantsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:data_lake:LinkGrants", name, None, opts)
        for link in args.links:
            aws.lakeformation.Permissions(
                f"{name}-{link}",
                principal=args.role_arn,
                permissions=["DESCRIBE"],
                database=aws.lakeformation.PermissionsDatabaseArgs(name=link),
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})
