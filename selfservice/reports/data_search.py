"""Keyword search over datasets and feature groups."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from selfservice.reports.data_lineage import filled_by, lineage_of, uses_as_lines
from settings.data.dataset import Column, Dataset
from settings.data.feature_group import FeatureGroup
from settings.derived.foundation import Foundation


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """A dataset or feature group that contains all the words."""

    name: str
    kind: str
    owner: str
    description: str
    found_in: tuple[str, ...]
    """Where the words occur, for example ``column amount`` or ``owner``."""


def search(foundation: Foundation, words: Sequence[str]) -> Iterator[Match]:
    """Yields the matches, datasets first. Case is ignored."""
    wanted = [word.casefold() for word in words]
    for dataset in foundation.datasets.values():
        yield from _matches(dataset, dataset.kind, _said_of_dataset(foundation, dataset), wanted)
    for group in foundation.feature_groups.values():
        yield from _matches(group, "features", _said_of_group(foundation, group), wanted)


def _matches(
    it: Dataset | FeatureGroup, kind: str, said: Iterator[tuple[str, str]], wanted: Sequence[str]
) -> Iterator[Match]:
    heard = [(where, text.casefold()) for where, text in said]
    if all(any(word in text for _, text in heard) for word in wanted):
        places = (where for where, text in heard if any(word in text for word in wanted))
        found_in = tuple(dict.fromkeys(places))
        yield Match(name=it.name, kind=kind, owner=it.owner, description=it.description, found_in=found_in)


def _said_of_both(it: Dataset | FeatureGroup) -> Iterator[tuple[str, str]]:
    yield "name", it.name
    yield "description", it.description
    yield "owner", it.owner
    yield "class", it.classification
    for team in sorted(it.shared_with):
        yield "readers", team


def _said_of_dataset(foundation: Foundation, dataset: Dataset) -> Iterator[tuple[str, str]]:
    yield from _said_of_both(dataset)
    for column in dataset.columns:
        yield f"column {column.name}", " ".join(_said_of(column))
    known = lineage_of(foundation, dataset)
    for source in known.sources:
        yield "sources", source
    for group in known.feeds:
        yield "features that it fills", group
    for use in uses_as_lines(known.uses):
        yield "uses", use


def _said_of(column: Column) -> Iterator[str]:
    yield from (column.name, column.description)
    if column.classification is not None:
        yield column.classification
    if column.personal:
        yield "personal"


def _said_of_group(foundation: Foundation, group: FeatureGroup) -> Iterator[tuple[str, str]]:
    yield from _said_of_both(group)
    for feature in group.features:
        yield f"feature {feature.name}", feature.name
    for dataset in filled_by(foundation, group.name):
        yield "filled by", dataset


def matches_as_text(matches: Sequence[Match], words: Sequence[str]) -> str:
    """Returns two lines per match."""
    if not matches:
        return f"Nothing in the lake says {' and '.join(words)}."
    return "\n".join(line for match in matches for line in _lines(match))


def _lines(match: Match) -> Iterator[str]:
    yield f"{match.name} ({match.kind}, {match.owner}): {match.description}".removesuffix(": ")
    yield f"  said in  {', '.join(match.found_in)}"


def matches_as_json(matches: Sequence[Match]) -> str:
    return json.dumps({"matches": [asdict(match) for match in matches]}, indent=2)
