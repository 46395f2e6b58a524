"""Grants that let one role read the tables that are shared with an environment of its team."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from settings.derived.sharing import ZONE, lf_tag_expression
from settings.types.kinds import Environment


@dataclass(frozen=True, kw_only=True, slots=True)
class ReaderGrantsArgs:
    """Arguments of :class:`ReaderGrants`."""

    team: str
    """Name of the team, whose LF-tag exists."""

    environment: Environment
    """Environment of the team in which the role works."""

    role_arn: pulumi.Input[str]
    """ARN of the role, known once it exists: Lake Formation refuses a grant to a role that does not."""


class ReaderGrants(pulumi.ComponentResource):
    """Grants for a role that another stack than that of the team's data creates. Created in the data lake account.

    They are those of the other reading roles of the environment (:class:`TeamGrants`): SELECT and DESCRIBE on
    everything that carries the team's LF-tag, which cannot be passed on.

    Creates: one grant on databases and one on tables.

    Outputs: none.

    Cost: none.

    Example::

        ReaderGrants("lake", ReaderGrantsArgs(
            team="fraud", environment="development", role_arn=pipeline.arn,
        ), pulumi.ResourceOptions(provider=lake))
    """

    def __init__(self, name: str, args: ReaderGrantsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:data_lake:ReaderGrants", name, None, opts)
        grant_reading(name, args, parent=self)
        self.register_outputs({})


def grant_reading(
    name: str, args: ReaderGrantsArgs, *, parent: pulumi.Resource, after: pulumi.Resource | None = None
) -> None:
    """Creates the grants of a role. Those on tables follow ``after``."""
    wanted, first = lf_tag_expression(args.team, args.environment), [after] if after else []
    _grant(f"{name}-databases", args.role_arn, ["DESCRIBE"], "DATABASE", {ZONE: ["curated"]}, parent)
    _grant(f"{name}-tables", args.role_arn, ["DESCRIBE", "SELECT"], "TABLE", wanted, parent, *first)


def _grant(
    name: str,
    principal: pulumi.Input[str],
    permissions: list[str],
    resource_type: str,
    wanted: Mapping[str, list[str]],
    parent: pulumi.Resource,
    *after: pulumi.Resource,
) -> None:
    """Creates a grant. Values are sorted as Lake Formation returns them, because a different order would replace the
    grant."""
    policy = aws.lakeformation.PermissionsLfTagPolicyArgs(
        resource_type=resource_type,
        expressions=[
            aws.lakeformation.PermissionsLfTagPolicyExpressionArgs(key=key, values=sorted(values))
            for key, values in sorted(wanted.items())
        ],
    )
    aws.lakeformation.Permissions(
        name,
        principal=principal,
        permissions=permissions,
        lf_tag_policy=policy,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=list(after)),
    )
