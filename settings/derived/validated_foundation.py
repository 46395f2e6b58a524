"""A foundation whose files were validated earlier. Each file is parsed when its settings are first read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TypeVar

from pydantic import PrivateAttr

from settings.data.dataset import Dataset
from settings.data.feature_group import FeatureGroup
from settings.derived.accounts import Account, durable_accounts
from settings.derived.foundation import Foundation
from settings.derived.overview import Overview
from settings.derived.stack_graph import StackIdentity
from settings.organization.organization import Organization
from settings.organization.placement import RelaxedRule
from settings.team.team import EnvironmentSettings, Team
from settings.types.model import Settings

M = TypeVar("M", bound=Settings)


class LazilyParsed(Mapping[str, M]):
    """A mapping of settings by name that parses each value on first access."""

    def __init__(self, names: Sequence[str], parse: Callable[[str], M]) -> None:
        self._names = dict.fromkeys(names)
        self._parse = parse
        self._known: dict[str, M] = {}

    def __getitem__(self, name: str) -> M:
        if name not in self._known:
            if name not in self._names:
                raise KeyError(name)
            self._known[name] = self._parse(name)
        return self._known[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class ValidatedFoundation(Foundation):
    """A :class:`Foundation` that takes facts about all settings from an overview instead of computing them."""

    _overview: Overview = PrivateAttr()

    @classmethod
    def with_overview(
        cls,
        overview: Overview,
        *,
        organization: Organization,
        teams: Mapping[str, Team],
        environments: Mapping[str, EnvironmentSettings],
        datasets: Mapping[str, Dataset],
        feature_groups: Mapping[str, FeatureGroup],
    ) -> ValidatedFoundation:
        """Builds the foundation without validating the settings again."""
        foundation = cls.model_construct(
            organization=organization,
            teams=teams,
            environments=environments,
            datasets=datasets,
            feature_groups=feature_groups,
        )
        foundation._overview = overview
        return foundation

    @cached_property
    def overview(self) -> Overview:
        return self._overview

    @cached_property
    def durable_accounts(self) -> tuple[Account, ...]:
        hosts = self._overview.durable_hosts
        return tuple(replace(account, hosts=hosts[account.kind]) for account in durable_accounts(self.organization))

    @cached_property
    def stacks(self) -> Mapping[StackIdentity, tuple[StackIdentity, ...]]:
        identities = {name: StackIdentity.parse(name) for name in self._overview.graph}
        return {
            identities[name]: tuple(identities[need] for need in needs) for name, needs in self._overview.graph.items()
        }

    @cached_property
    def relaxed_rules(self) -> tuple[RelaxedRule, ...]:
        return self._overview.relaxed_rules

    @cached_property
    def datasets_by_team(self) -> Mapping[str, tuple[str, ...]]:
        return self._overview.datasets_by_team

    @cached_property
    def has_pushed_data(self) -> bool:
        return self._overview.has_pushed_data

    @cached_property
    def has_deliveries(self) -> bool:
        return self._overview.has_deliveries
