"""The creation of a requested use case: what a runner does for a request of a lead data scientist."""

from __future__ import annotations

import time
from pathlib import Path

from selfservice.errors import ExitCode
from selfservice.projects.project import open_project
from selfservice.reports import delivery
from selfservice.requests.kinds.use_case_content import UseCaseRequest
from selfservice.requests.kinds.use_case_creation import first_commit_of
from selfservice.requests.record import OpenRequest, Result, State
from selfservice.use_cases.creation import Surface, create_use_case
from selfservice.use_cases.template_version import template_version

_BUILD_SECONDS, _POLL_SECONDS = 60, 2.0
"""Time in which the first commit starts a build, which EventBridge needs seconds for."""


def create_requested(directory: Path, surface: Surface, found: OpenRequest, request: UseCaseRequest) -> Result:
    """Creates the use case of a request, as ``plinth usecase create`` does. ``surface`` asks nobody and does not wait.

    Raises: BadInputError and SettingsError if the request is wrong.
    """
    template = template_version(directory, request.template)
    first = first_commit_of(request, directory, found.id, found.team, template)
    made = create_use_case(directory, request.new_use_case(found.team), first, surface)
    if made.status is not ExitCode.OK:
        return Result(state=State.FAILED, reason=made.problems or f"the deployment ended with {int(made.status)}")
    return Result(
        state=State.DONE,
        reason=made.note(first),
        commit=made.commit,
        build=None if made.commit is None else _build(directory, surface, first.stack, made.commit),
        repository=made.repository,
    )


def _build(directory: Path, surface: Surface, stack: str, commit: str) -> str | None:
    """Returns the id of the build of a commit, or None if none has started."""
    place = delivery.place_of(open_project(directory), stack)
    deadline = time.monotonic() + _BUILD_SECONDS
    while True:
        found = next((row for row in delivery.builds(place) if row["commit"] == commit), None)
        if found is not None or time.monotonic() > deadline:
            return None if found is None else found["build"]
        surface.announce(f"Waiting for the build of {commit[:7]}.")
        time.sleep(_POLL_SECONDS)
