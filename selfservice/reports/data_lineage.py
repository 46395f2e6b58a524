"""The lineage of a dataset: its sources, its schedule and its uses, computed from the settings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from settings.data.dataset import Dataset
from settings.derived.foundation import Foundation
from settings.derived.lineage import DatasetUse, declared_uses, refresh_schedule, sources_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Lineage:
    """The lineage of one dataset."""

    sources: tuple[str, ...]
    """Folders of the lake and of returned results that the dataset is made from."""
    made: str
    """The refresh schedule in words."""
    feeds: tuple[str, ...]
    """Feature groups that its job fills."""
    uses: tuple[DatasetUse, ...]


def lineage_of(foundation: Foundation, dataset: Dataset) -> Lineage:
    return Lineage(
        sources=sources_of(dataset),
        made=refresh_schedule(dataset),
        feeds=dataset.etl.fills if dataset.etl is not None else (),
        uses=tuple(declared_uses(dataset, foundation.environments.values())),
    )


def filled_by(foundation: Foundation, group: str) -> tuple[str, ...]:
    """Returns the datasets whose jobs fill a feature group."""
    return tuple(name for name, dataset in foundation.datasets.items() if dataset.etl and group in dataset.etl.fills)


def lineage_as_lines(known: Lineage) -> Iterator[str]:
    if known.sources:
        yield f"made of {', '.join(known.sources)}"
    yield f"made anew {known.made}"
    if known.feeds:
        yield f"fills the features {', '.join(known.feeds)}"
    yield from uses_as_lines(known.uses)


def uses_as_lines(uses: Iterable[DatasetUse]) -> Iterator[str]:
    for use in uses:
        of = f" for {use.use_case}" if use.use_case is not None else ""
        yield f"used in {use.team}-{use.environment}{of} by {use.by}"
