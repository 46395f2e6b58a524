"""Command line of the access matrix: ``make access``, or ``python -m tests.access --actor data-scientist``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

import click

from tests.access.cell_results import evaluate
from tests.access.report import details, summary
from tests.access.table import Cell, all_cells, matrix


@click.command()
@click.option("--actor", help="Print every cell of one actor, with the statement that decided it.")
@click.option("--variant", help="Check only one of the matrix's organizations.")
def main(actor: str | None, variant: str | None) -> None:
    """Check every cell of tests/access/matrix.yaml under the policies that the example's stacks provision.

    Exits with 1 if a cell differs from the matrix.
    """
    of_variant = [cell for cell in all_cells() if variant in (None, cell.variant)]
    _refuse_unknown("--variant", variant, matrix().variants, of_variant)
    chosen = [cell for cell in of_variant if actor in (None, cell.actor)]
    _refuse_unknown("--actor", actor, dict.fromkeys(cell.actor for cell in of_variant), chosen)
    results = [evaluate(cell) for cell in chosen]
    for line in details(results) if actor else ():
        click.echo(line)
    for line in summary(results):
        click.echo(line)
    sys.exit(not all(result.is_as_expected for result in results))


def _refuse_unknown(option: str, asked: str | None, known: Iterable[str], found: Sequence[Cell]) -> None:
    if not found:
        raise click.BadParameter(f"the matrix has no {asked}; it has {', '.join(known)}", param_hint=option)


if __name__ == "__main__":
    main()
