"""Rules common to datasets and feature groups, which are both published in the lake and shared with teams."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from settings.data.dataset import Dataset
from settings.data.feature_group import FeatureGroup
from settings.rules.partial_config import PartialConfig, PartialModel, stack_file
from settings.team.team import EnvironmentSettings
from settings.types.error_codes import Code
from settings.types.errors import Fault
from settings.types.kinds import Environment, environments_in, first_phase_of, kinds_in
from settings.types.redaction import shown

Published = Dataset | FeatureGroup


def phase_faults(published: Published, config: PartialConfig) -> Iterator[Fault]:
    phase = config.organization.model.phase
    if "data-lake" not in kinds_in(phase):
        rule = f"needs the data lake, which phase {phase} does not have"
        yield fault(published, Code.NOT_IN_PHASE, "", rule, f"set phase: {first_phase_of('data-lake')}, or remove it")


def repeated_faults(published: Published, field: str, names: Iterable[str]) -> Iterator[Fault]:
    for name, count in Counter(names).items():
        if count > 1:
            rule, fix = f"is listed {count} times", "rename or remove all but one"
            yield fault(published, Code.NAME_REPEATED, field, rule, fix, value=name)


def team_faults(
    published: Published, field: str, given: Mapping[str, Sequence[Environment]], config: PartialConfig
) -> Iterator[Fault]:
    """Yields a fault for each team and environment in a field that does not exist."""
    teams = {*config.teams, *config.unreadable}
    for team, environments in given.items():
        path = f"{field}.{team}"
        if team not in teams:
            rule, fix = "is not a team", f"one of {', '.join(sorted(teams))}" if teams else "add the team's file"
            yield fault(published, Code.DATASET_TEAM, path, rule, fix, value=shown(team))
        if config.organization.has("phase"):
            phase = config.organization.model.phase
            for environment in environments:
                if environment not in environments_in(phase):
                    rule = f"does not exist in phase {phase}"
                    yield fault(published, Code.NOT_IN_PHASE, path, rule, "remove it", value=environment)


def raw_data_faults(partial: PartialModel[Any], raw: str, remedy: str) -> Iterator[Fault]:
    """Yields a fault for each team with which a dataset or feature group is shared in experimentation, unless its data
    is anonymised or approved (DL-07)."""
    published: Published = partial.model
    if not partial.has("anonymised", "approved") or published.approved or published.anonymised:
        return
    for team, environments in published.shared_with.items():
        if "experimentation" in environments:
            rule = f"would read {raw}; experimentation reads only anonymised or approved data"
            fix = f"{remedy}, set approved: true, or share it with development only"
            yield fault(published, Code.RAW_DATA, f"shared_with.{team}", rule, fix, value="experimentation")


def fault(published: Published, code: Code, field: str, rule: str, fix: str, *, value: str = "") -> Fault:
    """Builds a fault in the file of a dataset or feature group."""
    section = "plinth:dataset" if isinstance(published, Dataset) else "plinth:feature-group"
    path = ".".join(part for part in (section, field) if part)
    return Fault(code=code, file=stack_file(published.stack), path=path, value=value, rule=rule, fix=fix)


def not_shared(environment: EnvironmentSettings, dataset: Dataset) -> tuple[str, str]:
    """Returns the rule and the fix for an environment that uses a dataset which it may not read."""
    fix = (
        f"have its owner add {environment.environment} to shared_with.{environment.team} in {stack_file(dataset.stack)}"
    )
    return f"is not shared with {environment.stack}", fix
