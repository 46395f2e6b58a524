"""Computes which environments read which data of the lake, and the LF-tags that grant it. Stacks and reports use it.

A resource has one value per LF-tag, which its tables and columns inherit. The value of a team's LF-tag therefore lists
all of the team's environments that may read the resource.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from types import MappingProxyType
from typing import get_args

from settings.data.data_api import DATA_API
from settings.data.dataset import Classification, Column, Dataset, Exposure
from settings.data.glue_step import job_role_suffix
from settings.data.intake import INTAKE
from settings.data.lake import Part
from settings.derived.accounts import Account
from settings.team.team import EnvironmentSettings, Team
from settings.types.kinds import ENVIRONMENTS, RELEASED_TO, Environment
from settings.types.naming import ENVIRONMENT_ABBREVIATIONS, profile_name

CLASS = "class"
EXPOSURE = "exposure"
ZONE = "zone"

SHARED_TAGS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        CLASS: get_args(Classification),
        EXPOSURE: get_args(Exposure),
        ZONE: ("curated", "results"),
    }
)
"""LF-tags of every dataset, with their values."""

EXPERIMENTATION_EXPOSURES: tuple[Exposure, ...] = ("anonymised", "approved")
"""Exposures that experimentation may read: anonymised data, or data approved by its owner (DL-07)."""

READING_ENVIRONMENTS: Mapping[Part, tuple[Environment, ...]] = MappingProxyType(
    {
        "historical": ("experimentation", "development"),
        "inference": ("development", "preproduction", "production"),
    }
)
"""Environments that may read each dataset part: historical where models are trained, inference from development on
(DL-04).
"""

CELL_FILTER = "anonymised"
"""Name of the Lake Formation cell filter of an anonymised variant that filters rows, which LF-tags cannot do."""


def team_tag_key(team: str) -> str:
    """Returns the key of a team's LF-tag. The team's data stack creates it, so a new team does not change the lake."""
    return f"team-{team}"


def resource_link_name(database: str) -> str:
    """Returns the name of the resource link to a lake database in a reading account."""
    return f"lake_{database}"


def resource_link_prefix(team: str, account: Account) -> str:
    """Returns the prefix of a team's resource links, which separates teams in a shared account."""
    return "" if account.team is not None else f"{team.replace('-', '_')}_"


def team_tag_value(environments: Iterable[Environment]) -> str:
    """Returns the value of a team's LF-tag for a set of environments: ``dev+preprod``."""
    chosen = set(environments)
    return "+".join(ENVIRONMENT_ABBREVIATIONS[environment] for environment in ENVIRONMENTS if environment in chosen)


def team_tag_values() -> list[str]:
    """Returns all possible values of a team's LF-tag."""
    sizes = range(1, len(ENVIRONMENTS) + 1)
    return [team_tag_value(chosen) for size in sizes for chosen in combinations(ENVIRONMENTS, size)]


def team_tag_values_with(environment: Environment) -> list[str]:
    """Returns the values of a team's LF-tag that include an environment."""
    return [value for value in team_tag_values() if ENVIRONMENT_ABBREVIATIONS[environment] in value.split("+")]


def lf_tag_expression(team: str, environment: Environment) -> dict[str, list[str]]:
    """Returns the LF-tag expression with which a team's environment reads tables and columns (DL-07, DL-08)."""
    found = {team_tag_key(team): team_tag_values_with(environment)}
    if environment == "experimentation":
        found[EXPOSURE] = list(EXPERIMENTATION_EXPOSURES)
    return found


def readers_of(dataset: Dataset, part: Part, team: str) -> tuple[Environment, ...]:
    """Returns the environments of a team that read a part of a dataset."""
    shared = (environment for environment in READING_ENVIRONMENTS[part] if dataset.is_shared_with(team, environment))
    return tuple(shared)


def object_dataset_readers(dataset: Dataset) -> dict[str, dict[Environment, tuple[Part, ...]]]:
    """Returns, by team, the environments that may read an object dataset and the parts each may read.

    Access is granted by bucket policy, because LF-tags do not apply to objects (DL-09).
    """
    found: dict[str, dict[Environment, tuple[Part, ...]]] = {}
    for team in sorted(dataset.shared_with) if dataset.kind == "objects" else ():
        read = {environment: parts_read(dataset, team, environment) for environment in ENVIRONMENTS}
        if given := {environment: parts for environment, parts in read.items() if parts}:
            found[team] = given
    return found


def table_tags(dataset: Dataset, part: Part) -> dict[str, str]:
    """Returns the LF-tags of the table of a dataset part, which its columns inherit."""
    teams = {
        team_tag_key(team): team_tag_value(readers_of(dataset, part, team)) for team in sorted(dataset.shared_with)
    }
    tags = {CLASS: dataset.classification, EXPOSURE: dataset.exposure, ZONE: dataset.zone}
    return {**tags, **{tag: value for tag, value in teams.items() if value}}


def column_tags(dataset: Dataset, column: Column) -> dict[str, str]:
    """Returns the LF-tags of a column that differ from those of its table."""
    tags: dict[str, str] = {}
    if dataset.classification_of(column) != dataset.classification:
        tags[CLASS] = dataset.classification_of(column)
    if column.name in dataset.anonymous_columns:
        tags[EXPOSURE] = "anonymised"
    return tags


def lake_reading_roles(environment: EnvironmentSettings) -> tuple[str, ...]:
    """Returns the suffixes, after the environment, of the names of the roles that read the lake: jobs, Spark, and in
    experimentation each Studio user.
    """
    jobs = ("execution",) if environment.emr is None else ("execution", "spark")
    if environment.environment != "experimentation" or not environment.has_studio:
        return jobs
    return (*jobs, *(f"studio-{profile_name(user)}" for user in sorted(environment.studio.users)))


def returning_environments(dataset: Dataset) -> dict[str, tuple[Environment, ...]]:
    """Returns, by team, the environments whose jobs return results for a dataset (INT-08)."""
    given = {team: set(dataset.returned_by[team]) for team in sorted(dataset.returned_by)}
    return {
        team: tuple(environment for environment in ENVIRONMENTS if environment in named)
        for team, named in given.items()
        if named
    }


def pushed_parts(dataset: Dataset, team: str, environment: Environment) -> tuple[Part, ...]:
    """Returns the parts that a dataset's ETL job pushes to the bucket of an environment."""
    if environment not in dataset.pushed_to.get(team, ()):
        return ()
    return parts_read(dataset, team, environment)


def result_writing_roles(team: Team, environment: Environment) -> tuple[str, ...]:
    """Returns the names of the roles of an environment's jobs and of its pipelines: in development those of all use
    cases, elsewhere those of batch inference."""
    pipelines = [
        name
        for name, use_case in team.use_cases.items()
        if environment == "development" or (environment in RELEASED_TO and "batch" in use_case.inference)
    ]
    return (
        f"{team.name}-{environment}-execution",
        *(
            f"{team.name}--{use_case}-{ENVIRONMENT_ABBREVIATIONS[environment]}-pipeline"
            for use_case in sorted(pipelines)
        ),
    )


def curating_roles(team: Team, environment: Environment) -> dict[str, str]:
    """Returns the names of the roles that curate captured requests, by use case: those that monitor endpoints in an
    environment to which models are released."""
    if environment not in RELEASED_TO:
        return {}
    return {
        name: f"{team.name}--{name}-{ENVIRONMENT_ABBREVIATIONS[environment]}-monitoring"
        for name, use_case in sorted(team.use_cases.items())
        if "real-time" in use_case.inference and use_case.delivery is not None and use_case.delivery.approvers
    }


def training_roles(team: Team, environment: Environment) -> tuple[str, ...]:
    """Returns the names of the roles of an environment's pipelines that train with tables of the lake: in development
    those of all use cases with a delivery. Pipelines elsewhere read what intakes have copied."""
    if environment != "development":
        return ()
    delivered = sorted(name for name, use_case in team.use_cases.items() if use_case.delivery is not None)
    return tuple(f"{team.name}--{name}-{ENVIRONMENT_ABBREVIATIONS[environment]}-pipeline" for name in delivered)


def querying_roles(environment: EnvironmentSettings) -> tuple[str, ...]:
    """Returns the suffixes, after the environment, of the names of the roles that query tables: those that read the
    lake, and those of intakes, Glue steps and the data API.
    """
    copying = (INTAKE,) if environment.intake else ()
    serving = (DATA_API,) if environment.data_api else ()
    return (*lake_reading_roles(environment), *copying, *map(job_role_suffix, sorted(environment.glue_steps)), *serving)


def parts_read(dataset: Dataset, team: str, environment: Environment) -> tuple[Part, ...]:
    """Returns the published parts that an environment of a team reads."""
    return tuple(part for part in dataset.parts if environment in readers_of(dataset, part, team))


def columns_read(dataset: Dataset, environment: Environment) -> tuple[str, ...]:
    """Returns the columns that an environment may read of a dataset shared with it."""
    every = tuple(column.name for column in dataset.columns)
    if environment != "experimentation" or dataset.approved:
        return every
    return dataset.anonymised.columns if dataset.anonymised else ()
