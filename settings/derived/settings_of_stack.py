"""The settings that the program of one stack can read.

The program of a team's stack, or of published data, reads the settings of that team or data only. So a change of other
settings does not affect it, and nobody has to run the program to know that. Tests record what the program of every
stack reads, and fail if it reads more.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from settings.derived.foundation import Foundation
from settings.derived.overview import Overview
from settings.derived.stack_graph import StackIdentity
from settings.rules.partial_config import stack_file
from settings.types.kinds import environments_in


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """The settings that the program of one stack can read, beside those of the organization."""

    teams: frozenset[str]
    environments: frozenset[str]
    """Stack names of environments."""
    datasets: frozenset[str]
    feature_groups: frozenset[str]
    overview: Overview
    """The facts about all settings that concern the stack."""

    @property
    def files(self) -> frozenset[str]:
        """The names of the files with these settings."""
        published = [StackIdentity("dataset", dataset=name) for name in self.datasets]
        published += [StackIdentity("feature-group", feature_group=name) for name in self.feature_groups]
        return frozenset(map(stack_file, [*self.teams, *self.environments, *(stack.name for stack in published)]))


def reach_of(stack: StackIdentity, foundation: Foundation) -> Reach | None:
    """Returns what the program of a stack can read; None if it can read everything, as those of shared stacks."""
    if stack.team is not None:
        teams: Collection[str] = [stack.team]
        datasets = foundation.overview.datasets_by_team.get(stack.team, ())
        groups = _awaited_features(stack, foundation)
        return _reach(stack, foundation, teams, datasets=datasets, feature_groups=groups)
    if stack.dataset is not None:
        dataset = foundation.datasets[stack.dataset]
        teams = {*dataset.teams, *dataset.pushed_to}
        return _reach(stack, foundation, teams, datasets=[stack.dataset])
    if stack.feature_group is not None:
        teams = foundation.feature_groups[stack.feature_group].teams
        return _reach(stack, foundation, teams, feature_groups=[stack.feature_group])
    return None


def _awaited_features(stack: StackIdentity, foundation: Foundation) -> Collection[str]:
    """Returns the feature groups for whose records the intakes of a stack wait."""
    if stack.kind != "intake":
        return ()
    intakes = foundation.environments[stack.environment_stack.name].intake.values()
    return [intake.fresh_features.feature_group for intake in intakes if intake.fresh_features is not None]


def _reach(
    stack: StackIdentity,
    foundation: Foundation,
    teams: Collection[str],
    *,
    datasets: Collection[str] = (),
    feature_groups: Collection[str] = (),
) -> Reach:
    environments = {
        f"{team}-{environment}" for team in teams for environment in environments_in(foundation.organization.phase)
    }
    return Reach(
        teams=frozenset(teams),
        environments=frozenset(environments),
        datasets=frozenset(datasets),
        feature_groups=frozenset(feature_groups),
        overview=_overview(stack, foundation.overview, teams, environments),
    )


def _overview(stack: StackIdentity, whole: Overview, teams: Collection[str], environments: Collection[str]) -> Overview:
    name = stack.name
    return replace(
        whole,
        graph={name: whole.graph.get(name, ())},
        account_labels={name: whole.account_labels[name]} if name in whole.account_labels else {},
        relaxed_rules=tuple(rule for rule in whole.relaxed_rules if rule.team is None or rule.team in teams),
        datasets_by_team={team: whole.datasets_by_team.get(team, ()) for team in sorted(teams)},
        studio_users={
            environment: whole.studio_users[environment]
            for environment in sorted(environments)
            if environment in whole.studio_users
        },
        delivery_people={name: whole.delivery_people[name]} if name in whole.delivery_people else {},
    )
