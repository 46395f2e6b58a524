"""The foundation: the settings of organization, teams, environments and data, and the facts derived from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import cast

from pydantic import Field, model_validator

from settings.data.dataset import Dataset
from settings.data.feature_group import FeatureGroup
from settings.derived.accounts import Account, durable_accounts, placement_of, team_accounts
from settings.derived.overview import Overview
from settings.derived.source_repositories import source_of
from settings.derived.stack_graph import CLUSTER_TOOLS, ClusterStack, Replica, StackIdentity, stacks_in
from settings.derived.tags import tags_of
from settings.organization.minimum_gate import MinimumGate, strictest
from settings.organization.organization import Organization
from settings.organization.placement import Placement, RelaxedRule
from settings.rules.consistency import consistency_faults
from settings.rules.partial_config import PartialConfig
from settings.team.team import EnvironmentSettings, Team
from settings.types.errors import SettingsError
from settings.types.kinds import (
    ENVIRONMENTS,
    RELEASED_TO,
    DurableKind,
    Environment,
    Kind,
    environments_in,
    released_to_in,
)
from settings.types.model import Settings


class Foundation(Settings):
    """All settings. An instance is always consistent, because it is validated when it is built."""

    organization: Organization
    teams: Mapping[str, Team]
    """Teams by name."""
    environments: Mapping[str, EnvironmentSettings]
    """Environments by stack name: every environment of the phase for every team."""
    datasets: Mapping[str, Dataset] = Field(default_factory=dict)
    """Datasets by name."""
    feature_groups: Mapping[str, FeatureGroup] = Field(default_factory=dict)
    """Feature groups by name."""

    @classmethod
    def of(
        cls,
        organization: Organization,
        teams: Iterable[Team],
        environments: Iterable[EnvironmentSettings] = (),
        datasets: Iterable[Dataset] = (),
        feature_groups: Iterable[FeatureGroup] = (),
    ) -> Foundation:
        """Builds the foundation from its settings. An environment that is not given has default settings."""
        by_name = {team.name: team for team in sorted(teams, key=lambda team: team.name)}
        given = {environment.stack: environment for environment in environments}
        for team in by_name:
            for environment in environments_in(organization.phase):
                given.setdefault(f"{team}-{environment}", EnvironmentSettings(team=team, environment=environment))
        return cls(
            organization=organization,
            teams=by_name,
            environments=dict(sorted(given.items())),
            datasets={dataset.name: dataset for dataset in sorted(datasets, key=lambda dataset: dataset.name)},
            feature_groups={group.name: group for group in sorted(feature_groups, key=lambda group: group.name)},
        )

    @model_validator(mode="after")
    def _parts_agree(self) -> Foundation:
        config = PartialConfig.of(self.organization, self.teams, self.environments, self.datasets, self.feature_groups)
        if faults := consistency_faults(config):
            raise SettingsError(faults)
        return self

    @cached_property
    def overview(self) -> Overview:
        """The facts that follow from all settings together."""
        return Overview(
            graph={stack.name: tuple(need.name for need in needs) for stack, needs in self.stacks.items()},
            account_labels={stack.name: self.account_of_stack(stack).label for stack in self.stacks},
            durable_hosts={account.kind: account.hosts for account in self.durable_accounts},
            relaxed_rules=self.relaxed_rules,
            datasets_by_team=self.datasets_by_team,
            studio_users=self._studio_users,
            delivery_people=self._delivery_people,
            has_pushed_data=self.has_pushed_data,
            has_deliveries=self.has_deliveries,
        )

    @property
    def _studio_users(self) -> Mapping[str, tuple[str, ...]]:
        """The user names that each environment's Studio needs in the directory of Identity Center."""
        if self.organization.sign_in != "identity-center":
            return {}
        with_studio = [environment for environment in self.environments.values() if environment.has_studio]
        return {
            environment.stack: tuple(sorted(environment.studio.users))
            for environment in with_studio
            if environment.studio.users
        }

    @property
    def _delivery_people(self) -> Mapping[str, tuple[str, ...]]:
        if self.organization.sign_in != "identity-center":
            return {}
        return {
            StackIdentity("use-case", team, use_case=name).name: use_case.delivery.people
            for team, settings in self.teams.items()
            for name, use_case in settings.use_cases.items()
            if use_case.delivery is not None and use_case.delivery.people
        }

    @cached_property
    def durable_accounts(self) -> tuple[Account, ...]:
        """The durable accounts."""
        return durable_accounts(self.organization, self.teams.values())

    @cached_property
    def accounts(self) -> tuple[Account, ...]:
        """All accounts: durable accounts first, then those of each team."""
        return (*self.durable_accounts, *(account for team in self.teams for account in self.accounts_of_team(team)))

    def accounts_of_team(self, team: str) -> tuple[Account, ...]:
        """Returns the accounts that belong to a team."""
        if team not in self._accounts_of_teams:
            self._accounts_of_teams[team] = team_accounts(self.organization, self.teams[team])
        return self._accounts_of_teams[team]

    @cached_property
    def _accounts_of_teams(self) -> dict[str, tuple[Account, ...]]:
        """The accounts of teams computed so far."""
        return {}

    @cached_property
    def stacks(self) -> Mapping[StackIdentity, tuple[StackIdentity, ...]]:
        """The stacks that each stack depends on, in deployment order."""
        with_studio = [environment for environment in self.environments.values() if environment.has_studio]
        studios = {environment.stack: environment.studio.stacks for environment in with_studio}
        shared = {name: dataset.teams for name, dataset in self.datasets.items()}
        filled = {name: dataset.etl.fills for name, dataset in self.datasets.items() if dataset.etl is not None}
        group_teams = {name: group.teams for name, group in self.feature_groups.items()}
        with_intakes = [stack for stack, environment in self.environments.items() if environment.has_intake_stack]
        return stacks_in(
            self.organization.phase,
            self.teams,
            studios,
            shared,
            filled,
            group_teams,
            with_intakes,
            use_cases=self._delivered_use_cases,
            replicas=self._replicas,
            copied=[name for name, dataset in self.datasets.items() if self.is_copied(dataset)],
            cluster=self._cluster_host,
            in_cluster=self._tools_in_cluster,
            tracked=[stack for stack, environment in self.environments.items() if environment.tracking_server],
        )

    @cached_property
    def _replicas(self) -> tuple[Replica, ...]:
        regions: Mapping[Replica, str | None] = {
            "audit-replica": self.organization.audit.replica_region,
            "lake-replica": self.organization.lake.replica_region,
        }
        return tuple(stack for stack, region in regions.items() if region is not None)

    @property
    def has_cluster(self) -> bool:
        """Whether the tooling account has a Kubernetes cluster."""
        return self.organization.tooling_cluster is not None

    @property
    def has_packages(self) -> bool:
        """Whether the tooling account has a package repository."""
        return self.organization.packages is not None

    def studio_installs_packages(self, environment: EnvironmentSettings) -> bool:
        """Returns whether apps of an environment's Studio install from the package repository. A mirror that the
        settings name comes first."""
        return self.has_packages and environment.has_studio and environment.studio.package_index is None

    def studio_pushes_code(self, environment: EnvironmentSettings) -> bool:
        """Returns whether people push code to CodeCommit from an environment's Studio."""
        name, use_cases = environment.team, self.teams[environment.team].use_cases
        return environment.has_studio and any(
            delivery is not None and source_of(self.organization, name, use_case, delivery) is None
            for use_case, delivery in ((use_case, settings.delivery) for use_case, settings in use_cases.items())
        )

    @property
    def runs_requests(self) -> bool:
        """Whether builds in the governance account carry out requests."""
        return self.organization.request_runner is not None

    @property
    def creates_workflow_database(self) -> bool:
        """Whether the stack `governance` creates the database of workflows."""
        runner = self.organization.request_runner
        return runner is not None and runner.serverless_workflows is not None

    @property
    def builds_platform_image(self) -> bool:
        """Whether the tooling account builds the image of promotions and of the runner of requests."""
        return self.organization.platform_image is not None

    @property
    def runs_stacks_in_cluster(self) -> bool:
        """Whether operations on stacks may run as Jobs in the cluster."""
        cluster = self.organization.tooling_cluster
        return cluster is not None and cluster.runner is not None

    @property
    def tracking_host(self) -> str | None:
        """Host name by which networks reach the tracking server in the cluster, if it has one."""
        server = self.organization.tracking_server
        return None if server is None else server.host

    @property
    def offers_tracking(self) -> bool:
        """Whether networks of teams reach the tracking server."""
        server = self.organization.tracking_server
        return server is not None and server.private_link is not None

    @property
    def _tools_in_cluster(self) -> tuple[ClusterStack, ...]:
        cluster = self.organization.tooling_cluster
        wanted: Mapping[ClusterStack, bool] = {
            "tooling-runner": self.runs_stacks_in_cluster,
            "tooling-mlflow": self.organization.tracking_server is not None,
            "tooling-portal": cluster is not None and cluster.portal is not None,
            "tooling-ci": cluster is not None and cluster.ci is not None,
        }
        return tuple(tool for tool in CLUSTER_TOOLS if wanted[tool])

    @property
    def _cluster_host(self) -> DurableKind | None:
        """The kind that the account of the Kubernetes cluster is named after, or None if there is no cluster."""
        if not self.has_cluster:
            return None
        return cast(DurableKind, self.account_of("tooling").kind)

    def is_copied(self, dataset: Dataset) -> bool:
        """Returns whether the dataset has a bucket of its own that is copied into a second region. The lake's zones,
        which contain the other datasets, are copied as a whole."""
        return dataset.kind == "objects" and self.organization.lake.replica_region is not None

    def account_of(self, kind: Kind, team: str | None = None) -> Account:
        """Returns the account in which a kind is placed. ``team`` is needed for environments."""
        account_kind = self.placement_of(team).account_of(kind)
        owner = team if account_kind in ENVIRONMENTS else None
        accounts = self.durable_accounts if owner is None else self.accounts_of_team(owner)
        return next(account for account in accounts if account.kind == account_kind)

    def account_of_stack(self, stack: StackIdentity) -> Account:
        """Returns the account that a stack deploys to."""
        return self.account_of(stack.account_kind, stack.team)

    def placement_of(self, team: str | None) -> Placement:
        """Returns the placement of a team, or of the organization if ``team`` is None."""
        return self.organization.placement if team is None else placement_of(self.organization, self.teams[team])

    @cached_property
    def relaxed_rules(self) -> tuple[RelaxedRule, ...]:
        """The separation rules relaxed by the organization's placement, and further ones by placements of teams."""
        phase = self.organization.phase
        shared = self.organization.placement.relaxed_rules(phase)
        return shared + tuple(
            replace(rule, team=team)
            for team in self.teams
            if (placement := self.placement_of(team)) is not self.organization.placement
            for rule in placement.relaxed_rules(phase)
            if rule not in shared
        )

    def relaxed_rules_of(self, team: str | None) -> list[RelaxedRule]:
        """Returns the separation rules that a team's placement relaxes, or the organization's if ``team`` is None."""
        return [rule for rule in self.relaxed_rules if rule.team == team]

    @cached_property
    def datasets_by_team(self) -> Mapping[str, tuple[str, ...]]:
        """The names of the datasets that are shared with a team, pushed to it, or returned by it, by team."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for name, dataset in self.datasets.items():
            for team in {*dataset.shared_with, *dataset.pushed_to, *dataset.returned_by}:
                found[team].append(name)
        return {team: tuple(names) for team, names in found.items()}

    def datasets_of(self, team: str) -> list[Dataset]:
        """Returns the datasets that are shared with a team, pushed to it, or returned by it."""
        return [self.datasets[name] for name in self.datasets_by_team.get(team, ())]

    @cached_property
    def has_pushed_data(self) -> bool:
        """Whether any dataset is pushed to an environment."""
        return any(dataset.pushed_to for dataset in self.datasets.values())

    @cached_property
    def has_deliveries(self) -> bool:
        """Whether any use case has a delivery in the tooling account."""
        return bool(self._delivered_use_cases)

    def approvers_of(self, team: str, use_case: str) -> Mapping[str, Sequence[str]]:
        """Returns the user names of those who may approve promotions, by stage; none in a phase that releases
        nothing."""
        delivery = self.teams[team].use_cases[use_case].delivery
        released_to = released_to_in(self.organization.phase)
        return delivery.approvers_by_stage if delivery is not None and len(released_to) == len(RELEASED_TO) else {}

    def minimum_gates_of(self, team: str, use_case: str) -> Mapping[str, MinimumGate]:
        """Returns the limits that gates of a use case may not undercut, by metric."""
        delivery = self.teams[team].use_cases[use_case].delivery
        return strictest(self.organization.minimum_gates, delivery.minimum_gates if delivery else {})

    @property
    def _delivered_use_cases(self) -> list[tuple[str, str]]:
        """Team and name of each use case with a delivery."""
        return [
            (team.name, name)
            for team in self.teams.values()
            for name, use_case in team.use_cases.items()
            if use_case.delivery is not None
        ]

    def environment_of(self, team: str, environment: Environment) -> EnvironmentSettings:
        return self.environments[f"{team}-{environment}"]

    def tags_of(self, stack: StackIdentity) -> dict[str, str]:
        """Returns the tags of a stack's resources."""
        environment = self.environments.get(stack.environment_stack.name) if stack.environment else None
        dataset = self.datasets.get(stack.dataset or "")
        return tags_of(stack, self.organization, self.teams.get(stack.team or ""), environment, dataset)
