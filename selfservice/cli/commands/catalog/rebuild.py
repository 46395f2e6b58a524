"""``plinth catalog rebuild``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from selfservice.cli.exit_code_command import ProjectCommand
from selfservice.errors import ExitCode

if TYPE_CHECKING:
    from selfservice.catalog.items import CatalogItems
    from selfservice.catalog.team_records import TeamRecord
    from selfservice.runner.project import Project


@click.command("rebuild", cls=ProjectCommand)
@click.pass_obj
def rebuild(directory: Path, /) -> ExitCode:
    """Write the teams of the settings into the team catalog.

    Reads settings and the outputs of deployed teams. Records of requests and of removed teams stay as they are. Use
    credentials that deploy stacks.
    """
    from selfservice.cli.commands.requests.catalog_access import required_catalog
    from selfservice.runner.project import open_project, require_engine
    from selfservice.runner.states import resources_by_stack
    from settings.files.validation_cache import load_cached

    project = open_project(directory)
    require_engine(project.directory)
    catalog = required_catalog(project)
    foundation = load_cached(project.directory)
    deployed = resources_by_stack(project, list(foundation.teams))
    for team in foundation.teams:
        if not deployed[team]:
            click.echo(f"{team} is not deployed.")
            continue
        record, changed = write_record(project, catalog, team)
        click.echo(f"{team}: {'written' if changed else 'unchanged'}, {record.status}")
    return ExitCode.OK


def write_record(project: Project, catalog: CatalogItems, team: str) -> tuple[TeamRecord, bool]:
    """Writes the record of a deployed team. Returns it, and whether it differs from the one before."""
    from datetime import UTC, datetime

    from selfservice.catalog.team_records import TeamRecords
    from selfservice.changes.team_record import team_record
    from selfservice.engine import outputs
    from settings.files.validation_cache import load_cached

    teams = TeamRecords(catalog)
    accounts = outputs.read(project, team, show_secrets=False).get("accounts", {})
    known = teams.read(team)
    request = "" if known is None else known.request
    foundation = load_cached(project.directory)
    found = team_record(foundation, team, accounts, request=request, now=datetime.now(UTC))
    changed = known is None or teams.differ(known, found)
    if changed:
        teams.write(found)
    return found, changed
