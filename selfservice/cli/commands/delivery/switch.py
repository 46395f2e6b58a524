"""``plinth switch``."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import cast

import click

from selfservice.cli import options
from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import ExitCode
from selfservice.projects.project import open_project, require_engine
from settings.types.kinds import ReleasedTo


@click.command("switch", cls=ProjectCommand)
@options.use_case
@click.argument("state", type=click.Choice(["on", "off"]), required=False)
@options.released_in
@click.option("--reason", metavar="TEXT", default="", help="Why; needed to turn predictions on or off.")
@options.role
@options.as_json
@click.pass_obj
def switch(
    directory: Path,
    /,
    *,
    use_case: str,
    state: str | None,
    environment: str,
    reason: str,
    role: str | None,
    as_json: bool,
) -> ExitCode:
    """Stop the predictions of a use case, or allow them.

    Without a state, prints the present one. `off` takes effect within ten seconds: the API answers 503 with the
    reason, and events wait in the dead-letter queue. The tests of promotions are answered all the same, so that a
    better version can be released. `on` allows predictions, also if monitoring has stopped them.

    Use the permission set MLOpsEngineer-environments or MLEngineer-releases of the environment's account.
    """
    from selfservice.promotions.monitoring.places import monitor_place
    from selfservice.promotions.monitoring.switch import read_switch, set_switch

    project = open_project(directory)
    require_engine(project.directory)
    if state is None and reason:
        raise click.UsageError("--reason says why predictions are turned on or off; add `on` or `off`")
    place = monitor_place(project, use_case, cast(ReleasedTo, environment), role)
    found = read_switch(place) if state is None else set_switch(place, state, reason)
    click.echo(json.dumps(asdict(found), indent=2) if as_json else found.sentence)
    return ExitCode.OK
