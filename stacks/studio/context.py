"""Where people work in an environment: the settings of its Studio, joined with what the environment promised."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import pulumi

from components.identity.workloads.workload_permissions import WorkloadScope
from settings.derived.accounts import Account
from settings.derived.foundation import Foundation
from settings.derived.outputs import EnvironmentOutputs, OrganizationOutputs
from settings.derived.stack_graph import StackIdentity
from settings.team.studio import StudioPersona, StudioSettings
from settings.team.team import EnvironmentSettings
from settings.types.kinds import kinds_in
from settings.types.naming import named, studio_bucket_name, studio_role
from stacks.shared.references import read
from stacks.shared.shared_accounts import account_of_kind


@dataclass(frozen=True, kw_only=True, slots=True)
class StudioPlace:
    """The Studio of one environment, whichever of its stacks is asked."""

    settings: EnvironmentSettings
    account: Account
    region: str
    organization_id: pulumi.Output[str]
    registry_account_id: pulumi.Output[str]
    """Whose images people run."""
    environment: pulumi.Output[EnvironmentOutputs]
    """What the environment promised: its network, its key, its buckets, its boundary."""

    @classmethod
    def of(cls, stack: StackIdentity, foundation: Foundation) -> StudioPlace:
        """The place of a Studio stack, from the settings and from the stacks it depends on."""
        environment = stack.environment_stack
        organization = read(OrganizationOutputs, StackIdentity("organization"))
        promised = read(EnvironmentOutputs, environment)
        has_tooling = "tooling" in kinds_in(foundation.organization.phase)
        own = promised.apply(lambda outputs: outputs.account_id)
        return cls(
            settings=foundation.environments[environment.name],
            account=foundation.account_of_stack(stack),
            region=foundation.organization.home_region,
            organization_id=organization.apply(lambda outputs: outputs.organization_id),
            registry_account_id=account_of_kind(organization, "tooling") if has_tooling else own,
            environment=promised,
        )

    @property
    def studio(self) -> StudioSettings:
        return self.settings.studio

    @property
    def label(self) -> str:
        """The environment's name to people, with which the names of its roles begin."""
        return self.settings.stack

    @property
    def account_id(self) -> pulumi.Output[str]:
        return self.environment.apply(lambda outputs: outputs.account_id)

    @property
    def scope(self) -> WorkloadScope:
        """The environment's things that people work on."""
        return WorkloadScope(
            account_id=self.account_id,
            region=self.region,
            bucket_arn=self.environment.apply(lambda outputs: outputs.bucket_arn),
            key_arn=self.environment.apply(lambda outputs: outputs.key_arn),
            role_prefix=self.label,
            team=self.settings.team,
        )

    @property
    def boundary_arn(self) -> pulumi.Output[str]:
        return self.environment.apply(lambda outputs: outputs.permissions_boundary_arn)

    @property
    def vpc_id(self) -> pulumi.Output[str]:
        return self.environment.apply(lambda outputs: outputs.vpc_id)

    @property
    def subnet_ids(self) -> list[pulumi.Output[str]]:
        """One by one, so that their number is known before they are."""
        return [self.environment.apply(partial(_subnet, zone)) for zone in range(self.settings.zones)]

    @property
    def app_security_group_id(self) -> pulumi.Output[str]:
        return self.environment.apply(lambda outputs: outputs.studio_security_group_id or "")

    @property
    def job_security_group_id(self) -> pulumi.Output[str]:
        return self.environment.apply(lambda outputs: outputs.workload_security_group_id)

    @property
    def job_role_arn(self) -> pulumi.Output[str]:
        return self.environment.apply(lambda outputs: outputs.role_arns["execution"])

    @property
    def registry(self) -> pulumi.Output[str]:
        """Of tooling; where that is not there yet, of the environment's own account."""
        return pulumi.Output.concat(self.registry_account_id, f".dkr.ecr.{self.region}.amazonaws.com")

    @property
    def trusted_registries(self) -> list[pulumi.Output[str]]:
        """Accounts whose images containers inside apps may be of."""
        return [self.registry_account_id, self.account_id]

    @property
    def access_log_bucket_name(self) -> pulumi.Output[str]:
        return self.environment.apply(lambda outputs: outputs.access_log_bucket_name)

    @property
    def bucket_name(self) -> pulumi.Output[str]:
        """Bucket of people's own work, in the account's own namespace."""
        team, environment, region = self.settings.team, self.settings.environment, self.region
        return self.account_id.apply(
            lambda account_id: studio_bucket_name(environment, team, account_id=account_id, region=region)
        )

    def opens_canvas(self, persona: StudioPersona) -> bool:
        """Whether a persona sees Canvas here."""
        return self.studio.canvas is not None and persona in self.studio.canvas.personas

    def user_role(self, user: str) -> str:
        return named("role", studio_role(self.label, user))


def _subnet(zone: int, outputs: EnvironmentOutputs) -> str:
    return outputs.private_subnet_ids[zone]
