"""Formats the results of the matrix for the terminal and for the guide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from settings.derived.stack_graph import StackIdentity
from settings.types.kinds import DURABLE_KINDS
from tests.access.cell_results import CellResult
from tests.access.table import Cell, Outcome, Table, cells, cells_of

OUTCOMES: tuple[Outcome, ...] = ("allowed", "denied")


def summary(results: Sequence[CellResult]) -> Iterator[str]:
    """Yields the lines of the summary: for each variant and actor, the number of allowed and denied cells by kind of
    place, and then the cells that differ from the matrix.
    """
    for variant in dict.fromkeys(result.cell.variant for result in results):
        yield f"{variant} (+ allowed, - denied)"
        yield from _counted([result for result in results if result.cell.variant == variant])
        yield ""
    unexpected = [result for result in results if not result.is_as_expected]
    outcome = f"{len(unexpected):,} not as expected" if unexpected else "all as expected"
    yield f"{len(results):,} cells: {outcome}"
    yield from map(describe_mismatch, unexpected)


def _counted(results: Sequence[CellResult]) -> Iterator[str]:
    places = list(dict.fromkeys(kind_of(result.cell) for result in results))
    actors = list(dict.fromkeys(result.cell.actor for result in results))
    width = max(map(len, actors))
    yield f"{'':{width}}  " + "  ".join(f"{place:>17}" for place in places)
    for actor in actors:
        actor_results = [result for result in results if result.cell.actor == actor]
        yield f"{actor:{width}}  " + "  ".join(f"{_counts(actor_results, place):>17}" for place in places)


def details(results: Iterable[CellResult]) -> Iterator[str]:
    """Yields a line for each cell, with the statement that decided it."""
    for result in results:
        yield f"{result.outcome}: {result.cell}: {result.decisive}"


def describe_mismatch(result: CellResult) -> str:
    """Describes a cell that differs from the matrix, with the statement that decided it."""
    cell = result.cell
    return f"{cell}: should be {cell.expected}: {cell.because}\n    {result.decisive}"


def _counts(results: Iterable[CellResult], place: str) -> str:
    outcomes = [result.outcome for result in results if kind_of(result.cell) == place]
    if not outcomes:
        return ""
    allowed, denied = (outcomes.count(outcome) for outcome in OUTCOMES)
    return f"{allowed:>4} + {denied:>5} -"


def kind_of(cell: Cell) -> str:
    """Returns the kind of account of a place."""
    return cell.place if cell.place in DURABLE_KINDS else StackIdentity.parse(cell.place).kind


def permissions_table(table: Table) -> str:
    """Returns the table of the guide: what each actor can and cannot do, by kind of account."""
    first = next(iter(table.variants))
    phrases: dict[str, dict[str, dict[Outcome, dict[str, None]]]] = {}
    for cell in (cell for rule in table.rules for cell in cells_of(table, rule, first)):
        row = phrases.setdefault(cell.actor, {}).setdefault(kind_of(cell), {outcome: {} for outcome in OUTCOMES})
        row[cell.expected][cell.what] = None
    lines = ["| who | where | can | cannot |", "|---|---|---|---|"]
    for actor, rows in phrases.items():
        alike: dict[tuple[str, ...], list[str]] = {}
        for place, row in rows.items():
            alike.setdefault(tuple("; ".join(row[outcome]) for outcome in OUTCOMES), []).append(place)
        lines += [f"| {actor} | {', '.join(places)} | {' | '.join(said)} |" for said, places in alike.items()]
    return "\n".join(lines)


def differences_table(table: Table) -> str:
    """Returns the table of the guide with the exceptions of each variant, and the reason for each."""
    lines = ["| in | who | where | there | because |", "|---|---|---|---|---|"]
    found: dict[tuple[str, str, str], dict[str, dict[str, None]]] = {}
    for cell in (cell for cell in cells(table) if not cell.is_without_exception):
        outcome = "can" if cell.expected == "allowed" else "cannot"
        row = found.setdefault((cell.variant, f"{outcome} {cell.what}", cell.because), {"who": {}, "where": {}})
        row["who"][cell.actor] = None
        row["where"][kind_of(cell)] = None
    lines += [
        f"| {variant} | {', '.join(row['who'])} | {', '.join(row['where'])} | {said} | {because} |"
        for (variant, said, because), row in found.items()
    ]
    return "\n".join(lines)
