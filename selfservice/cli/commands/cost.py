"""``plinth cost``."""

from __future__ import annotations

from pathlib import Path

import click

from selfservice.cli import completion, options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import ExitCode
from selfservice.projects.project import find_directory, open_project, require_engine
from selfservice.reports.cost import report
from selfservice.reports.cost.bill import bill
from selfservice.reports.cost.prices import PriceTable
from settings.files.validation_cache import load_cached

_MOST_MONTHS = 13
"""Months before the present one that Cost Explorer keeps."""
_USUAL_MONTHS = 3


@click.command("cost", cls=ProjectCommand)
@click.option(
    "--teams",
    type=click.IntRange(min=0),
    metavar="N",
    help="Calculate the cost of N teams like those of the settings instead.",
)
@click.option("--prices-of", metavar="REGION", help="Use the prices of this region instead of the home region's.")
@click.option(
    "--use-case",
    metavar="TEAM--NAME",
    shell_complete=completion.use_cases,
    help="Print what AWS has charged for a use case instead, by month, and what it predicted.",
)
@click.option(
    "--months",
    type=click.IntRange(0, _MOST_MONTHS),
    metavar="N",
    help=f"With --use-case: months before the present one.  [default: {_USUAL_MONTHS}]",
)
@options.as_json
@click.pass_obj
def cost(
    directory: Path,
    /,
    *,
    teams: int | None,
    prices_of: str | None,
    use_case: str | None,
    months: int | None,
    as_json: bool,
) -> ExitCode:
    """Print the fixed monthly cost of the organization.

    This is the cost before anyone uses it, with dedicated and with shared VPC endpoints. If no prices of the home
    region are known, those of the nearest region stand for them, and the report says so.

    With --use-case, the cost is that of the bills: what AWS has charged for resources with the tags of the use case.
    Use credentials of the management account.
    """
    if use_case is not None:
        if teams is not None or prices_of is not None:
            raise click.UsageError("--use-case prints what AWS has charged; remove --teams and --prices-of")
        from selfservice.reports.cost import use_case_report
        from selfservice.reports.cost.use_case_cost import cost_place, costs

        project = open_project(directory)
        require_engine(project.directory)
        found = costs(cost_place(project, use_case), _USUAL_MONTHS if months is None else months)
        click.echo(use_case_report.as_json(use_case, found) if as_json else use_case_report.as_text(use_case, found))
        return ExitCode.OK
    if months is not None:
        raise click.UsageError("--months belongs to --use-case; add it or remove --months")
    foundation = load_cached(find_directory(directory))
    table = PriceTable.of(prices_of) if prices_of else PriceTable.for_region(foundation.organization.home_region)
    calculated = bill(foundation, table, teams=teams)
    click.echo(report.as_json(calculated) if as_json else report.as_text(calculated))
    return ExitCode.OK
