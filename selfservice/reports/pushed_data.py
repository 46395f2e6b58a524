"""Datasets that are pushed to ML buckets, computed from the settings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from settings.data.dataset import Dataset
from settings.data.ml_layout import PushedInput
from settings.derived.foundation import Foundation
from settings.derived.sharing import pushed_parts
from settings.types.kinds import ENVIRONMENTS, Environment
from settings.types.naming import etl_role


@dataclass(frozen=True, kw_only=True, slots=True)
class Push:
    """The push of a dataset to the ML bucket of one environment."""

    dataset: str
    team: str
    environment: Environment
    account: str
    """Label of the bucket's account."""
    role: str
    """Role of the job, in the lake's account."""
    folders: tuple[str, ...]
    """Folders in the bucket, each with a trailing slash."""


def pushes(foundation: Foundation, datasets: Iterable[Dataset]) -> Iterator[Push]:
    """Yields the pushes, by dataset, team and environment."""
    for dataset in datasets:
        for team in sorted(dataset.pushed_to):
            for environment in ENVIRONMENTS:
                if parts := pushed_parts(dataset, team, environment):
                    yield Push(
                        dataset=dataset.name,
                        team=team,
                        environment=environment,
                        account=foundation.account_of(environment, team).label,
                        role=etl_role(dataset.name),
                        folders=tuple(PushedInput(dataset=dataset.name, part=part).prefix for part in parts),
                    )


def pushes_as_text(found: Iterable[Push]) -> str:
    """Returns the pushes and the policies that allow them; empty if there are none."""
    return "\n".join(line for push in found for line in _lines(push))


def _lines(push: Push) -> Iterator[str]:
    yield f"{push.team}-{push.environment} is pushed {push.dataset} to {', '.join(push.folders)} of its ML bucket"
    yield f"  role     {push.role}"
    yield "  grant    the policies of the bucket and of its key, to write alone"
