"""Settings, names and upstream outputs of an environment's stack."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.identity.iam.role_names import ENTERED_FROM_STUDIO
from components.network.endpoint_policy import Perimeter
from components.network.private_network import PrivateNetworkArgs
from components.storage.pushed_data import LakePushJobs
from settings.data.ml_layout import PushedInput
from settings.derived.foundation import Foundation
from settings.derived.sharing import pushed_parts
from settings.derived.stack_graph import StackIdentity, shares_metrics
from settings.team.team import EnvironmentSettings, Team
from settings.types.aws.bucket_names import TeamBucket, ml_bucket_name, team_bucket_name
from settings.types.kinds import Environment
from settings.types.naming import etl_role, named
from stacks.shared.account_context import AccountContext
from stacks.shared.network_context import EgressSubnets, egress_subnets, private_network
from stacks.shared.outputs import (
    AuditOutputs,
    GovernanceOutputs,
    OrganizationOutputs,
    TeamOutputs,
    ToolingMlflowOutputs,
)
from stacks.shared.references import read
from stacks.shared.shared_accounts import durable_accounts


@dataclass(frozen=True, kw_only=True, slots=True)
class EnvironmentContext(AccountContext):
    """The context of an environment's stack."""

    kind: Environment
    team: Team
    settings: EnvironmentSettings
    audit: AuditOutputs
    """Outputs of the stack ``audit``, whose archive receives the configuration history and the flow logs."""
    resource_account_ids: list[pulumi.Output[str]]
    """Ids of this account and the durable ones. Workloads here may use resources of these accounts only."""
    pushers: LakePushJobs | None
    """Jobs of the lake that push datasets into the bucket; None if there are none."""
    network: PrivateNetworkArgs
    egress: EgressSubnets
    """Subnets for internet egress. Used only if the environment has internet access."""
    installs_packages: bool
    """Whether people install from the package repository of the organization in Studio."""
    pushes_code: bool
    """Whether people push code to CodeCommit from Studio."""
    sink_arn: pulumi.Output[str] | None
    """ARN of the sink with which the metrics of models are shared; None where models are not released, and before the
    governance account exists."""
    tracking_service: pulumi.Output[str] | None
    """Name of the endpoint service of the tracking server, if the network reaches it."""

    @classmethod
    def of(cls, stack: StackIdentity, foundation: Foundation) -> EnvironmentContext:
        """Returns the context, from the settings and the outputs of upstream stacks."""
        settings = foundation.environments[stack.name]
        team, environment = foundation.teams[settings.team], settings.environment
        organization = read(OrganizationOutputs, StackIdentity("organization"))
        team_outputs = read(TeamOutputs, StackIdentity("team", team.name))
        account_id = team_outputs.accounts[environment]

        cidr = foundation.organization.address_plan.environment_block(team.cidr, environment)
        return cls(
            kind=environment,
            team=team,
            settings=settings,
            account=foundation.account_of(environment, team.name),
            region=foundation.organization.home_region,
            account_id=account_id,
            organization=organization,
            audit=read(AuditOutputs, StackIdentity("audit")),
            resource_account_ids=[account_id, *durable_accounts(foundation, organization)],
            pushers=_pushers(foundation, settings, organization),
            network=private_network(foundation, stack.name, cidr, settings.zones),
            egress=egress_subnets(foundation, cidr, settings.zones),
            installs_packages=foundation.studio_installs_packages(settings),
            pushes_code=foundation.studio_pushes_code(settings),
            sink_arn=_sink(foundation, environment),
            tracking_service=_tracking_service(settings),
        )

    @property
    def label(self) -> str:
        """Name of the environment and of its stack: ``fraud-development``."""
        return self.settings.stack

    @property
    def path(self) -> str:
        """Name of the environment in paths and aliases: ``plinth/fraud/development``."""
        return f"plinth/{self.team.name}/{self.settings.environment}"

    @property
    def perimeter(self) -> Perimeter:
        """Perimeter of the network's endpoints."""
        return Perimeter(
            organization_id=self.organization.organization_id,
            account_id=self.account_id,
            resource_account_ids=self.resource_account_ids,
            region=self.region,
            entered_roles=ENTERED_FROM_STUDIO if self.pushes_code else (),
        )

    def role_name(self, suffix: str) -> str:
        """Returns the name of a role, which is unique in an account that several environments share."""
        return named("role", self.label, suffix)

    def bucket_name(self, purpose: TeamBucket) -> pulumi.Output[str]:
        """Returns the name of a bucket. It contains the account id, so it is unknown until the account exists."""
        environment, team, region = self.settings.environment, self.team.name, self.region
        return self.account_id.apply(
            lambda account_id: team_bucket_name(team, environment, purpose, account_id=account_id, region=region)
        )

    @property
    def ml_bucket_name(self) -> pulumi.Output[str]:
        """Name of the ML bucket, which is unknown until the account exists."""
        environment, team, region = self.settings.environment, self.team.name, self.region
        return self.account_id.apply(
            lambda account_id: ml_bucket_name(environment, team, account_id=account_id, region=region)
        )

    @property
    def studio_bucket_arn(self) -> pulumi.Output[str]:
        """ARN of the bucket for people's own work, which the Studio stack creates after the environment."""
        environment, team, region = self.settings.environment, self.team.name, self.region
        return self.account_id.apply(
            lambda account_id: (
                "arn:aws:s3:::" + team_bucket_name(team, environment, "studio", account_id=account_id, region=region)
            )
        )


def _sink(foundation: Foundation, environment: Environment) -> pulumi.Output[str] | None:
    if not shares_metrics(environment, foundation.organization.phase):
        return None
    return read(GovernanceOutputs, StackIdentity("governance")).sink_arn


def _tracking_service(settings: EnvironmentSettings) -> pulumi.Output[str] | None:
    if not settings.tracking_server:
        return None
    return read(ToolingMlflowOutputs, StackIdentity("tooling-mlflow")).endpoint_service_name


def _pushers(
    foundation: Foundation, settings: EnvironmentSettings, organization: OrganizationOutputs
) -> LakePushJobs | None:
    roles = {
        etl_role(dataset.name): [PushedInput(dataset=dataset.name, part=part).prefix for part in parts]
        for dataset in foundation.datasets_of(settings.team)
        if (parts := pushed_parts(dataset, settings.team, settings.environment))
    }
    if not roles:
        return None
    return LakePushJobs(
        account_id=organization.accounts["data-lake"],
        organization_id=organization.organization_id,
        region=foundation.organization.home_region,
        roles=roles,
    )
