"""``plinth curate``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import click

from selfservice.cli import options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import ExitCode
from selfservice.projects.project import open_project, require_engine
from settings.types.kinds import ReleasedTo

_DAY = click.DateTime(formats=["%Y-%m-%d"])
_WEEK = timedelta(days=6)


@click.command("curate", cls=ProjectCommand)
@options.use_case
@click.option("--into", "dataset", metavar="DATASET", required=True, help="Dataset of the lake that gets the rows.")
@click.option("--first", type=_DAY, help="First day of the requests, in UTC. Default: six days before the last one.")
@click.option("--last", type=_DAY, help="Last day of the requests. Default: today.")
@click.option("--between", type=(float, float), metavar="LOW HIGH", help="Take predictions from LOW to HIGH only.")
@click.option("--unlabelled", is_flag=True, help="Take rows whose truth is not known, too.")
@options.released_in
@options.role
@click.pass_obj
def curate(
    directory: Path,
    /,
    *,
    use_case: str,
    dataset: str,
    first: datetime | None,
    last: datetime | None,
    between: tuple[float, float] | None,
    unlabelled: bool,
    environment: str,
    role: str | None,
) -> ExitCode:
    """Write captured requests into a dataset, for training.

    Takes the rows of requests to the served version whose truth is known by `plinth ground-truth`, with what the model
    predicted. The owner of the dataset agrees with `returned_by` in its settings. The ETL job of the dataset decides
    what becomes of the rows.

    Use the permission set MLOpsEngineer-environments or MLEngineer-releases of the environment's account.
    """
    from selfservice.promotions.monitoring import curation
    from selfservice.promotions.monitoring.places import monitor_place

    until = (last or datetime.now(UTC)).date()
    since = first.date() if first else until - _WEEK
    if since > until:
        raise click.UsageError(f"--first {since} is after --last {until}")
    if between is not None and between[0] > between[1]:
        raise click.UsageError(f"--between {between[0]:g} {between[1]:g}: write the lower prediction first")
    project = open_project(directory)
    require_engine(project.directory)
    place = monitor_place(project, use_case, cast(ReleasedTo, environment), role)
    target = curation.target_of(project, place, dataset)
    selection = curation.Selection(first=since, last=until, between=between, unlabelled=unlabelled)
    receipt = curation.curate(place, target, selection)
    if receipt["rows"]:
        click.echo(f"Wrote {receipt['rows']} of {receipt['seen']} rows to {receipt['key']}")
    else:
        click.echo(f"Nothing was written: none of {receipt['seen']} rows from {since} to {until} is wanted.")
    return ExitCode.OK
