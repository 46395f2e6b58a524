"""Curation: captured requests whose truth is known become rows of a dataset of the lake, which training reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from selfservice.errors import BadInputError
from selfservice.projects.project import Project
from selfservice.projects.states import resources_by_stack
from selfservice.promotions.monitoring.comparisons import run_job
from selfservice.promotions.monitoring.places import WATCHES, MonitorPlace
from selfservice.promotions.place import explained
from settings.data.dataset import Dataset
from settings.data.lake import CURATED, results_folder
from settings.types.naming import drop_point_name

_ACCESS_POINT = "aws:s3/accessPoint:AccessPoint"


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """Which captured rows become rows of a dataset."""

    first: date
    last: date
    """First and last day of the requests in UTC, both included."""
    between: tuple[float, float] | None = None
    """Lowest and highest prediction; None for all."""
    unlabelled: bool = False
    """Whether rows whose truth is not known are taken too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """Where the rows are written."""

    access_point: str
    """Alias of the team's access point of the dataset, which stands for a bucket."""
    folder: str
    """Folder behind it, with a trailing slash."""


def target_of(project: Project, place: MonitorPlace, dataset: str) -> Target:
    """Returns where the use case of a place returns rows for a dataset.

    Raises: BadInputError if there is no such dataset, its owner has not agreed, or it is not deployed.
    """
    from settings.files.validation_cache import load_cached

    datasets = load_cached(project.directory).datasets
    if dataset not in datasets:
        raise BadInputError(f"{dataset} is not a dataset; one of {', '.join(sorted(datasets)) or 'none'}")
    _require_consent(datasets[dataset], place)
    team, stack = place.names.team, datasets[dataset].stack
    name = drop_point_name(team, dataset)
    resources = resources_by_stack(project, [stack])[stack]
    found = [resource["outputs"] for resource in resources if resource["type"] == _ACCESS_POINT]
    alias = next((str(point["alias"]) for point in found if point["name"] == name), None)
    if alias is None:
        raise BadInputError(f"{dataset} is not deployed with an access point for {team}; deploy it: plinth up {stack}")
    folder = results_folder(dataset, team, place.environment, CURATED, place.names.use_case)
    return Target(access_point=alias, folder=f"{folder}/")


def _require_consent(dataset: Dataset, place: MonitorPlace) -> None:
    team = place.names.team
    if place.environment not in dataset.returned_by.get(team, ()):
        raise BadInputError(
            f"{dataset.name} takes nothing of {team}-{place.environment}; its owner {dataset.owner} agrees by adding "
            f"{place.environment} to returned_by.{team} of the dataset"
        )


def curate(place: MonitorPlace, target: Target, selection: Selection) -> Mapping[str, Any]:
    """Writes the selected rows, and returns the receipt of the job: ``rows``, ``seen``, ``unreadable`` and ``key``.

    Raises: BadInputError for a selection that the function refuses; RefusedError without the permission, or if the job
    fails.
    """
    least, most = selection.between or (None, None)
    wanted = {
        "first": selection.first.isoformat(),
        "last": selection.last.isoformat(),
        "least": least,
        "most": most,
        "unlabelled": selection.unlabelled,
        "access_point": target.access_point,
        "folder": target.folder,
    }
    started = run_job(place, {"curate": wanted})
    with explained(WATCHES):
        found = place.account.client("s3").get_object(Bucket=place.bucket, Key=started["receipt"])
        receipt: Mapping[str, Any] = json.load(found["Body"])
    return receipt
