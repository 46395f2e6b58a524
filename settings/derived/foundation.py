"""The foundation: organization, teams and environments together, and everything that follows from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property

from pydantic import Field, model_validator

from settings.data.dataset import Dataset
from settings.data.feature_group import FeatureGroup
from settings.derived.accounts import Account, durable_accounts, placement_of, team_accounts
from settings.derived.partial_config import Parts
from settings.derived.stack_graph import StackIdentity, stacks_in
from settings.derived.tags import tags_of
from settings.organization.organization import Organization
from settings.organization.placement import Placement, RelaxedRule
from settings.rules.consistency import faults_between
from settings.team.team import EnvironmentSettings, Team
from settings.types.errors import SettingsError
from settings.types.kinds import ENVIRONMENTS, Environment, Kind, environments_in
from settings.types.model import Settings


class Foundation(Settings):
    """The whole. Once built, no two of its parts contradict each other."""

    organization: Organization
    teams: Mapping[str, Team]
    """By name."""
    environments: Mapping[str, EnvironmentSettings]
    """By stack: every environment of the phase for every team."""
    datasets: Mapping[str, Dataset] = Field(default_factory=dict)
    """By name."""
    feature_groups: Mapping[str, FeatureGroup] = Field(default_factory=dict)
    """By name."""

    @classmethod
    def of(
        cls,
        organization: Organization,
        teams: Iterable[Team],
        environments: Iterable[EnvironmentSettings] = (),
        datasets: Iterable[Dataset] = (),
        feature_groups: Iterable[FeatureGroup] = (),
    ) -> Foundation:
        """The whole from its parts; an environment that is not given has its defaults."""
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
        parts = Parts.of(self.organization, self.teams, self.environments, self.datasets, self.feature_groups)
        if faults := faults_between(parts):
            raise SettingsError(faults)
        return self

    @cached_property
    def accounts(self) -> tuple[Account, ...]:
        """Every account, durable ones first, then team by team."""
        teams = self.teams.values()
        own = (account for team in teams for account in team_accounts(self.organization, team))
        return (*durable_accounts(self.organization, teams), *own)

    @cached_property
    def _accounts_by_owner(self) -> Mapping[tuple[Kind, str | None], Account]:
        return {(account.kind, account.team): account for account in self.accounts}

    @cached_property
    def stacks(self) -> Mapping[StackIdentity, tuple[StackIdentity, ...]]:
        """Every stack with those it needs, in an order in which they can be brought up."""
        with_studio = [environment for environment in self.environments.values() if environment.has_studio]
        studios = {environment.stack: environment.studio.stacks for environment in with_studio}
        shared = {name: dataset.teams for name, dataset in self.datasets.items()}
        made = {name: dataset.etl.fills for name, dataset in self.datasets.items() if dataset.etl is not None}
        concerned = {name: group.teams for name, group in self.feature_groups.items()}
        taking_in = [stack for stack, environment in self.environments.items() if environment.has_intake_stack]
        return stacks_in(self.organization.phase, self.teams, studios, shared, made, concerned, taking_in)

    def account_of(self, kind: Kind, team: str | None = None) -> Account:
        """The account that a kind lands in; ``team`` for the kinds that a team has of its own."""
        account_kind = self.placement_of(team).account_of(kind)
        return self._accounts_by_owner[account_kind, team if account_kind in ENVIRONMENTS else None]

    def account_of_stack(self, stack: StackIdentity) -> Account:
        """The account that a stack builds in."""
        return self.account_of(stack.account_kind, stack.team)

    def placement_of(self, team: str | None) -> Placement:
        """A team's placement; that of the organization for no team."""
        return self.organization.placement if team is None else placement_of(self.organization, self.teams[team])

    @cached_property
    def relaxed_rules(self) -> tuple[RelaxedRule, ...]:
        """The rules that the placement gives up, and those that a team's own placement gives up beside them."""
        phase = self.organization.phase
        shared = self.organization.placement.relaxed_rules(phase)
        return shared + tuple(
            replace(rule, team=team)
            for team in self.teams
            for rule in self.placement_of(team).relaxed_rules(phase)
            if rule not in shared
        )

    def environment_of(self, team: str, environment: Environment) -> EnvironmentSettings:
        return self.environments[f"{team}-{environment}"]

    def tags_of(self, stack: StackIdentity) -> dict[str, str]:
        """The tags that every resource of a stack carries."""
        environment = self.environments.get(stack.environment_stack.name) if stack.environment else None
        dataset = self.datasets.get(stack.dataset or "")
        return tags_of(stack, self.organization, self.teams.get(stack.team or ""), environment, dataset)
