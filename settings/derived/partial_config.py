"""Settings of which only some fields are sound, so that rules across files run although a file has faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, TypeAdapter

from settings.data.dataset import Dataset
from settings.data.feature_group import FeatureGroup
from settings.organization.organization import Organization
from settings.team.team import EnvironmentSettings, Team

M = TypeVar("M", bound=BaseModel)

PROJECT_FILE = "Pulumi.yaml"


def stack_file(stack: str) -> str:
    return f"Pulumi.{stack}.yaml"


@dataclass(frozen=True, slots=True)
class Draft(Generic[M]):
    """A model, and which of its fields must not be looked at."""

    model: M
    faulty: frozenset[str] = field(default_factory=frozenset)

    def has(self, *fields: str) -> bool:
        """Whether all of these fields are sound."""
        return self.faulty.isdisjoint(fields)


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that the rules judge together."""

    organization: Draft[Organization]
    teams: Mapping[str, Draft[Team]]
    """By name."""
    environments: Mapping[str, Draft[EnvironmentSettings]]
    """By stack."""
    datasets: Mapping[str, Draft[Dataset]] = field(default_factory=dict)
    """By name."""
    unreadable: frozenset[str] = frozenset()
    """Teams whose file could not be read at all."""
    feature_groups: Mapping[str, Draft[FeatureGroup]] = field(default_factory=dict)
    """By name."""

    @classmethod
    def of(
        cls,
        organization: Organization,
        teams: Mapping[str, Team],
        environments: Mapping[str, EnvironmentSettings],
        datasets: Mapping[str, Dataset],
        feature_groups: Mapping[str, FeatureGroup],
    ) -> Parts:
        return cls(
            Draft(organization),
            {name: Draft(team) for name, team in teams.items()},
            {stack: Draft(environment) for stack, environment in environments.items()},
            {name: Draft(dataset) for name, dataset in datasets.items()},
            feature_groups={name: Draft(group) for name, group in feature_groups.items()},
        )


def salvage(model: type[M], values: Mapping[str, Any], faulty: frozenset[str]) -> Draft[M]:
    """The sound fields of settings that were refused. Never leaves the rules; a faulty field may be absent."""
    adapters = _adapters(model)
    sound = {
        name: adapter.validate_python(values[name])
        for name, adapter in adapters.items()
        if name in values and name not in faulty
    }
    missing = {name for name, info in model.model_fields.items() if info.is_required() and name not in sound}
    return Draft(model.model_construct(**sound), faulty | missing)


@cache
def _adapters(model: type[BaseModel]) -> Mapping[str, TypeAdapter[Any]]:
    fields = model.model_fields.items()
    types: dict[str, Any] = {name: Annotated[info.annotation, info] for name, info in fields}
    return {name: TypeAdapter(type_) for name, type_ in types.items()}
