"""``plinth monitor``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import cast

import click

from selfservice.cli import completion, options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import ExitCode
from selfservice.projects.project import open_project, require_engine
from selfservice.reports.delivery import as_json as as_json_of
from selfservice.reports.delivery import as_text
from settings.types.kinds import ReleasedTo

_NO_TRUTH = "No ground truth of {0} has been joined yet; upload it with `plinth ground-truth {0} FILE`."


@click.command("monitor", cls=ProjectCommand)
@click.argument("use_case", metavar="[TEAM--NAME]", required=False, shell_complete=completion.use_cases)
@options.released_in
@click.option("--columns", "all_columns", is_flag=True, help="Show each column: its distance, and its history.")
@click.option("--column", "wanted", multiple=True, metavar="NAME", help="Show this column only. Can be repeated.")
@click.option("--quality", is_flag=True, help="Show the quality of predictions by day, once ground truth has arrived.")
@click.option("--run", is_flag=True, help="Compare the present window first, up to now, or the one of --window.")
@click.option("--window", metavar="WINDOW", help="With --run: a day such as 2026-11-27, or an hour: 2026-11-27T13.")
@options.role
@options.as_json
@click.pass_obj
def monitor(
    directory: Path,
    /,
    *,
    use_case: str | None,
    environment: str,
    all_columns: bool,
    wanted: tuple[str, ...],
    quality: bool,
    run: bool,
    window: str | None,
    role: str | None,
    as_json: bool,
) -> ExitCode:
    """Show what monitoring says of a released model.

    Prints the newest comparisons of captured requests with the baseline of the served version; the newest comes first.
    Without a use case, the newest comparison of each one is listed: with credentials of the management account those of
    all teams, and otherwise those of the account.

    Use the permission set MLOpsEngineer-environments or MLEngineer-releases of the environment's account.
    """
    from selfservice.promotions.monitoring import comparisons
    from selfservice.promotions.monitoring.places import monitor_place, monitor_places
    from selfservice.promotions.monitoring.switch import read_switch

    project = open_project(directory)
    require_engine(project.directory)
    if use_case is None:
        if all_columns or wanted or quality or run or window or role:
            raise click.UsageError("name the use case: without one, only --environment and --json can be given")
        found_rows = comparisons.newest_rows(monitor_places(project, cast(ReleasedTo, environment)))
        click.echo(as_json_of("use_cases", found_rows) if as_json else as_text(found_rows))
        return ExitCode.OK
    place = monitor_place(project, use_case, cast(ReleasedTo, environment), role)
    if quality and (all_columns or wanted):
        raise click.UsageError("--quality shows days and has no columns; remove --column and --columns")
    if window is not None and not run:
        raise click.UsageError("--window names the window of a new comparison; add --run")
    if run:
        click.echo(f"Compared {comparisons.start(place, window)}.", err=as_json)
    if not as_json and (state := read_switch(place)).is_off:
        click.echo(state.sentence)
    found = comparisons.qualities(place) if quality else comparisons.reports(place)
    if as_json:
        click.echo(json.dumps({"days" if quality else "reports": found}, indent=2))
    elif quality:
        click.echo(as_text(comparisons.quality_rows(found)) if found else _NO_TRUTH.format(use_case))
    elif not found:
        click.echo(f"There is no comparison of {use_case} in {environment} yet; start one with --run.")
    elif all_columns or wanted:
        click.echo(as_text(comparisons.columns(found, wanted)))
    else:
        click.echo(as_text(comparisons.rows(found)))
    return ExitCode.OK
