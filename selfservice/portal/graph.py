"""Draws a graph: columns by the longest way from the beginning, lines for direct needs."""

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
class Box:
    """Content of a box of the drawing."""

    name: str
    """Name by which others need it."""
    label: str
    detail: str
    """Text below the label."""
    needs: Sequence[str]
    style: str = ""
    """Class of the box in the style sheet."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """A box with its place in pixels."""

    WIDTH: ClassVar[int] = 190
    HEIGHT: ClassVar[int] = 44

    box: Box
    label: str
    """The label, shortened to the width of the box."""
    x: int
    y: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Graph:
    """Nodes, the paths of lines between them, and the size of the drawing in pixels."""

    nodes: Sequence[Node]
    lines: Sequence[str]
    width: int
    height: int


def drawn(boxes: Sequence[Box], *, has_all_lines: bool = False) -> Graph:
    """Returns the drawing of boxes, each of which comes after those that it needs.

    Without ``has_all_lines``, no line leads to what a box needs by way of another one, too. In a run, most boxes need
    the first ones, and the lines would cross.
    """
    columns: dict[str, int] = {}
    rows: dict[int, int] = {}
    places: dict[str, Node] = {}
    for box in boxes:
        column = max((columns[need] + 1 for need in box.needs if need in columns), default=0)
        columns[box.name], row = column, rows.get(column, 0)
        rows[column] = row + 1
        label = box.label if len(box.label) <= _LONGEST else f"{box.label[: _LONGEST - 1]}…"
        places[box.name] = Node(box=box, label=label, x=column * (Node.WIDTH + _GAP_X), y=row * (Node.HEIGHT + _GAP_Y))
    lines = [
        _line(places[need], places[name]) for name, needs in _needs(boxes, has_all_lines).items() for need in needs
    ]
    return Graph(
        nodes=list(places.values()),
        lines=lines,
        width=max((place.x + Node.WIDTH for place in places.values()), default=0),
        height=max((place.y + Node.HEIGHT for place in places.values()), default=0),
    )


def drawn_run(steps: Sequence[StepRecord]) -> Graph:
    """Returns the drawing of the steps of a run, which are in the order of their plan."""
    return drawn(
        [
            Box(
                name=step.name,
                label=step.name.removeprefix(_STACK),
                detail=f"{step.state}, {step.phase} {step.resources}" if step.phase else step.state,
                needs=step.needs,
                style=step.state,
            )
            for step in steps
        ]
    )


def _needs(boxes: Sequence[Box], has_all: bool) -> dict[str, list[str]]:
    """Returns the needs of each box to which lines lead."""
    everything: dict[str, set[str]] = {}
    found = {}
    for box in boxes:
        needs = [need for need in box.needs if need in everything]
        before = {earlier for need in needs for earlier in everything[need]}
        everything[box.name] = before | set(needs)
        found[box.name] = [need for need in needs if has_all or need not in before]
    return found


def _line(start: Node, end: Node) -> str:
    x1, y1 = start.x + Node.WIDTH, start.y + Node.HEIGHT // 2
    x2, y2 = end.x, end.y + Node.HEIGHT // 2
    middle = (x1 + x2) // 2
    return f"M{x1},{y1} C{middle},{y1} {middle},{y2} {x2},{y2}"
