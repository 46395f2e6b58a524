"""Where an environment's intakes are built, and under which names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from settings.data.dataset import Dataset
from settings.data.intake import INTAKE, Intake
from settings.data.lake import Part, Zone
from settings.derived.accounts import Account
from settings.derived.foundation import Foundation
from settings.derived.outputs import DataLakeOutputs, EnvironmentOutputs, OrganizationOutputs
from settings.derived.sharing import link_name, link_prefix
from settings.derived.stack_graph import StackIdentity
from settings.team.team import EnvironmentSettings
from settings.types.naming import named, query_workgroup
from stacks.shared.references import read
from stacks.shared.shared_accounts import account_of_kind


@dataclass(frozen=True, kw_only=True, slots=True)
class IntakePlace:
    """The intakes of one environment, from the settings and from the stacks that theirs depends on."""

    settings: EnvironmentSettings
    foundation: Foundation
    account: Account
    region: str
    organization: pulumi.Output[OrganizationOutputs]
    environment: pulumi.Output[EnvironmentOutputs]
    """What the environment promised: its key, its bucket, its boundary."""
    lake: pulumi.Output[DataLakeOutputs]

    @classmethod
    def of(cls, stack: StackIdentity, foundation: Foundation) -> IntakePlace:
        environment = stack.environment_stack
        return cls(
            settings=foundation.environments[environment.name],
            foundation=foundation,
            account=foundation.account_of_stack(stack),
            region=foundation.organization.home_region,
            organization=read(OrganizationOutputs, StackIdentity("organization")),
            environment=read(EnvironmentOutputs, environment),
            lake=read(DataLakeOutputs, StackIdentity("data-lake")),
        )

    @property
    def label(self) -> str:
        """``fraud-production-intake``: the name of the stack, of the role that asks, and of what they share."""
        return named("role", self.settings.stack, INTAKE)

    @property
    def workgroup(self) -> str:
        return query_workgroup(self.settings.team, self.settings.environment)

    @property
    def account_id(self) -> pulumi.Output[str]:
        return self.environment.apply(lambda outputs: outputs.account_id)

    @property
    def organization_id(self) -> pulumi.Output[str]:
        return self.organization.apply(lambda outputs: outputs.organization_id)

    @property
    def key_arn(self) -> pulumi.Output[str]:
        return self.environment.apply(lambda outputs: outputs.key_arn)

    @property
    def bucket_name(self) -> pulumi.Output[str]:
        return self.environment.apply(lambda outputs: outputs.bucket_name)

    @property
    def bucket_arn(self) -> pulumi.Output[str]:
        return self.environment.apply(lambda outputs: outputs.bucket_arn)

    @property
    def boundary_arn(self) -> pulumi.Output[str]:
        return self.environment.apply(lambda outputs: outputs.permissions_boundary_arn)

    @property
    def shares_the_lakes_account(self) -> bool:
        return self.account == self.foundation.account_of("data-lake")

    @property
    def lake_account_id(self) -> pulumi.Output[str]:
        return account_of_kind(self.organization, "data-lake")

    @property
    def arrivals(self) -> list[tuple[Dataset, Part]]:
        """What is told of: by each intake that arrivals start, its dataset and the part of it."""
        waiting = [intake for intake in self.settings.intake.values() if intake.on_arrival]
        return [(self.foundation.datasets[intake.dataset], intake.part) for intake in waiting]

    def zone_bucket(self, zone: Zone) -> pulumi.Output[str]:
        return self.lake.apply(lambda outputs: outputs.zone_buckets[zone])

    def database(self, part: Part) -> pulumi.Input[str]:
        """What a part's database is called here: a link, but where the lake is in the same account."""
        if self.shares_the_lakes_account:
            return self.database_of_the_lake(part)
        return f"{link_prefix(self.settings.team, self.account)}{link_name(part)}"

    def database_of_the_lake(self, part: Part) -> pulumi.Output[str]:
        return self.lake.apply(lambda outputs: outputs.databases[part])

    def pipelines(self) -> Mapping[str, str]:
        """By intake, the whole name of the pipeline that it starts."""
        return {
            name: pipeline
            for name, intake in self.settings.intake.items()
            if (pipeline := pipeline_name(self.settings.team, intake)) is not None
        }


def pipeline_name(team: str, intake: Intake) -> str | None:
    """Everything of a use case begins with its name, and so its pipelines."""
    if intake.pipeline is None:
        return None
    return named("SageMaker pipeline", f"{team}--{intake.use_case}", intake.pipeline)
