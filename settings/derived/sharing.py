"""Who reads what of the lake, and by which LF-tag: pure functions of the settings, for stacks and for people who ask.

A resource has one value of a tag, and hands it down to what it holds. A team's tag therefore says in one value which of
its environments are meant.
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
from settings.types.kinds import ENVIRONMENTS, Environment
from settings.types.naming import ENVIRONMENT_ABBREVIATIONS

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
"""What every dataset is tagged with, whoever reads it."""

FOR_EXPERIMENTS: tuple[Exposure, ...] = ("anonymised", "approved")
"""What leaves the production stages: data without persons in it, or what its owner let go (DL-07)."""

READERS: Mapping[Part, tuple[Environment, ...]] = MappingProxyType(
    {
        "historical": ("experimentation", "development"),
        "inference": ("development", "preproduction", "production"),
    }
)
"""Where each part is read: models are trained in the first two, tried from development on (DL-04)."""

FILTER = "anonymised"
"""Name of the cell filter of a variant that leaves rows out, which no tag can say."""


def team_tag(team: str) -> str:
    """The key of a team's tag. The team's own stack makes it, so that a new team changes nothing of the lake's."""
    return f"team-{team}"


def link_name(database: str) -> str:
    """What an account that reads calls a database of the lake."""
    return f"lake_{database}"


def link_prefix(team: str, account: Account) -> str:
    """What stands before the names of a team's links, in an account that teams share."""
    return "" if account.team is not None else f"{team.replace('-', '_')}_"


def audience(environments: Iterable[Environment]) -> str:
    """The value of a team's tag that means these of its environments: ``dev+preprod``."""
    chosen = set(environments)
    return "+".join(ENVIRONMENT_ABBREVIATIONS[environment] for environment in ENVIRONMENTS if environment in chosen)


def audiences() -> list[str]:
    """Every value that a team's tag can have."""
    sizes = range(1, len(ENVIRONMENTS) + 1)
    return [audience(chosen) for size in sizes for chosen in combinations(ENVIRONMENTS, size)]


def audiences_with(environment: Environment) -> list[str]:
    """The values by which a team's environment is meant, alone or among others."""
    return [value for value in audiences() if ENVIRONMENT_ABBREVIATIONS[environment] in value.split("+")]


def expression(team: str, environment: Environment) -> dict[str, list[str]]:
    """The tags that a table or a column has to carry for a team's environment to read it (DL-07, DL-08)."""
    found = {team_tag(team): audiences_with(environment)}
    if environment == "experimentation":
        found[EXPOSURE] = list(FOR_EXPERIMENTS)
    return found


def readers_of(dataset: Dataset, part: Part, team: str) -> tuple[Environment, ...]:
    """The environments of a team that read a part, as the dataset's settings have it."""
    given = dataset.shared_with.get(team, ())
    return tuple(environment for environment in READERS[part] if environment in given)


def folder_readers(dataset: Dataset) -> dict[str, dict[Environment, tuple[Part, ...]]]:
    """Of a folder of objects, the environments that read it, and which parts, by team: what its policies say and no
    more, since no tag reaches objects (DL-09)."""
    found: dict[str, dict[Environment, tuple[Part, ...]]] = {}
    for team in sorted(dataset.shared_with) if dataset.kind == "objects" else ():
        read = {environment: parts_read(dataset, team, environment) for environment in ENVIRONMENTS}
        if given := {environment: parts for environment, parts in read.items() if parts}:
            found[team] = given
    return found


def table_tags(dataset: Dataset, part: Part) -> dict[str, str]:
    """What a part's table is tagged with, and by that all its columns."""
    teams = {team_tag(team): audience(readers_of(dataset, part, team)) for team in sorted(dataset.shared_with)}
    tags = {CLASS: dataset.classification, EXPOSURE: dataset.exposure, ZONE: dataset.zone}
    return {**tags, **{tag: value for tag, value in teams.items() if value}}


def column_tags(dataset: Dataset, column: Column) -> dict[str, str]:
    """What a column is tagged with otherwise than its table."""
    tags: dict[str, str] = {}
    if dataset.classification_of(column) != dataset.classification:
        tags[CLASS] = dataset.classification_of(column)
    if column.name in dataset.anonymous_columns:
        tags[EXPOSURE] = "anonymised"
    return tags


def reading_roles(environment: EnvironmentSettings) -> tuple[str, ...]:
    """The roles that read the lake in an environment, by what follows its name: that of jobs, that of Spark, and where
    people try things out, each person's."""
    jobs = ("execution",) if environment.emr is None else ("execution", "spark")
    if environment.environment != "experimentation" or not environment.has_studio:
        return jobs
    return (*jobs, *(f"studio-{user}" for user in sorted(environment.studio.users)))


def results_returned(dataset: Dataset) -> dict[str, tuple[Environment, ...]]:
    """The environments whose jobs lay down results of which the dataset is made, by team (INT-08)."""
    given = {team: set(dataset.returned_by[team]) for team in sorted(dataset.returned_by)}
    return {team: tuple(one for one in ENVIRONMENTS if one in named) for team, named in given.items() if named}


def pushed_parts(dataset: Dataset, team: str, environment: Environment) -> tuple[Part, ...]:
    """What the dataset's job writes into the bucket of an environment: parts that it reads, where it is named."""
    if environment not in dataset.pushed_to.get(team, ()):
        return ()
    return parts_read(dataset, team, environment)


def returning_roles(team: Team, environment: Environment) -> tuple[str, ...]:
    """The names of the roles that an environment's jobs run with: its own, and in development those of pipelines."""
    pipelines = team.use_cases if environment == "development" else ()
    return (
        f"{team.name}-{environment}-execution",
        *(
            f"{team.name}--{use_case}-{ENVIRONMENT_ABBREVIATIONS[environment]}-pipeline"
            for use_case in sorted(pipelines)
        ),
    )


def asking_roles(environment: EnvironmentSettings) -> tuple[str, ...]:
    """The roles that ask for tables in an environment: those that read the lake, that which copies from it, those of
    steps that Glue does, and that in whose name an API asks."""
    copying = (INTAKE,) if environment.intake else ()
    serving = (DATA_API,) if environment.data_api else ()
    return (*reading_roles(environment), *copying, *map(job_role_suffix, sorted(environment.glue_steps)), *serving)


def parts_read(dataset: Dataset, team: str, environment: Environment) -> tuple[Part, ...]:
    """The published parts that an environment of a team reads."""
    return tuple(part for part in dataset.parts if environment in readers_of(dataset, part, team))


def columns_read(dataset: Dataset, environment: Environment) -> tuple[str, ...]:
    """The columns that an environment reads of a dataset that it is given."""
    every = tuple(column.name for column in dataset.columns)
    if environment != "experimentation" or dataset.approved:
        return every
    return dataset.anonymised.columns if dataset.anonymised else ()
