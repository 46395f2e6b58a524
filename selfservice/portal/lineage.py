"""Lineage on a page: a graph, and the table that says the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from selfservice.portal.graph import Box, Graph, drawn
from selfservice.reports.lineage.data_graph import DataNode


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A row of the table."""

    name: str
    address: str
    """Address of the page of the part; empty without one."""
    comes_from: Sequence[str]
    goes_to: Sequence[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class DrawnLineage:
    """A graph and its table."""

    graph: Graph
    parts: Sequence[Part]


def drawn_lineage(nodes: Sequence[DataNode], addresses: Mapping[str, str]) -> DrawnLineage:
    """Returns the graph and the table of nodes, each of which comes after those that it needs. ``addresses`` are those
    of the pages of nodes, by name."""
    known = {node.name for node in nodes}
    boxes = [Box(name=node.name, label=node.label, detail=node.kind, needs=node.needs) for node in nodes]
    parts = [
        Part(
            name=node.name,
            address=addresses.get(node.name, ""),
            comes_from=[need for need in node.needs if need in known],
            goes_to=[other.name for other in nodes if node.name in other.needs],
        )
        for node in nodes
    ]
    return DrawnLineage(graph=drawn(boxes, has_all_lines=True), parts=parts)
