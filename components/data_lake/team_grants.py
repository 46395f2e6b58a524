"""What a team reads of the lake: whatever carries its tag."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from settings.derived.sharing import ZONE, audiences, expression, team_tag
from settings.types.kinds import Environment


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamGrantsArgs:
    """Arguments of :class:`TeamGrants`."""

    team: str
    """Whose tag it is."""

    readers: Mapping[Environment, Mapping[str, pulumi.Input[str]]]
    """ARNs of the roles that read, by environment and a short name of each."""


class TeamGrants(pulumi.ComponentResource):
    """A team's tag, and for each of its roles that reads, a grant on all that carries it. Made in the lake's account.

    Grants are to select and describe, to roles of the team's accounts and to nobody who could hand them on. A dataset
    that is published later is found by its tag, so nothing here changes. Experimentation finds what is tagged as
    anonymised or approved besides.

    Creates: the tag with a value for each set of environments; for each role a grant on databases and one on tables.

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
    """Key of the team's tag, known once it is there for datasets to carry."""

    def __init__(self, name: str, args: TeamGrantsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:data_lake:TeamGrants", name, None, opts)
        self._name, self._args = name, args
        tag = aws.lakeformation.LfTag(
            f"{name}-tag", key=team_tag(args.team), values=audiences(), opts=pulumi.ResourceOptions(parent=self)
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
        wanted = expression(self._args.team, environment)
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
        """Values in one order, as Lake Formation gives them back: a grant that looks different is made anew."""
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
