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
    from selfservice.projects.project import Project


@click.command("rebuild", cls=ProjectCommand)
@click.pass_obj
def rebuild(directory: Path, /) -> ExitCode:
    """Write teams and requests from settings and history into the catalog.

    Teams follow from settings, their commits and the outputs of stacks. Requests that the catalog does not have, with
    their decisions, events and steps, follow from the branch plinth/requests of the settings repository. Requests of
    the catalog stay as they are, and are added to the branch and to the list of requests if these lack them. Use
    credentials that deploy stacks.
    """
    from selfservice.projects.project import open_project, require_engine
    from selfservice.projects.states import resources_by_stack
    from selfservice.request_runner.deployed_tables import required_catalog
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
    _rebuild_requests(project, catalog)
    return ExitCode.OK


def _rebuild_requests(project: Project, catalog: CatalogItems) -> None:
    """Brings the requests of the catalog and of the history in git to the union of both, and completes the list from
    which pages of requests are read."""
    from selfservice.catalog.change_requests import ChangeRequests
    from selfservice.catalog.kept_requests import kept, restore
    from selfservice.formatting import counted
    from selfservice.settings_repository.request_history import RequestHistory

    requests, history = ChangeRequests(catalog), RequestHistory.of(project.directory)
    restored = [] if history is None else [id_ for id_ in history.ids() if restore(catalog, history.read(id_))]
    for id_ in restored:
        click.echo(f"{id_}: written")
    records = requests.records()
    for record in records:
        requests.complete_list(record)
    if history is None:
        click.echo("Requests are not rebuilt: the settings are in no git repository.")
        return
    recorded = [change_record.id for change_record in records]
    added = [id_ for id_ in recorded if history.write(id_, kept(catalog, id_), f"{id_}: from the catalog")]
    for id_ in added:
        click.echo(f"{id_}: added to the history")
    unchanged = len({*recorded} - {*restored, *added})
    click.echo(f"{counted(unchanged, 'request')} unchanged.")


def write_record(project: Project, catalog: CatalogItems, team: str) -> tuple[TeamRecord, bool]:
    """Writes the record of a deployed team. Returns it, and whether it differs from the one before."""
    from datetime import UTC, datetime

    from selfservice.catalog.team_records import TeamRecords
    from selfservice.changes.team_record import team_record
    from selfservice.projects import outputs
    from selfservice.requests.kinds.all_kinds import actions
    from selfservice.settings_repository.commit_message import last_request
    from settings.files.validation_cache import load_cached

    written: list[TeamRecord] = []
    commits = [action.commit for action in actions().values()]
    changed = False

    def deployed(known: TeamRecord | None) -> TeamRecord | None:
        nonlocal changed
        accounts = outputs.read(project, team, show_secrets=False).get("accounts", {})
        request = last_request(project.directory, team, commits) if known is None else known.request
        foundation = load_cached(project.directory)
        found = team_record(foundation, team, accounts, request=request, now=datetime.now(UTC))
        written.append(found)
        changed = known is None or TeamRecords.differ(known, found)
        return found if changed else None

    TeamRecords(catalog).update(team, deployed)
    return written[-1], changed
