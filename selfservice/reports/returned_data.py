"""Results that teams return to the data lake through access points, computed from the settings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from settings.data.dataset import Dataset
from settings.data.lake import results_folder
from settings.derived.foundation import Foundation
from settings.derived.sharing import result_writing_roles, returning_environments
from settings.types.kinds import Environment
from settings.types.naming import drop_point_name


@dataclass(frozen=True, kw_only=True, slots=True)
class Return:
    """Results that the jobs of one environment return."""

    dataset: str
    """Name of the dataset that is made from the results."""
    team: str
    environment: Environment
    account: str
    """Label of the account that returns the results."""
    roles: tuple[str, ...]
    access_point: str
    folder: str
    """Folder behind the access point, with a trailing slash."""


def returns(foundation: Foundation, datasets: Iterable[Dataset]) -> Iterator[Return]:
    """Yields the returned results, by dataset, team and environment."""
    for dataset in datasets:
        for team, environments in returning_environments(dataset).items():
            for environment in environments:
                yield Return(
                    dataset=dataset.name,
                    team=team,
                    environment=environment,
                    account=foundation.account_of(environment, team).label,
                    roles=result_writing_roles(foundation.teams[team], environment),
                    access_point=drop_point_name(team, dataset.name),
                    folder=f"{results_folder(dataset.name, team, environment)}/",
                )


def returns_as_text(found: Iterable[Return]) -> str:
    """Returns the returned results and where they are written; empty if there are none."""
    return "\n".join(line for return_ in found for line in _lines(return_))


def _lines(return_: Return) -> Iterator[str]:
    yield f"{return_.team}-{return_.environment} returns {return_.dataset} to {return_.access_point}/{return_.folder}"
    yield f"  roles    {', '.join(return_.roles)}"
    yield (
        f"  grant    the policies of the access point {return_.access_point} and of the landing bucket, to write alone"
    )
