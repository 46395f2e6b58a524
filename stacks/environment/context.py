"""Where an environment is built, and under which names: its settings joined with what other stacks promised."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.network.endpoint_policy import Perimeter
from components.network.private_network import PrivateNetworkArgs
from components.storage.pushed_data import LakePushJobs
from settings.data.ml_layout import PushedInput
from settings.derived.foundation import Foundation
from settings.derived.outputs import AuditOutputs, OrganizationOutputs, TeamOutputs
from settings.derived.sharing import pushed_parts
from settings.derived.stack_graph import StackIdentity
from settings.team.team import EnvironmentSettings, Team
from settings.types.kinds import Environment
from settings.types.naming import (
    ENVIRONMENT_ABBREVIATIONS,
    bucket_name,
    etl_role,
    ml_bucket_name,
    named,
    studio_bucket_name,
)
from stacks.shared.account_context import AccountPlace
from stacks.shared.network_context import EgressPlaces, egress_places, private_network
from stacks.shared.references import read
from stacks.shared.shared_accounts import account_of_kind, durable_accounts


@dataclass(frozen=True, kw_only=True, slots=True)
class EnvironmentPlace(AccountPlace):
    """One environment of one team, in its account and region."""

    kind: Environment
    team: Team
    settings: EnvironmentSettings
    archive: pulumi.Output[AuditOutputs]
    """Where the account's recorder and its network's records are delivered."""
    resource_account_ids: list[pulumi.Output[str]]
    """This account and the durable ones: all whose resources work here may touch."""
    pushers: LakePushJobs | None
    """Jobs of the lake that write into the bucket, where datasets say so."""
    network: PrivateNetworkArgs
    egress: EgressPlaces
    """Places for the way out; used only where the internet may be reached."""

    @classmethod
    def of(cls, stack: StackIdentity, foundation: Foundation) -> EnvironmentPlace:
        """The place of an environment's stack, from the settings and from the stacks it depends on."""
        settings = foundation.environments[stack.name]
        team, environment = foundation.teams[settings.team], settings.environment
        organization = read(OrganizationOutputs, StackIdentity("organization"))
        teams_own = read(TeamOutputs, StackIdentity("team", team.name))
        account_id = teams_own.apply(lambda outputs: outputs.accounts[environment])

        cidr = foundation.organization.address_plan.environment_block(team.cidr, environment)
        return cls(
            kind=environment,
            team=team,
            settings=settings,
            account=foundation.account_of(environment, team.name),
            region=foundation.organization.home_region,
            account_id=account_id,
            organization=organization,
            archive=read(AuditOutputs, StackIdentity("audit")),
            resource_account_ids=[account_id, *durable_accounts(foundation, organization)],
            pushers=_pushers(foundation, settings, organization),
            network=private_network(foundation, stack.name, cidr, settings.zones),
            egress=egress_places(foundation, cidr, settings.zones),
        )

    @property
    def label(self) -> str:
        """The environment's name to people: ``fraud-development``, which is also its stack's."""
        return self.settings.stack

    @property
    def path(self) -> str:
        """The environment's name where slashes separate: ``plinth/fraud/development``."""
        return f"plinth/{self.team.name}/{self.settings.environment}"

    @property
    def perimeter(self) -> Perimeter:
        """Who may act through the network's endpoints, and on what."""
        return Perimeter(
            organization_id=self.organization_id,
            account_id=self.account_id,
            resource_account_ids=self.resource_account_ids,
            region=self.region,
        )

    def role_name(self, suffix: str) -> str:
        """A role of the environment, unique in an account that several environments share."""
        return named("role", self.label, suffix)

    def bucket_name(self, purpose: str) -> pulumi.Output[str]:
        """A bucket in the account's own namespace, so known once the account is."""
        parts = (self.team.name, ENVIRONMENT_ABBREVIATIONS[self.settings.environment], purpose)
        return self.account_id.apply(lambda account_id: bucket_name(*parts, account_id=account_id, region=self.region))

    @property
    def ml_bucket_name(self) -> pulumi.Output[str]:
        """The bucket of all ML work here, known once the account is."""
        environment, team, region = self.settings.environment, self.team.name, self.region
        return self.account_id.apply(
            lambda account_id: ml_bucket_name(environment, team, account_id=account_id, region=region)
        )

    @property
    def studio_bucket_arn(self) -> pulumi.Output[str]:
        """The bucket of people's own work, which the environment's Studio makes after the environment."""
        environment, team, region = self.settings.environment, self.team.name, self.region
        return self.account_id.apply(
            lambda account_id: (
                "arn:aws:s3:::" + studio_bucket_name(environment, team, account_id=account_id, region=region)
            )
        )


def _pushers(
    foundation: Foundation, settings: EnvironmentSettings, organization: pulumi.Output[OrganizationOutputs]
) -> LakePushJobs | None:
    roles = {
        etl_role(dataset.name): [PushedInput(dataset=dataset.name, part=part).prefix for part in parts]
        for dataset in foundation.datasets_of(settings.team)
        if (parts := pushed_parts(dataset, settings.team, settings.environment))
    }
    if not roles:
        return None
    return LakePushJobs(
        account_id=account_of_kind(organization, "data-lake"),
        organization_id=organization.apply(lambda outputs: outputs.organization_id),
        region=foundation.organization.home_region,
        roles=roles,
    )
