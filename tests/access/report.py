"""What came of the table, for the terminal and for the guide."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from settings.derived.stack_graph import StackIdentity
from settings.types.kinds import DURABLE_KINDS
from tests.access.judgement import Judgement
from tests.access.table import Cell, Table, Verdict, cells, cells_of

COUNTED: tuple[Verdict, ...] = ("allowed", "denied")


def summary(judgements: Sequence[Judgement]) -> Iterator[str]:
    """For each variant, a row for each actor, with the number of cells that came out allowed and denied at each kind of
    place; then the number of cells, and those that are not as expected.
    """
    for variant in dict.fromkeys(judgement.cell.variant for judgement in judgements):
        yield f"{variant} (+ allowed, - denied)"
        yield from _counted([judgement for judgement in judgements if judgement.cell.variant == variant])
        yield ""
    unexpected = [judgement for judgement in judgements if not judgement.is_as_expected]
    outcome = f"{len(unexpected):,} not as expected" if unexpected else "all as expected"
    yield f"{len(judgements):,} cells: {outcome}"
    yield from map(complaint, unexpected)


def _counted(judgements: Sequence[Judgement]) -> Iterator[str]:
    places = list(dict.fromkeys(kind_of(judgement.cell) for judgement in judgements))
    actors = list(dict.fromkeys(judgement.cell.actor for judgement in judgements))
    width = max(map(len, actors))
    yield f"{'':{width}}  " + "  ".join(f"{place:>17}" for place in places)
    for actor in actors:
        of_actor = [judgement for judgement in judgements if judgement.cell.actor == actor]
        yield f"{actor:{width}}  " + "  ".join(f"{_counts(of_actor, place):>17}" for place in places)


def details(judgements: Iterable[Judgement]) -> Iterator[str]:
    """Every cell with the statement that decided it."""
    for judgement in judgements:
        yield f"{judgement.verdict}: {judgement.cell}: {judgement.decisive}"


def complaint(judgement: Judgement) -> str:
    """A cell that is not as it should be, and the statement that made it so."""
    cell = judgement.cell
    return f"{cell}: should be {cell.expected}: {cell.because}\n    {judgement.decisive}"


def _counts(judgements: Iterable[Judgement], place: str) -> str:
    verdicts = [judgement.verdict for judgement in judgements if kind_of(judgement.cell) == place]
    if not verdicts:
        return ""
    allowed, denied = (verdicts.count(verdict) for verdict in COUNTED)
    return f"{allowed:>4} + {denied:>5} -"


def kind_of(cell: Cell) -> str:
    """The kind of account that a place is."""
    return cell.place if cell.place in DURABLE_KINDS else StackIdentity.parse(cell.place).kind


def can_and_cannot(table: Table) -> str:
    """The table of the guide: of each actor and kind of account, what it may do and what not, in the rules' words."""
    first = next(iter(table.variants))
    phrases: dict[str, dict[str, dict[Verdict, dict[str, None]]]] = {}
    for cell in (cell for rule in table.rules for cell in cells_of(table, rule, first)):
        row = phrases.setdefault(cell.actor, {}).setdefault(kind_of(cell), {verdict: {} for verdict in COUNTED})
        row[cell.expected][cell.what] = None
    lines = ["| who | where | can | cannot |", "|---|---|---|---|"]
    for actor, rows in phrases.items():
        alike: dict[tuple[str, ...], list[str]] = {}
        for place, row in rows.items():
            alike.setdefault(tuple("; ".join(row[verdict]) for verdict in COUNTED), []).append(place)
        lines += [f"| {actor} | {', '.join(places)} | {' | '.join(said)} |" for said, places in alike.items()]
    return "\n".join(lines)


def differences(table: Table) -> str:
    """What comes out the other way in which variant, and why."""
    lines = ["| in | who | where | there | because |", "|---|---|---|---|---|"]
    found: dict[tuple[str, str, str], dict[str, dict[str, None]]] = {}
    for cell in (cell for cell in cells(table) if not cell.is_as_everywhere):
        verdict = "can" if cell.expected == "allowed" else "cannot"
        row = found.setdefault((cell.variant, f"{verdict} {cell.what}", cell.because), {"who": {}, "where": {}})
        row["who"][cell.actor] = None
        row["where"][kind_of(cell)] = None
    lines += [
        f"| {variant} | {', '.join(row['who'])} | {', '.join(row['where'])} | {said} | {because} |"
        for (variant, said, because), row in found.items()
    ]
    return "\n".join(lines)
