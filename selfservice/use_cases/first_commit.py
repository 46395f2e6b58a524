"""The first commit of a use case: generates its repositories from a template, and pushes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfservice.engine.account_access import Account
from selfservice.engine.backend import outputs_in
from selfservice.errors import ExitCode
from selfservice.projects import outputs as stack_outputs
from selfservice.projects.project import Project, open_project, require_engine
from selfservice.projects.states import deployments_by_stack
from selfservice.reports import delivery
from selfservice.use_cases.answer_check import built_images, refuse_unreturned, refuse_wrong_answers
from selfservice.use_cases.answers import Read, foundation_answers, with_image
from selfservice.use_cases.deployment_answers import deployment_answers
from selfservice.use_cases.git import require_git
from selfservice.use_cases.permission import refuse_denied
from selfservice.use_cases.project_push import GeneratedProject
from selfservice.use_cases.repository import Repository, recorded_answers, refuse_other_content
from selfservice.use_cases.template import source_of
from settings.derived.stack_graph import StackIdentity
from settings.files.validation_cache import load_cached
from settings.team.delivery import Repository as Purpose
from settings.types.kinds import RELEASED_TO

PROMOTER = "promoter"
"""Role that a use case has if its models are promoted."""
SHARED = ("problem",)
"""Questions that both repositories answer alike."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FirstCommit:
    """Inputs from which a first commit is generated, and its folder."""

    stack: str
    folder: Path
    template: str
    version: str | None
    answers: Mapping[str, str]
    results: str | None = None
    """Dataset of the data lake to which batch inference returns results."""

    @property
    def deployment_folder(self) -> Path:
        """Folder of the deployment repository, beside that of the build repository."""
        return self.folder.with_name(f"{self.stack}-deployment")

    def refuse_what_cannot_work(self, directory: Path) -> None:
        """Raises BadInputError for wrong arguments and missing programs, and RefusedError for credentials that may not
        deploy, before anything is changed."""
        require_engine(directory)
        require_git()
        project = open_project(directory)
        source = source_of(self.template, project)
        for folder in (self.folder, self.deployment_folder):
            refuse_other_content(folder, self.stack)
        refuse_unreturned(project.directory, self.stack.partition("--")[0], self.results)
        refuse_denied(project)
        refuse_wrong_answers(source, self.version, self.stack, self.answers)

    def built_images(self, directory: Path) -> tuple[str, ...]:
        """Returns the names of the images that builds of the project push. Raises: BadInputError."""
        source = source_of(self.template, open_project(directory))
        return built_images(source, self.version, self.stack, self.answers)


@dataclass(frozen=True, kw_only=True, slots=True)
class Created:
    """The result of a creation."""

    status: ExitCode
    problems: str = ""
    """Why the stacks were not deployed."""
    repository: str | None = None
    """URL of the build repository."""
    commit: str | None = None
    """The first commit, if it was pushed now."""
    to_push: bool = False
    """Whether a person has to push the generated project to the source provider."""

    def note(self, first: FirstCommit) -> str | None:
        """Returns what a person has to know about a first commit; None if it was pushed."""
        if self.to_push:
            return f"push the generated project to main of {self.repository}; the runner has it in {first.folder}"
        return None if self.commit else "the use case existed already; nothing was pushed"


def lacks_commit(project: Project, stack: str) -> bool:
    """Returns whether the stack of a use case is deployed and its build repository in CodeCommit is empty."""
    outputs = outputs_in(deployments_by_stack(project, [stack])[stack])
    if not outputs or outputs.get("source_urls", {}).get("build"):
        return False
    repository = Repository(url=outputs["clone_urls"]["build"], account=delivery.place_of(project, stack).tooling)
    return not repository.branches(project.directory)


def pushed_commit(project: Project, first: FirstCommit, tooling: Account, announce: Callable[[str], None]) -> Created:
    """Generates and pushes the build repository and, if models are promoted, the deployment repository. What exists is
    left as it is.

    ``announce`` tells the user in a line what was done with a repository.
    """

    def generated(purpose: Purpose, folder: Path, answers: Callable[[], Mapping[str, Any]]) -> GeneratedProject:
        return GeneratedProject(
            project=project,
            stack=first.stack,
            purpose=purpose,
            folder=folder,
            template=first.template,
            version=first.version,
            answers=answers,
            announce=announce,
        )

    outputs = stack_outputs.read(project, first.stack, show_secrets=False)
    pushed = generated("build", first.folder, lambda: _build_answers(project, first)).push(outputs, tooling)
    if PROMOTER in outputs.get("role_arns", {}):
        folder = first.deployment_folder
        generated("deployment", folder, lambda: _deployment_answers(project, first)).push(outputs, tooling)
    return Created(status=ExitCode.OK, repository=pushed.repository, commit=pushed.commit, to_push=pushed.to_push)


def _build_answers(project: Project, first: FirstCommit) -> dict[str, Any]:
    data = StackIdentity("data", first.stack.partition("--")[0]).name
    workgroups = outputs_in(deployments_by_stack(project, [data])[data]).get("workgroups", {})
    tags = load_cached(project.directory).tags_of(StackIdentity.parse(first.stack))
    found = foundation_answers(first.stack, _reader(project), workgroups, tags=tags)
    repositories = stack_outputs.read(project, first.stack, show_secrets=False)["image_repositories"]
    return {**found, **with_image(first.answers, repositories)}


def _deployment_answers(project: Project, first: FirstCommit) -> dict[str, Any]:
    """Returns the answers for the deployment repository. The kind of prediction is that of the build repository."""
    foundation = load_cached(project.directory)
    team, _, name = first.stack.partition("--")
    found = deployment_answers(
        first.stack,
        _reader(project),
        tags=foundation.tags_of(StackIdentity.parse(first.stack)),
        use_case=foundation.teams[team].use_cases[name],
        log_retention_days={
            environment: foundation.environment_of(team, environment).log_retention_days for environment in RELEASED_TO
        },
        results=first.results,
    )
    return {**found, **recorded_answers(first.folder, SHARED), **first.answers}


def _reader(project: Project) -> Read:
    return lambda stack: stack_outputs.read(project, stack, show_secrets=False)
