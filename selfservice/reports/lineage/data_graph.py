"""The lineage of data in the settings as a graph: writers, sources, jobs, datasets, feature groups, and their users."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from selfservice.reports.data_lineage import filled_by
from settings.data.dataset import Dataset
from settings.data.lake import results_folder
from settings.derived import feature_sharing
from settings.derived.foundation import Foundation
from settings.derived.lineage import declared_uses, sources_of
from settings.derived.sharing import returning_environments

Kind = Literal[
    "writer", "source", "job", "dataset", "features", "team", "use case",
    "snapshot", "commit", "build", "run", "version", "promotion", "endpoint",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class DataNode:
    """A part of the lineage."""

    kind: Kind
    label: str
    needs: tuple[str, ...] = ()
    """Names of the nodes that it comes from."""

    @property
    def name(self) -> str:
        """The kind and the label, which no other node has."""
        return f"{self.kind} {self.label}"


def data_graph(foundation: Foundation) -> list[DataNode]:
    """Returns the lineage of all data, each node after those that it needs.

    A team needs what its environments may read, and a use case what its settings say that it uses. Who writes is a node
    of its own, so that the graph has no cycle where a team returns results to a dataset that it reads.
    """
    datasets, groups = list(foundation.datasets.values()), list(foundation.feature_groups.values())
    found: dict[str, DataNode] = {}
    for dataset in datasets:
        _add(found, _origins(dataset))
    for group in groups:
        writers = tuple(f"{team}-{e}" for team in group.written_by for e in feature_sharing.writers_of(group, team))
        _add(found, (DataNode(kind="writer", label=writer) for writer in writers))
        datasets_of_group = (f"dataset {name}" for name in filled_by(foundation, group.name))
        needs = (*datasets_of_group, *(f"writer {writer}" for writer in writers))
        _add(found, [DataNode(kind="features", label=group.name, needs=needs)])
    for team in sorted(foundation.teams):
        needs = tuple(f"dataset {candidate.name}" for candidate in datasets if team in candidate.shared_with)
        needs += tuple(f"features {candidate.name}" for candidate in groups if team in candidate.shared_with)
        if needs:
            _add(found, [DataNode(kind="team", label=team, needs=needs)])
    used: dict[str, dict[str, None]] = {}
    for dataset in datasets:
        for use in declared_uses(dataset, foundation.environments.values()):
            if use.use_case is not None:
                used.setdefault(f"{use.team}--{use.use_case}", {})[f"dataset {dataset.name}"] = None
    _add(found, (DataNode(kind="use case", label=label, needs=tuple(used[label])) for label in sorted(used)))
    return list(found.values())


def around(nodes: Sequence[DataNode], name: str) -> list[DataNode]:
    """Returns what a node comes from, the node, and what comes of it, in their order."""
    by_name = {node.name: node for node in nodes}
    kept = {name}
    for node in reversed(nodes):
        if node.name in kept:
            kept.update(node.needs)
    below = {name}
    for node in nodes:
        if below.intersection(node.needs):
            below.add(node.name)
    return [data_node for data_node in by_name.values() if data_node.name in kept | below]


def _origins(dataset: Dataset) -> Iterator[DataNode]:
    """Yields who returns results, the sources and the job of a dataset, and the dataset."""
    results = {
        results_folder(dataset.name, team, environment): f"{team}-{environment}"
        for team, environments in returning_environments(dataset).items()
        for environment in environments
    }
    sources = sources_of(dataset)
    for source in sources:
        if source in results:
            yield DataNode(kind="writer", label=results[source])
        yield DataNode(kind="source", label=source, needs=(f"writer {results[source]}",) if source in results else ())
    needs = tuple(f"source {source}" for source in sources)
    if dataset.etl is not None and dataset.etl.script is not None:
        job = DataNode(kind="job", label=f"of {dataset.name}", needs=needs)
        yield job
        needs = (job.name,)
    yield DataNode(kind="dataset", label=dataset.name, needs=needs)


def _add(found: dict[str, DataNode], nodes: Iterable[DataNode]) -> None:
    for node in nodes:
        found.setdefault(node.name, node)
