"""Grants that let a team read the tables with its LF-tag."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from settings.derived.sharing import ZONE, lf_tag_expression, team_tag_key, team_tag_values
from settings.types.kinds import Environment


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamGrantsArgs:
    """Arguments of :class:`TeamGrants`."""

    team: str
    """Name of the team."""

    readers: Mapping[Environment, Mapping[str, pulumi.Input[str]]]
    """ARNs of the reading roles, by environment and a short name of each."""


class TeamGrants(pulumi.ComponentResource):
    """A team's LF-tag, and grants on everything that carries it to each of the team's reading roles. Created in the
    data lake account.

    The grants allow SELECT and DESCRIBE and cannot be passed on. Datasets published later carry the tag, so the grants
    do not change. Experimentation only matches tables that are also tagged as anonymised or approved.

    Creates: the LF-tag with one value per set of environments; for each role, one grant on databases and one on tables.

    Args: see :class:`TeamGrantsArgs`.

    Outputs: ``tag``.

    Raises: nothing of its own.

    Cost: none.

    Example::

        TeamGrants("grants", TeamGrantsArgs(
            team="fraud", readers={"development": {"execution": execution_arn}},
        ), pulumi.ResourceOptions(provider=lake))
    """

    tag: pulumi.Output[str]
    """Key of the team's LF-tag, known once the tag exists."""

    def __init__(self, name: str, args: TeamGrantsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:data_lake:TeamGrants", name, None, opts)
        self._name, self._args = name, args
        tag = aws.lakeformation.LfTag(
            f"{name}-tag",
            key=team_tag_key(args.team),
            values=team_tag_values(),
            opts=pulumi.ResourceOptions(parent=self),
        )
        for environment, roles in args.readers.items():
            for role, arn in roles.items():
                self._find_databases(f"{environment}-{role}", arn)
                self._read_tables(f"{environment}-{role}", arn, environment, after=tag)
        self.tag = tag.key
        self.register_outputs({"tag": self.tag})

    def _find_databases(self, reader: str, arn: pulumi.Input[str]) -> None:
        self._grant(f"{reader}-databases", arn, ["DESCRIBE"], "DATABASE", {ZONE: ["curated"]})

    def _read_tables(
        self, reader: str, arn: pulumi.Input[str], environment: Environment, *, after: pulumi.Resource
    ) -> None:
        wanted = lf_tag_expression(self._args.team, environment)
        self._grant(f"{reader}-tables", arn, ["DESCRIBE", "SELECT"], "TABLE", wanted, after)

    def _grant(
        self,
        suffix: str,
        principal: pulumi.Input[str],
        permissions: list[str],
        resource_type: str,
        wanted: Mapping[str, list[str]],
        *after: pulumi.Resource,
    ) -> None:
        """Creates a grant. Values are sorted as Lake Formation returns them, because a different order would replace
        the grant."""

        policy = aws.lakeformation.PermissionsLfTagPolicyArgs(
            resource_type=resource_type,
            expressions=[
                aws.lakeformation.PermissionsLfTagPolicyExpressionArgs(key=key, values=sorted(values))
                for key, values in sorted(wanted.items())
            ],
        )
        aws.lakeformation.Permissions(
            f"{self._name}-{suffix}",
            principal=principal,
            permissions=permissions,
            lf_tag_policy=policy,
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(after)),
        )
