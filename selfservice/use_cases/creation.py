"""Creates a use case, for a person with a command and for a runner with a request: settings, stack and first commit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from selfservice.authoring.new_team import shown
from selfservice.authoring.new_use_case import NewUseCase, add_use_case
from selfservice.engine.backend import outputs_in
from selfservice.errors import ExitCode
from selfservice.projects.project import Project, open_project
from selfservice.projects.states import deployments_by_stack
from selfservice.reports import delivery, model_versions
from selfservice.reports.delivery import DeliveryPlace
from selfservice.use_cases.affected_stacks import EXTENDED_BY_FIRST, datasets_that_admit, environments_of
from selfservice.use_cases.first_commit import Created, FirstCommit, pushed_commit
from selfservice.use_cases.library.publication import package_place, publish_library
from settings.files.validation_cache import load_cached


class Deployment(Protocol):
    """The deployment of stacks."""

    @property
    def exit_code(self) -> ExitCode:
        """OK if every stack is deployed."""

    @property
    def problems(self) -> str:
        """Why stacks were not deployed."""


class Following(Protocol):
    """Follows the newest build of a use case and its run to their ends, and returns FAILED if one of them failed."""

    def __call__(self, place: DeliveryPlace, *, expects_build: bool) -> ExitCode: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Surface:
    """Interaction of a creation with its user: messages, questions, and whether the user waits for the build."""

    announce: Callable[[str], None]
    """Tells the user in a line what was done."""
    deploy: Callable[[tuple[str, ...]], Deployment]
    """Deploys stacks with those that they need. Asks the user if a person has to confirm it."""
    follow: Following | None = None
    """Follows the first build; None if nobody waits for it."""


def create_use_case(directory: Path, use_case: NewUseCase, first: FirstCommit, surface: Surface) -> Created:
    """Adds the use case to the settings, deploys its stack, and pushes its first commit. What exists is left as it is.

    The settings get an image repository for each image that the template builds, also for those that nobody named.

    Raises: BadInputError and SettingsError for wrong values, before anything is changed; RefusedError if the
    credentials may not deploy.
    """
    add_use_case(directory, use_case, write=False)
    first.refuse_what_cannot_work(directory)
    add_to_settings(directory, use_case.with_images(first.built_images(directory)), surface.announce)
    return created(directory, first, surface)


def add_to_settings(directory: Path, use_case: NewUseCase, announce: Callable[[str], None]) -> None:
    """Adds the use case to the settings file of its team, unless it is there, and announces which."""
    file = add_use_case(directory, use_case)
    if file is None:
        announce(f"The settings have the use case {use_case.name} of {use_case.team} already.")
    else:
        announce(f"{shown(file, directory)} has the use case {use_case.name}.")


def created(directory: Path, first: FirstCommit, surface: Surface) -> Created:
    """Brings up what is missing, in order. Each part that exists is left as it is."""
    project = open_project(directory)
    missing = _undeployed(project, first)
    if missing:
        deployment = surface.deploy(missing)
        if deployment.exit_code is not ExitCode.OK:
            return Created(status=deployment.exit_code, problems=deployment.problems)
    else:
        surface.announce(f"The stack {first.stack} is deployed already.")
    # The repositories pin the version of this library.
    if packages := package_place(project):
        surface.announce(publish_library(project.program_directory, packages))
    place = delivery.place_of(project, first.stack)
    pushed = pushed_commit(project, first, place.tooling, surface.announce)
    status = _followed(place, surface, pushed=pushed.commit is not None)
    surface.announce(_next(first))
    return replace(pushed, status=status)


def _followed(place: DeliveryPlace, surface: Surface, *, pushed: bool) -> ExitCode:
    """Waits for the build under way. If a model is registered already, later failures do not concern the creation."""
    if surface.follow is None:
        return ExitCode.OK
    status = surface.follow(place, expects_build=pushed)
    if version := next(iter(model_versions.models(place)), None):
        surface.announce(f"The newest model version is {delivery.line(version)}")
    return ExitCode.OK if version and not pushed else status


def _undeployed(project: Project, first: FirstCommit) -> tuple[str, ...]:
    """Returns the stacks to deploy: none if that of the use case has outputs. Before it come deployed stacks that the
    use case changes."""
    stack = first.stack
    team, _, name = stack.partition("--")
    changed = environments_of(project.graph, team)
    changed += dict.fromkeys(datasets_that_admit(load_cached(project.directory), team, name))
    deployed = deployments_by_stack(project, [stack, *EXTENDED_BY_FIRST, *changed])
    if outputs_in(deployed[stack]):
        return ()
    is_first = not outputs_in(deployed["tooling"]).get("artifact_bucket")
    extended = [extended_stack for extended_stack in EXTENDED_BY_FIRST if is_first and extended_stack in project.graph]
    return (*extended, *(environment for environment in changed if outputs_in(deployed[environment])), stack)


def _next(first: FirstCommit) -> str:
    return "\n".join(
        (
            "Next:",
            f"  plinth runs {first.stack} --watch   follow the build and the run until a model is registered",
            f"  plinth models {first.stack}         list the model versions and their approval status",
            f"  plinth usecase clone {first.stack} --as PERSON   clone it under the name of somebody else",
            f"  cd {first.folder}",
            "  git switch --create feature/mine     then edit ml_pipelines/training/input.json and push the branch",
        )
    )
