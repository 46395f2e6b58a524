"""``plinth cost``."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.cli import options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import ExitCode
from selfservice.reports.cost import report
from selfservice.reports.cost.bill import bill
from selfservice.reports.cost.prices import PriceTable
from selfservice.runner.project import find_directory
from settings.files.validation_cache import load_cached


@click.command("cost", cls=ProjectCommand)
@click.option(
    "--teams",
    type=click.IntRange(min=0),
    metavar="N",
    help="Calculate the cost of N teams like those of the settings instead.",
)
@click.option("--prices-of", metavar="REGION", help="Use the prices of this region instead of the home region's.")
@options.as_json
@click.pass_obj
def cost(directory: Path, /, *, teams: int | None, prices_of: str | None, as_json: bool) -> ExitCode:
    """Print the fixed monthly cost of the organization.

    This is the cost before anyone uses it, with dedicated and with shared VPC endpoints. If no prices of the home
    region are known, those of the nearest region stand for them, and the report says so.
    """
    foundation = load_cached(find_directory(directory))
    table = PriceTable.of(prices_of) if prices_of else PriceTable.for_region(foundation.organization.home_region)
    calculated = bill(foundation, table, teams=teams)
    click.echo(report.as_json(calculated) if as_json else report.as_text(calculated))
    return ExitCode.OK
