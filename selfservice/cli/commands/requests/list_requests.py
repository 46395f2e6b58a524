"""``plinth requests list``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from selfservice.catalog.change_record import ChangeState
from selfservice.cli import completion, options
from selfservice.cli.exit_code_command import ExitCodeCommand
from selfservice.errors import ExitCode
from selfservice.request_tables.request_id import is_id
from settings.types.redaction import shown

if TYPE_CHECKING:
    from selfservice.catalog.change_record import ChangeRecord, OpenChange
    from selfservice.catalog.change_requests import ChangeRequests


@click.command("list", cls=ExitCodeCommand)
@click.option(
    "--team",
    metavar="TEAM",
    shell_complete=completion.teams,
    help="List the requests of this team with the credentials of its lead data scientist.",
)
@click.option("--platform", is_flag=True, help="List the requests for teams with the credentials of the platform team.")
@click.option(
    "--state",
    metavar="STATE",
    type=click.Choice([*map(str, ChangeState)]),
    help=f"With --platform: list requests of this state only: {', '.join(ChangeState)}.",
)
@click.option("--before", default="", metavar="ID", help="With --platform: list requests that are older than this one.")
@click.option("--everything", is_flag=True, help="With --platform: list all requests and not only the newest 50.")
@options.as_json
@click.pass_obj
def list_requests(
    directory: Path,
    /,
    *,
    team: str | None,
    platform: bool,
    state: str | None,
    before: str,
    everything: bool,
    as_json: bool,
) -> ExitCode:
    """List requests with state, result and reason.

    Each line also has the person who requested it, which IAM proves. Use credentials that deploy stacks: the list then
    contains all requests that `plinth requests run` carries out, those for teams and those for use cases. With --team,
    a lead data scientist lists the requests for use cases of the team. With --platform, the platform team lists the
    requests for teams: the newest 50, and the command that lists older ones.
    """
    from selfservice.errors import BadInputError

    if team is not None and platform:
        raise BadInputError("--team and --platform need credentials of different accounts: pass one of them")
    if not platform and (state or before or everything):
        raise BadInputError("--state, --before and --everything are for --platform")
    if everything and (state or before):
        raise BadInputError("--everything lists all requests: leave out --state and --before")
    if before and not is_id(before):
        raise BadInputError(f"--before {shown(before)} is no id of a request")
    if platform and everything:
        return _list_changes(directory, as_json=as_json)
    if platform:
        return _list_page(directory, ChangeState(state) if state else None, before, as_json=as_json)
    if team is None:
        return _list_all(directory, as_json=as_json)
    from selfservice.projects.project import home_region
    from selfservice.requests.requester import current_requester, explained
    from selfservice.requests.table_text import as_text

    requester = current_requester(home_region(directory))
    with explained():
        rows = requester.table.requests_of(team, requester.user)
    document = {"requests": [row.document() for row in rows]}
    click.echo(json.dumps(document, indent=2) if as_json else as_text(rows))
    return ExitCode.OK


def _list_all(directory: Path, *, as_json: bool) -> ExitCode:
    """Lists what the runner reads, with the roles that deploy the tables."""
    from selfservice.catalog.change_requests import ChangeRequests
    from selfservice.errors import BadInputError
    from selfservice.projects.project import open_project, require_engine
    from selfservice.request_runner.deployed_tables import deployed_catalog, deployed_request_table
    from selfservice.requests.table_text import as_text
    from settings.files.validation_cache import load_cached

    project = open_project(directory)
    require_engine(project.directory)
    catalog, table = deployed_catalog(project), deployed_request_table(project)
    if catalog is None and table is None:
        raise BadInputError(
            "there is no table of requests; deploy one with `plinth up tooling --with-needs` (for use cases) or "
            "`plinth up governance --with-needs` (for teams)"
        )
    teams = sorted(load_cached(project.directory).teams)
    use_cases = [] if table is None else table.all_requests(teams)
    changes = None if catalog is None else ChangeRequests(catalog)
    if as_json:
        found = [] if changes is None else _documents(changes)
        document = {"requests": [row.document() for row in use_cases], "team_requests": found}
        click.echo(json.dumps(document, indent=2))
        return ExitCode.OK
    parts = [as_text(use_cases) if use_cases else "", "" if changes is None else _text(changes)]
    click.echo("\n".join(filter(None, parts)) or "There are none.")
    return ExitCode.OK


def _list_changes(directory: Path, *, as_json: bool) -> ExitCode:
    from selfservice.people.platform_engineer import platform_engineer

    with platform_engineer(directory) as engineer:
        text = (
            json.dumps({"requests": _documents(engineer.requests)}, indent=2)
            if as_json
            else _text(engineer.requests) or "There are none."
        )
    click.echo(text)
    return ExitCode.OK


def _list_page(directory: Path, state: ChangeState | None, before: str, *, as_json: bool) -> ExitCode:
    """Lists a page, which takes the same few reads however long the history is."""
    from selfservice.catalog.request_pages import read_page
    from selfservice.people.platform_engineer import platform_engineer
    from selfservice.requests.change_text import as_lines

    with platform_engineer(directory) as engineer:
        page = read_page(engineer.requests, state, before=before)
        if as_json:
            records = sorted(page.records, key=lambda record: record.id)
            waiting = sorted(page.pending, key=lambda open_change: open_change.id)
            found = [*_with_decisions(engineer.requests, records), *map(_pending, waiting)]
            click.echo(json.dumps({"requests": found, "older_than": page.older}, indent=2))
            return ExitCode.OK
    click.echo("\n".join(as_lines(page.records, page.pending)) or "There are none.")
    if page.older:
        of = f" --state {state}" if state else ""
        click.echo(f"Older ones: plinth requests list --platform{of} --before {page.older}", err=True)
    return ExitCode.OK


def _text(requests: ChangeRequests) -> str:
    from selfservice.requests.change_text import as_lines

    return "\n".join(as_lines(requests.records(), requests.open_changes()))


def _documents(requests: ChangeRequests) -> list[Mapping[str, object]]:
    """Returns the requests for teams, with the decisions about them, and those that no runner has claimed."""
    records = requests.records()
    known = {record.id for record in records}
    waiting = (open_change for open_change in requests.open_changes() if open_change.id not in known)
    return [*_with_decisions(requests, records), *map(_pending, waiting)]


def _with_decisions(requests: ChangeRequests, records: Iterable[ChangeRecord]) -> Iterator[Mapping[str, object]]:
    return (record.document(requests.decisions(record.id)) for record in records)


def _pending(change: OpenChange) -> Mapping[str, object]:
    from selfservice.catalog.credentials import recordable

    return {"id": change.id, "user": change.user, "state": "pending", "request": recordable(change.text)}
