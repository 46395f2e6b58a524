"""The access matrix: ``make access``, or ``python -m tests.access --actor data-scientist``."""

from __future__ import annotations

import sys

import click

from tests.access.judgement import judge
from tests.access.report import details, summary
from tests.access.table import all_cells
from tests.access.world import example_world


@click.command()
@click.option("--actor", help="Print every cell of one actor, with the statement that decided it.")
def main(actor: str | None) -> None:
    """Try every cell of tests/access/matrix.yaml under the policies that the example's stacks provision.

    Ends with 1 when a cell is not as the table says.
    """
    chosen = [cell for cell in all_cells() if actor in (None, cell.actor)]
    if not chosen:
        raise click.BadParameter(f"the table has no {actor}; it has {', '.join(_actors())}", param_hint="--actor")
    judgements = [judge(example_world(), cell) for cell in chosen]
    for line in details(judgements) if actor else ():
        click.echo(line)
    for line in summary(judgements):
        click.echo(line)
    sys.exit(not all(judgement.is_as_expected for judgement in judgements))


def _actors() -> list[str]:
    return list(dict.fromkeys(cell.actor for cell in all_cells()))


if __name__ == "__main__":
    main()
