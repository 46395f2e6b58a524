"""Settings, names and upstream outputs of a use case's stack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.identity.use_cases.use_case import UseCase
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.derived.use_case_names import UseCaseNames
from settings.team.delivery import DeliverySettings
from settings.types.kinds import Environment, environments_in
from stacks.shared.outputs import EnvironmentOutputs, OrganizationOutputs, TeamOutputs, ToolingOutputs
from stacks.shared.references import read

READERS: tuple[Environment, ...] = ("preproduction", "production")
"""Environments that read a use case's models and images. Development registers and pulls them too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class UseCaseContext:
    """The context of a use case's stack."""

    delivery: DeliverySettings
    use_case: UseCase
    organization: OrganizationOutputs
    tooling: ToolingOutputs
    development: EnvironmentOutputs
    artifact_bucket_arn: pulumi.Output[str]
    reader_account_ids: Mapping[Environment, pulumi.Input[str]]
    """Account id of each environment that reads, without environments that share an account with another one."""

    @classmethod
    def of(cls, stack: StackIdentity, foundation: Foundation) -> UseCaseContext:
        """Returns the context, from the settings and the outputs of the stacks that this one depends on.

        Raises: ValueError for a use case without a delivery, which has no stack.
        """
        team, name = stack.team or "", stack.use_case or ""
        delivery = foundation.teams[team].use_cases[name].delivery
        if delivery is None:
            raise ValueError(f"{stack.name}: the use case has no delivery")
        teams, tooling = read(TeamOutputs, StackIdentity("team", team)), read(ToolingOutputs, StackIdentity("tooling"))
        return cls(
            delivery=delivery,
            use_case=UseCase(team=team, name=name, region=foundation.organization.home_region),
            organization=read(OrganizationOutputs, StackIdentity("organization")),
            tooling=tooling,
            development=read(EnvironmentOutputs, StackIdentity("development", team)),
            artifact_bucket_arn=pulumi.Output.concat("arn:aws:s3:::", tooling.artifact_bucket),
            reader_account_ids={one: teams.accounts[one] for one in _readers(foundation, team)},
        )

    @property
    def names(self) -> UseCaseNames:
        return self.use_case.names

    @property
    def tags(self) -> Mapping[str, str]:
        return self.use_case.tags


def _readers(foundation: Foundation, team: str) -> list[Environment]:
    """Returns one environment for each account that reads."""
    present = [one for one in READERS if one in environments_in(foundation.organization.phase)]
    by_account = {foundation.account_of(one, team): one for one in reversed(present)}
    return sorted(by_account.values())
