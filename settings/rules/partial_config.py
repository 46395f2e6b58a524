"""Partially valid settings, so that rules across files can run on valid fields although some files have faults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, TypeAdapter

from settings.data.dataset import Dataset
from settings.data.feature_group import FeatureGroup
from settings.organization.organization import Organization
from settings.team.delivery import DeliverySettings
from settings.team.team import EnvironmentSettings, Team
from settings.types.error_codes import Code
from settings.types.errors import Fault
from settings.types.kinds import InferenceKind

M = TypeVar("M", bound=BaseModel)

PROJECT_FILE = "Pulumi.yaml"
_ORGANIZATION = "plinth:organization"


def project_fault(code: Code, field: str, value: object, rule: str, fix: str) -> Fault:
    """Returns a fault in a field of the organization, whose settings are in the project file."""
    return Fault(code=code, file=PROJECT_FILE, path=f"{_ORGANIZATION}.{field}", value=str(value), rule=rule, fix=fix)


def stack_file(stack: str) -> str:
    return f"Pulumi.{stack}.yaml"


@dataclass(frozen=True, slots=True)
class PartialModel(Generic[M]):
    """A settings model and its invalid fields, which must not be read."""

    model: M
    faulty: frozenset[str] = field(default_factory=frozenset)

    def has(self, *fields: str) -> bool:
        """Returns whether all of these fields are valid."""
        return self.faulty.isdisjoint(fields)


@dataclass(frozen=True, kw_only=True, slots=True)
class PlacedDelivery:
    """The delivery of a use case, and where the settings have it."""

    team: str
    use_case: str
    settings: DeliverySettings
    inference: Sequence[InferenceKind]

    @property
    def file(self) -> str:
        return stack_file(self.team)

    @property
    def path(self) -> str:
        """Dotted key of the delivery in the file."""
        return f"plinth:team.use_cases.{self.use_case}.delivery"


@dataclass(frozen=True, slots=True)
class PartialConfig:
    """All settings that the rules check together, valid or partially valid."""

    organization: PartialModel[Organization]
    teams: Mapping[str, PartialModel[Team]]
    """Teams by name."""
    environments: Mapping[str, PartialModel[EnvironmentSettings]]
    """Environments by stack name."""
    datasets: Mapping[str, PartialModel[Dataset]] = field(default_factory=dict)
    """Datasets by name."""
    unreadable: frozenset[str] = frozenset()
    """Teams whose files could not be read."""
    feature_groups: Mapping[str, PartialModel[FeatureGroup]] = field(default_factory=dict)
    """Feature groups by name."""

    @classmethod
    def of(
        cls,
        organization: Organization,
        teams: Mapping[str, Team],
        environments: Mapping[str, EnvironmentSettings],
        datasets: Mapping[str, Dataset],
        feature_groups: Mapping[str, FeatureGroup],
    ) -> PartialConfig:
        return cls(
            PartialModel(organization),
            {name: PartialModel(team) for name, team in teams.items()},
            {stack: PartialModel(environment) for stack, environment in environments.items()},
            {name: PartialModel(dataset) for name, dataset in datasets.items()},
            feature_groups={name: PartialModel(group) for name, group in feature_groups.items()},
        )

    def deliveries(self) -> Iterator[PlacedDelivery]:
        """Yields the deliveries of all teams whose use cases are valid."""
        for team in self.teams.values():
            for name, use_case in team.model.use_cases.items() if team.has("use_cases") else ():
                if use_case.delivery is not None:
                    yield PlacedDelivery(
                        team=team.model.name, use_case=name, settings=use_case.delivery, inference=use_case.inference
                    )


def partial_model(model: type[M], values: Mapping[str, Any], faulty: frozenset[str]) -> PartialModel[M]:
    """Builds a model from the valid fields of refused settings. Only rules use it; invalid fields may be missing."""
    adapters = _adapters(model)
    valid = {
        name: adapter.validate_python(values[name])
        for name, adapter in adapters.items()
        if name in values and name not in faulty
    }
    missing = {name for name, info in model.model_fields.items() if info.is_required() and name not in valid}
    return PartialModel(model.model_construct(**valid), faulty | missing)


@cache
def _adapters(model: type[BaseModel]) -> Mapping[str, TypeAdapter[Any]]:
    fields = model.model_fields.items()
    types: dict[str, Any] = {name: Annotated[info.annotation, info] for name, info in fields}
    return {name: TypeAdapter(type_) for name, type_ in types.items()}
