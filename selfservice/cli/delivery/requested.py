"""The creation of requested use cases: what a runner does for a request."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from selfservice.authoring.new_use_case import NewUseCase, add_use_case
from selfservice.cli.delivery.creation_surface import creation_surface
from selfservice.engine.import_discovery import Search
from selfservice.errors import BadInputError, ExitCode
from selfservice.reports import delivery
from selfservice.requests.record import OpenRequest, Result, State
from selfservice.requests.request_table import RequestTable
from selfservice.requests.use_case_request import UseCaseRequest
from selfservice.runner.project import Project, find_directory, open_project
from selfservice.runner.states import resources_by_stack
from selfservice.use_cases.answer_check import refuse_unreturned
from selfservice.use_cases.creation import create_use_case
from selfservice.use_cases.first_commit import Created, FirstCommit
from selfservice.use_cases.template import offered_template
from selfservice.use_cases.template_version import TemplateVersion, template_version
from settings.data.request_layout import TABLE

_TOOLING = "tooling"
_BUILD_SECONDS, _POLL_SECONDS = 60, 2.0
"""Time in which the first commit starts a build, which EventBridge needs seconds for."""


def request_table(project: Project) -> RequestTable:
    """Returns the table of the tooling account, with the role that deploys to it.

    Raises: BadInputError if the table is not deployed.
    """
    found = _table(project)
    if found is None:
        raise BadInputError("there is no table of requests; deploy it with `plinth up tooling --with-needs`")
    resources, table = found
    return RequestTable(Search({"resources": resources}).account_of(table).client("dynamodb"))


def has_request_table(project: Project) -> bool:
    """Returns whether the table is deployed."""
    return _table(project) is not None


def _table(project: Project) -> tuple[list[Mapping[str, Any]], Mapping[str, Any]] | None:
    """Returns the resources of the tooling account, and the table among them."""
    resources = resources_by_stack(project, [_TOOLING])[_TOOLING] if _TOOLING in project.graph else []
    table = next((one for one in resources if one["type"] == "aws:dynamodb/table:Table" and one["id"] == TABLE), None)
    return None if table is None else (resources, table)


def refuse_what_settings_refuse(directory: Path, team: str, request: UseCaseRequest) -> None:
    """Checks a request against the settings around ``directory``, if there are any. The runner checks it again.

    Raises: BadInputError or SettingsError.
    """
    try:
        project = find_directory(directory)
    except BadInputError:
        return
    offered_template(project, request.template)
    if add_use_case(project, NewUseCase.requested(team, request), write=False) is None:
        raise BadInputError(f"{team} has the use case {request.name} already")
    refuse_unreturned(project, team, request.results)


def first_commit_of(
    directory: Path, id_: str, team: str, request: UseCaseRequest, template: TemplateVersion
) -> FirstCommit:
    """Returns the first commit that a request asks for, generated from exactly this content of the template.

    Each request has its own folder, in which a second runner on this machine finds the generated project.
    """
    stack = f"{team}--{request.name}"
    return FirstCommit(
        stack=stack,
        folder=open_project(directory).state_directory / "requests" / id_ / f"{stack}-build",
        template=template.source,
        version=template.commit,
        answers=request.answers,
        results=request.results,
    )


def create_requested(directory: Path, found: OpenRequest, request: UseCaseRequest) -> Result:
    """Creates the use case of a request, as ``plinth usecase create`` does.

    Raises: BadInputError and SettingsError if the request is wrong.
    """
    template = template_version(directory, request.template)
    first = first_commit_of(directory, found.id, found.team, request, template)
    surface = creation_surface(directory, confirmed=True, wait=False)
    made = create_use_case(directory, NewUseCase.requested(found.team, request), first, surface)
    if made.status is not ExitCode.OK:
        return Result(state=State.FAILED, reason=made.problems or f"the deployment ended with {int(made.status)}")
    return Result(
        state=State.DONE,
        reason=note_of(made, first),
        commit=made.commit,
        build=None if made.commit is None else _build(directory, first.stack, made.commit),
        repository=made.repository,
    )


def note_of(made: Created, first: FirstCommit) -> str | None:
    """Returns what a person has to know about a first commit; None if it was pushed."""
    if made.to_push:
        return f"push the generated project to main of {made.repository}; the runner has it in {first.folder}"
    return None if made.commit else "the use case existed already; nothing was pushed"


def _build(directory: Path, stack: str, commit: str) -> str | None:
    """Returns the id of the build of a commit, or None if none has started."""
    place = delivery.place_of(open_project(directory), stack)
    deadline = time.monotonic() + _BUILD_SECONDS
    while True:
        found = next((row for row in delivery.builds(place) if row["commit"] == commit), None)
        if found is not None or time.monotonic() > deadline:
            return None if found is None else found["build"]
        click.echo(f"Waiting for the build of {commit[:7]}.")
        time.sleep(_POLL_SECONDS)
