"""Formats the stack graph and the account map."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from selfservice.operations.schedule import Graph, in_order


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountBox:
    """One account on the map."""

    label: str
    name: str
    unit: str
    """Path of its organizational unit; empty for the root."""
    kinds: tuple[str, ...]
    """Account kinds that share this account."""
    holds: tuple[str, ...] = ()
    """One line per environment, and one for the other stacks."""


_COMPACT = '%%{init: {"flowchart": {"nodeSpacing": 18, "rankSpacing": 28, "wrappingWidth": 420}}}%%'
"""Layout that fits a page of GitHub without line breaks in the boxes."""

_ENTITIES = str.maketrans({"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;"})
"""Characters of account names that are special in Mermaid."""


def as_text(graph: Graph) -> str:
    """Returns one line per stack, in deployment order."""
    width = max(map(len, graph), default=0)
    return "\n".join(f"{stack.ljust(width)}  {_needs(graph[stack])}".rstrip() for stack in in_order(graph))


def as_json(graph: Graph) -> str:
    return json.dumps({"stacks": [{"name": stack, "needs": list(graph[stack])} for stack in in_order(graph)]}, indent=2)


def as_mermaid(graph: Graph) -> str:
    lines = [f"  {_id(stack)}[{stack}]" for stack in graph]
    lines += [f"  {_id(need)} --> {_id(stack)}" for stack, need in _edges(graph)]
    return "\n".join(["flowchart LR", *lines])


def as_dot(graph: Graph) -> str:
    lines = [f'  "{stack}";' for stack in graph]
    lines += [f'  "{need}" -> "{stack}";' for stack, need in _edges(graph)]
    return "\n".join(["digraph stacks {", "  rankdir=LR;", "  node [shape=box];", *lines, "}"])


def account_map(organization: str, units: Sequence[str], accounts: Sequence[AccountBox]) -> str:
    """Returns the organization as a Mermaid flowchart. Units are round; accounts are boxes with their stacks."""
    by_parent: defaultdict[str, list[str]] = defaultdict(list)
    for unit in units:
        by_parent[unit.rpartition("/")[0]].append(unit)
    by_unit: defaultdict[str, list[AccountBox]] = defaultdict(list)
    for box in accounts:
        by_unit[box.unit].append(box)
    return "\n".join([_COMPACT, "flowchart LR", f"  root([{organization}])", *_branches("", by_parent, by_unit)])


def _branches(
    unit: str, units: Mapping[str, Sequence[str]], accounts: Mapping[str, Sequence[AccountBox]]
) -> Iterator[str]:
    """Yields a unit's accounts, then its child units. Mermaid keeps this order."""
    for box in accounts.get(unit, ()):
        yield f'  {_unit_id(unit)} --- {_id(box.label)}["{_box(box)}"]'
    for child in units.get(unit, ()):
        yield f"  {_unit_id(unit)} --- {_unit_id(child)}([{child.rpartition('/')[2]}])"
        yield from _branches(child, units, accounts)


def _unit_id(path: str) -> str:
    return _id(f"unit {path}" if path else "root")


def _box(box: AccountBox) -> str:
    more = [kind for kind in box.kinds if not box.label.endswith(kind)]
    lines = [box.name, *([f"also {', '.join(more)}"] if more else []), *box.holds]
    return "<br/>".join(line.translate(_ENTITIES) for line in lines)


def _needs(needs: Iterable[str]) -> str:
    listed = ", ".join(needs)
    return f"needs {listed}" if listed else ""


def _edges(graph: Graph) -> Iterable[tuple[str, str]]:
    """Yields direct dependencies, without those that also follow from another dependency."""
    for stack, needs in graph.items():
        through = {further for need in needs for further in graph.get(need, ())}
        yield from ((stack, need) for need in needs if need not in through)


def _id(text: str) -> str:
    return text.replace("-", "_").replace("/", "__").replace(" ", "_")
