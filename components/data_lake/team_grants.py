"""Grants that let a team read the tables with its LF-tag."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.data_lake.reader_grants import ReaderGrantsArgs, grant_reading
from settings.derived.sharing import team_tag_key, team_tag_values
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

    Outputs: ``tag``.

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
        tag = aws.lakeformation.LfTag(
            f"{name}-tag",
            key=team_tag_key(args.team),
            values=team_tag_values(),
            opts=pulumi.ResourceOptions(parent=self),
        )
        for environment, roles in args.readers.items():
            for role, arn in roles.items():
                grants = ReaderGrantsArgs(team=args.team, environment=environment, role_arn=arn)
                grant_reading(f"{name}-{environment}-{role}", grants, parent=self, after=tag)
        self.tag = tag.key
        self.register_outputs({"tag": self.tag})
