"""Lineage of a dataset: sources, refresh schedule, and the uses that depend on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from settings.data.dataset import Dataset
from settings.data.lake import results_folder
from settings.derived.sharing import returning_environments
from settings.team.team import EnvironmentSettings
from settings.types.kinds import Environment


@dataclass(frozen=True, kw_only=True, slots=True)
class DatasetUse:
    """A declared use of a dataset by an environment."""

    team: str
    environment: Environment
    use_case: str | None
    """The use case, or None if the whole environment uses the dataset."""
    by: str
    """Description of the use: ``intake payments (inference)``."""


def sources_of(dataset: Dataset) -> tuple[str, ...]:
    """Returns the source folders of a dataset. Returned results have one folder per environment."""
    given = dataset.etl.sources if dataset.etl is not None else ()
    returned = tuple(
        results_folder(dataset.name, team, environment)
        for team, environments in returning_environments(dataset).items()
        for environment in environments
    )
    folders = tuple(folder for folder in given if not returned or folder != results_folder(dataset.name))
    return (*folders, *returned)


def refresh_schedule(dataset: Dataset) -> str:
    """Describes when a dataset is refreshed, according to its settings. The text is a parameter of deployed tables."""
    unit = dataset.etl
    if unit is None or unit.script is None:
        return "whenever its owner writes it"
    starts = ["when something lands"] if unit.on_arrival else []
    starts += [f"at {unit.schedule} UTC"] if unit.schedule is not None else []
    return " and ".join(starts) or "when somebody starts its job"


def catalog_parameters(dataset: Dataset) -> Mapping[str, str]:
    """Returns the parameters of the dataset's tables in the Glue Data Catalog, for people who search it (DL-14).

    They depend only on the dataset's own file, so other settings never change the table.
    """
    parameters = {
        "plinth:sources": ", ".join(sources_of(dataset)),
        "plinth:made": refresh_schedule(dataset),
        "plinth:feeds": ", ".join(dataset.etl.fills) if dataset.etl is not None else "",
        "plinth:used-by": ", ".join(dataset.teams),
    }
    return {key: value for key, value in parameters.items() if value}


def declared_uses(dataset: Dataset, environments: Iterable[EnvironmentSettings]) -> Iterator[DatasetUse]:
    """Yields every declared use of a dataset, by environment."""
    for settings in environments:
        yield from _uses_in(settings, dataset.name)


def _uses_in(settings: EnvironmentSettings, dataset: str) -> Iterator[DatasetUse]:
    found: list[tuple[str | None, str]] = [
        (intake.use_case, f"intake {name} ({intake.part})")
        for name, intake in sorted(settings.intake.items())
        if intake.dataset == dataset
    ]
    found += [
        (step.use_case, f"step {name} of its pipelines")
        for name, step in sorted(settings.glue_steps.items())
        if dataset in step.datasets
    ]
    if settings.data_api is not None and dataset in settings.data_api.datasets:
        found.append((None, "the data API"))
    for use_case, by in found:
        yield DatasetUse(team=settings.team, environment=settings.environment, use_case=use_case, by=by)
