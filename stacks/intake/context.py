"""Settings, names and upstream outputs of the stack of an environment's intakes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from settings.data.dataset import Dataset
from settings.data.feature_group import FOLDER, FeatureGroup
from settings.data.intake import INTAKE, Intake
from settings.data.lake import Part
from settings.derived.accounts import Account
from settings.derived.foundation import Foundation
from settings.derived.sharing import resource_link_name, resource_link_prefix
from settings.derived.stack_graph import StackIdentity
from settings.team.team import EnvironmentSettings
from settings.types.naming import named, query_workgroup
from stacks.shared.outputs import DataCatalogOutputs, DataLakeOutputs, EnvironmentOutputs, OrganizationOutputs
from stacks.shared.references import read


@dataclass(frozen=True, kw_only=True, slots=True)
class IntakeContext:
    """The context of the stack of an environment's intakes."""

    settings: EnvironmentSettings
    foundation: Foundation
    account: Account
    region: str
    organization: OrganizationOutputs
    environment: EnvironmentOutputs
    lake: DataLakeOutputs
    catalog: DataCatalogOutputs

    @classmethod
    def of(cls, stack: StackIdentity, foundation: Foundation) -> IntakeContext:
        environment = stack.environment_stack
        return cls(
            settings=foundation.environments[environment.name],
            foundation=foundation,
            account=foundation.account_of_stack(stack),
            region=foundation.organization.home_region,
            organization=read(OrganizationOutputs, StackIdentity("organization")),
            environment=read(EnvironmentOutputs, environment),
            lake=read(DataLakeOutputs, StackIdentity("data-lake")),
            catalog=read(DataCatalogOutputs, StackIdentity("data-catalog")),
        )

    @property
    def label(self) -> str:
        """``fraud-production-intake``: name of the stack, of the role that queries the lake and of shared resources."""
        return named("role", self.settings.stack, INTAKE)

    @property
    def workgroup(self) -> str:
        return query_workgroup(self.settings.team, self.settings.environment)

    @property
    def shares_the_lakes_account(self) -> bool:
        return self.account == self.foundation.account_of("data-lake")

    @property
    def arrivals(self) -> list[tuple[Dataset, Part]]:
        """Dataset and part of each intake that starts when data arrives."""
        waiting = [intake for intake in self.settings.intake.values() if intake.on_arrival]
        return [(self.foundation.datasets[intake.dataset], intake.part) for intake in waiting]

    def database(self, part: Part) -> pulumi.Input[str]:
        """Returns the name of a part's database here: a resource link, unless the lake is in the same account."""
        return self._name_here(part, self.catalog.databases[part])

    @property
    def features_database(self) -> pulumi.Input[str]:
        """The name of the database of offline stores here: a resource link, unless the lake is in the same account."""
        return self._name_here(FOLDER, self.catalog.features_database)

    def _name_here(self, database: str, in_lake: pulumi.Input[str]) -> pulumi.Input[str]:
        """Returns the name of a database of the lake in this account. ``in_lake`` is the name in the lake's account."""
        if self.shares_the_lakes_account:
            return in_lake
        return f"{resource_link_prefix(self.settings.team, self.account)}{resource_link_name(database)}"

    @property
    def waits_for_features(self) -> bool:
        return any(intake.fresh_features is not None for intake in self.settings.intake.values())

    def feature_group(self, intake: Intake) -> FeatureGroup | None:
        """Returns the feature group for whose records an intake waits, or None."""
        wanted = intake.fresh_features
        return None if wanted is None else self.foundation.feature_groups[wanted.feature_group]

    def pipelines(self) -> Mapping[str, str]:
        """Returns the full name of the pipeline that each intake starts, by intake."""
        return {
            name: pipeline
            for name, intake in self.settings.intake.items()
            if (pipeline := pipeline_name(self.settings.team, intake)) is not None
        }


def pipeline_name(team: str, intake: Intake) -> str | None:
    """Returns the full name of the pipeline that an intake starts. Like all names of a use case, it begins with it."""
    if intake.pipeline is None:
        return None
    return named("SageMaker pipeline", f"{team}--{intake.use_case}", intake.pipeline)
