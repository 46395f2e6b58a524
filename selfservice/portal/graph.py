"""Draws the steps of a run as a graph: columns by the longest way from the beginning, lines for direct needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from selfservice.catalog.request_steps import StepRecord

_GAP_X, _GAP_Y = 50, 14
_LONGEST = 24
_STACK = "stack:"
"""Beginning of the names of steps that deploy a stack."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """A step with its place in pixels."""

    WIDTH: ClassVar[int] = 190
    HEIGHT: ClassVar[int] = 44

    step: StepRecord
    label: str
    x: int
    y: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Graph:
    """Nodes, the paths of lines between them, and the size of the drawing in pixels."""

    nodes: Sequence[Node]
    lines: Sequence[str]
    width: int
    height: int


def drawn(steps: Sequence[StepRecord]) -> Graph:
    """Returns the drawing of the steps, which are in the order of their plan: each one after those that it needs."""
    columns: dict[str, int] = {}
    rows: dict[int, int] = {}
    places: dict[str, Node] = {}
    for step in steps:
        column = max((columns[one] + 1 for one in step.needs if one in columns), default=0)
        columns[step.name], row = column, rows.get(column, 0)
        rows[column] = row + 1
        label = step.name.removeprefix(_STACK)
        label = label if len(label) <= _LONGEST else f"{label[: _LONGEST - 1]}…"
        places[step.name] = Node(
            step=step, label=label, x=column * (Node.WIDTH + _GAP_X), y=row * (Node.HEIGHT + _GAP_Y)
        )
    lines = [_line(places[need], places[one]) for one, needs in _direct_needs(steps).items() for need in needs]
    return Graph(
        nodes=list(places.values()),
        lines=lines,
        width=max((one.x + Node.WIDTH for one in places.values()), default=0),
        height=max((one.y + Node.HEIGHT for one in places.values()), default=0),
    )


def _direct_needs(steps: Sequence[StepRecord]) -> dict[str, list[str]]:
    """Returns the needs of each step that no other one of its needs has, too. Lines for all of them would cross."""
    everything: dict[str, set[str]] = {}
    found = {}
    for step in steps:
        needs = [one for one in step.needs if one in everything]
        before = {earlier for one in needs for earlier in everything[one]}
        everything[step.name] = before | set(needs)
        found[step.name] = [one for one in needs if one not in before]
    return found


def _line(start: Node, end: Node) -> str:
    x1, y1 = start.x + Node.WIDTH, start.y + Node.HEIGHT // 2
    x2, y2 = end.x, end.y + Node.HEIGHT // 2
    middle = (x1 + x2) // 2
    return f"M{x1},{y1} C{middle},{y1} {middle},{y2} {x2},{y2}"
