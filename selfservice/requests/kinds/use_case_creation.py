"""A request to create a use case of a team."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from selfservice.authoring.new_use_case import text_with_use_case
from selfservice.changes.plan import FIRST_COMMIT, Step, with_first_commit
from selfservice.changes.requested.base import PresentSettings, RequestedAction, RequestForUseCase
from selfservice.changes.review_change import review_change
from selfservice.changes.reviewed_change import ReviewedChange
from selfservice.changes.run_plan import Call, PlanExecutor
from selfservice.durable.node import NodeResult
from selfservice.errors import BadInputError, RefusedError
from selfservice.operations.schedule import upstream_of
from selfservice.projects.project import open_project
from selfservice.reports import delivery
from selfservice.requests.kinds.execution import Execution
from selfservice.requests.kinds.request import Request
from selfservice.requests.kinds.review_site import ReviewSite
from selfservice.requests.kinds.use_case_content import UseCaseRequest
from selfservice.use_cases.answer_check import built_images, refuse_unreturned
from selfservice.use_cases.first_commit import FirstCommit, lacks_commit, pushed_commit
from selfservice.use_cases.template import offered_template, source_of
from selfservice.use_cases.template_version import TemplateVersion, template_version
from settings.derived.foundation import Foundation
from settings.files.loader import load_with
from settings.rules.partial_config import stack_file
from settings.types.errors import SettingsError

_EMPTY = "has an empty build repository"
"""Reason why the stack of a use case belongs to a plan that does not change it."""


class CreateUseCaseRequest(Request, RequestForUseCase, UseCaseRequest):
    """A request to create a use case of a team. The other fields are those that a lead data scientist may choose."""

    ACTIONS: ClassVar = (
        RequestedAction(
            name="create-use-case",
            title="New use case",
            asks_for="the use case",
            commit="Add the use case",
            needs_team=False,  # because the refusal of the settings names it beside all other faults
        ),
    )

    action: Literal["create-use-case"] = Field(
        description="create-use-case: its stack and the first commits of its repositories."
    )

    def files(self, present: PresentSettings) -> Iterable[tuple[str, str | None]]:
        """Yields the file of the team with the use case, unless it has the use case."""
        return _files_with_use_case(present.directory, present.foundation, self)

    def own_stacks(self, foundation: Foundation) -> list[str]:
        """Returns the stack of the use case and those that it needs."""
        return [*upstream_of(foundation.overview.graph, self.subject), self.subject]

    def announcement(self, template: str) -> str:
        """Returns what is pushed after the deployment."""
        what = f"the first commit of `{self.subject}-build` is generated from the template `{template}`"
        return f"After the deployment, {what}. It starts a build."

    def review(self, site: ReviewSite) -> ReviewedChange:
        """Previews the stack of the use case. It is part of the plan as long as its repository is empty."""
        project = open_project(site.directory)
        template = template_version(site.directory, self.template)
        first = first_commit_of(self, site.directory, site.id, self.team, template)
        first.refuse_what_cannot_work(site.directory)
        empty = {self.subject: _EMPTY} if lacks_commit(project, self.subject) else {}
        reviewed = review_change(site.directory, self, site.folder, site.preview, further=empty)
        return replace(reviewed, template=str(template))

    def source(self, directory: Path) -> str:
        """Returns the template with its version and commit."""
        return str(template_version(directory, self.template))

    def planned(self, execution: Execution, after: Foundation) -> tuple[Sequence[Step], PlanExecutor]:
        """Returns the steps, of which one pushes the first commit when the stacks are deployed."""
        steps, executor = Request.planned(self, execution, after)
        return with_first_commit(steps), executor

    def calls(self, execution: Execution) -> dict[str, Call]:
        """Returns the calls of every request, and the one that pushes the first commit."""
        return {**Request.calls(self, execution), FIRST_COMMIT: lambda _: self._pushed(execution)}

    def result(self, steps: Mapping[str, NodeResult]) -> str:
        """Returns what was deployed and pushed."""
        return f"{Request.result(self, steps)}; {steps[FIRST_COMMIT].output['note']}"

    def _pushed(self, execution: Execution) -> dict[str, str]:
        """Pushes the first commits, and returns what a person has to know about them."""
        project = open_project(execution.directory)
        template = template_version(execution.directory, self.template)
        if str(template) != execution.approved.template:
            raise RefusedError(
                f"nothing was pushed: the approved template is {execution.approved.template}, and it is now {template}"
            )
        first = first_commit_of(self, execution.directory, execution.record.id, self.team, template)
        tooling = delivery.place_of(project, self.subject).tooling
        made = pushed_commit(project, first, tooling, execution.announce)
        pushed = f"pushed the first commit {(made.commit or '')[:7]} to {made.repository}"
        return {"note": made.note(first) or pushed}


def first_commit_of(
    request: UseCaseRequest, directory: Path, id_: str, team: str, template: TemplateVersion
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


def _files_with_use_case(
    directory: Path, foundation: Foundation, request: CreateUseCaseRequest
) -> Iterator[tuple[str, str | None]]:
    """Yields the team's file with the use case, unless it has the use case.

    Raises: BadInputError with everything that cannot be created, also what the changed settings refuse.
    """
    use_case, name = request.new_use_case(request.team), stack_file(request.team)
    known = foundation.teams[request.team].use_cases if request.team in foundation.teams else {}
    present = known.get(request.name)
    texts: list[str] = []

    def add() -> None:
        if present is not None and (differing := use_case.differing(present)):
            rule = f"{request.subject} exists with another {', '.join(differing)}"
            raise BadInputError(f"{rule}; change it in {name}, or request what exists")
        is_offered = _fault(lambda: offered_template(directory, request.template)) is None
        needed = _built_images(directory, request) if present is None and is_offered else ()
        if (text := text_with_use_case(directory, use_case.with_images(needed))) is not None:
            load_with(directory, {name: text.encode()})
            texts.append(text)

    checks: Mapping[str, Callable[[], object]] = {
        "template: ": lambda: offered_template(directory, request.template),
        "results: ": lambda: refuse_unreturned(directory, request.team, request.results),
        "": add,
    }
    found = [f"{place}{fault}" for place, check in checks.items() if (fault := _fault(check))]
    if found:
        raise BadInputError("\n".join(found))
    for text in texts:
        yield name, text


def _built_images(directory: Path, request: CreateUseCaseRequest) -> tuple[str, ...]:
    """Returns the images that builds of the requested template push. Raises: BadInputError."""
    template = template_version(directory, request.template)
    source = source_of(template.source, open_project(directory))
    return built_images(source, template.commit, request.subject, request.answers)


def _fault(check: Callable[[], object]) -> str | None:
    try:
        check()
    except (BadInputError, SettingsError) as error:
        return str(error)
    return None
