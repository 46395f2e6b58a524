"""What a runner does for requests for teams."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from selfservice.catalog.change_record import ChangeRecord, ChangeState
from selfservice.catalog.change_requests import ChangeRequests
from selfservice.catalog.items import CatalogItems
from selfservice.catalog.request_steps import RequestSteps
from selfservice.catalog.team_records import TeamRecords
from selfservice.changes.approvable import Approvable
from selfservice.changes.approvers import departed
from selfservice.changes.requested.decommission_request import DecommissionRequest
from selfservice.changes.requested.reading import Request, parsed_request
from selfservice.changes.requested.team_request import TeamRequest
from selfservice.changes.requested.upgrade_request import UpgradeRequest
from selfservice.changes.requested.use_case_requests import CreateUseCaseRequest, RetireUseCaseRequest
from selfservice.changes.review_change import review_change
from selfservice.changes.reviewed_change import ReviewedChange, code_digest
from selfservice.changes.run_changes import Deployed
from selfservice.changes.settings_change import ExistingTeamError, settings_change
from selfservice.checks.account_quota import refuse_too_many_accounts
from selfservice.decommission.review_decommission import review_decommission, review_retirement
from selfservice.decommission.reviewed_decommission import ReviewedDecommission
from selfservice.decommission.run_decommission import changed_since
from selfservice.engine.account_suspension import recycled_accounts
from selfservice.errors import BadInputError, RefusedError
from selfservice.forks.prepared import PreparedProcess
from selfservice.removal.removal_text import described
from selfservice.request_runner.display import Display
from selfservice.request_runner.durable_run import run_durably
from selfservice.request_runner.execution import Execution
from selfservice.request_runner.requested_use_case import first_commit_of
from selfservice.requests.settings_publisher import Publisher
from selfservice.reviews.comment import as_markdown
from selfservice.runner.limits import DEFAULT_MINUTES, default_jobs
from selfservice.runner.operation import Action, Outcome
from selfservice.runner.process import LocalWorkers
from selfservice.runner.project import Project, open_project
from selfservice.runner.session import RunOptions, run_operations
from selfservice.runner.states import account_of_organization
from selfservice.upgrades.review_upgrade import review_upgrade
from selfservice.use_cases.first_commit import lacks_commit
from selfservice.use_cases.template_version import template_version

if TYPE_CHECKING:
    from selfservice.clusters.placed_workers import PlacedWorkers

_EMPTY = "has an empty build repository"
"""Reason why the stack of a use case belongs to a plan that does not change it."""


@dataclass(frozen=True, slots=True)
class RunnerWork:
    """The work of a runner in one project."""

    directory: Path
    catalog: CatalogItems
    display: Display
    publisher: Publisher | None = None
    """What publishes the commits of a request; None if nothing does."""
    time_limit_minutes: int = DEFAULT_MINUTES
    """Minutes after which the operation on a stack is stopped."""
    remote: bool = False
    """Whether operations run as Jobs in the cluster of the tooling account where pods may run them."""

    def review(self, id_: str, request: Request) -> ReviewedChange | ReviewedDecommission:
        folder = self._folder(id_) / "project"
        if isinstance(request, UpgradeRequest):
            recorded = TeamRecords(self.catalog).version_of(request.team)
            shared = partial(self._previewed, skip=True)
            return review_upgrade(self.directory, request, folder, self._previewed, shared, recorded=recorded)
        if isinstance(request, DecommissionRequest):
            others = self._open_requests(id_, lambda one: one.team == request.team)
            return review_decommission(self.directory, request, folder, self._previewed, open_requests=others)
        if isinstance(request, RetireUseCaseRequest):
            others = self._open_requests(id_, lambda one: one.subject in (request.subject, request.team))
            return review_retirement(self.directory, request, folder, self._previewed, open_requests=others)
        if isinstance(request, CreateUseCaseRequest):
            return self._review_creation(id_, request, folder)
        if request.action == "create":
            self._refuse_second_creation(id_, request.team)
        try:
            return review_change(self.directory, request, folder, self._previewed, recycled=self._recycled())
        except ExistingTeamError as error:
            known = TeamRecords(self.catalog).read(request.team)
            raise (error.with_state(known.status) if known else error) from None

    def markdown(self, reviewed: ReviewedChange | ReviewedDecommission, limit: int) -> str:
        if isinstance(reviewed, ReviewedChange):
            begin = _announced(reviewed)
            return begin + as_markdown(reviewed.review, limit=limit - len(begin))
        listed = f"{described(reviewed.removal)}\n{_deleted_pipelines(reviewed.request)}"
        if reviewed.updates is None or not reviewed.updates.stacks:
            return listed[:limit]
        return f"{listed}\n\n{as_markdown(reviewed.updates.review, limit=max(limit - len(listed) - 2, 0))}"[:limit]

    def outdated(self, request: Request, approved: Approvable) -> str | None:
        files = settings_change(self.directory, request, self._recycled()).digests
        code = code_digest(open_project(self.directory))
        changed = approved.difference(files, code, template_of(self.directory, request))
        if changed is None and isinstance(request, DecommissionRequest | RetireUseCaseRequest):
            return changed_since(self.directory, request.subject, approved)
        return changed

    def departed(self, approvers: Sequence[str]) -> Sequence[str]:
        return departed(open_project(self.directory), approvers)

    def deploy(self, record: ChangeRecord, approved: Approvable) -> Deployed:
        request, project = parsed_request(record.text), open_project(self.directory)
        if approved.code != code_digest(project):
            raise RefusedError(
                "the program or its policies have changed since the approval: deploy the rest with `plinth up`, or "
                "request it again"
            )
        if approved.template != (template := template_of(self.directory, request)):
            raise RefusedError(
                f"the approved template is {approved.template}, and it is now {template}: request it again"
            )
        recycled = self._recycled()
        after = settings_change(self.directory, request, recycled).foundation
        # Again, because other accounts may have been created since the review.
        refuse_too_many_accounts(project, list(approved.reasons), after)
        with closing(PreparedProcess()) as prepared, self._placing(prepared) as placed:
            prepared.prepare(list(approved.reasons))
            execution = Execution(
                directory=self.directory,
                catalog=self.catalog,
                folder=self._folder(record.id),
                record=record,
                approved=approved,
                recycled=recycled,
                publisher=self.publisher,
                start=(placed or LocalWorkers(prepared)).start,
                announce=self.display.announce,
                time_limit_minutes=self.time_limit_minutes,
            )
            steps, executor = execution.planned(request, after)
            recorded = RequestSteps(items=self.catalog, request=record.id, runner=record.runner)
            jobs = placed.limit if placed else None
            listening = self.display.listening
            return run_durably(self.directory, record, approved.digest, steps, executor, recorded, listening, jobs)

    def _review_creation(self, id_: str, request: CreateUseCaseRequest, folder: Path) -> ReviewedChange:
        """Reviews the creation of a use case. Its stack is part of the plan as long as its repository is empty."""
        project = open_project(self.directory)
        template = template_version(self.directory, request.template)
        first_commit_of(self.directory, id_, request.team, request, template).refuse_what_cannot_work(self.directory)
        empty = {request.subject: _EMPTY} if lacks_commit(project, request.subject) else {}
        reviewed = review_change(self.directory, request, folder, self._previewed, further=empty)
        return replace(reviewed, template=str(template))

    def _folder(self, id_: str) -> Path:
        return open_project(self.directory).state_directory / "requests" / id_

    def _recycled(self) -> list[str]:
        """Returns the ids of the accounts that new teams use first."""
        organization = account_of_organization(open_project(self.directory))
        return [] if organization is None else recycled_accounts(organization)

    def _open_requests(self, id_: str, concerns: Callable[[Request], bool]) -> list[str]:
        """Returns the ids of other open requests that a condition holds for. One that failed is not under way."""
        return list(self._open_records(id_, concerns))

    def _refuse_second_creation(self, id_: str, team: str) -> None:
        """Refuses a request for a team that an older request creates, or one whose review is complete.

        Raises: RefusedError. Of two requests that nobody has reviewed, only the second one is refused.
        """
        found = self._open_records(
            id_, lambda one: isinstance(one, TeamRequest) and (one.action, one.team) == ("create", team)
        )
        reviewed = (ChangeState.REVIEWED, ChangeState.RUNNING)
        first = [one for one, record in found.items() if one < id_ or (record and record.state in reviewed)]
        if first:
            raise RefusedError(
                f"another request creates the team {team} already: {', '.join(first)}. Wait until it has ended, or "
                "reject it and request the team again"
            )

    def _open_records(self, id_: str, concerns: Callable[[Request], bool]) -> dict[str, ChangeRecord | None]:
        """Returns the records of other open requests that a condition holds for; None before a runner has seen one."""
        requests = ChangeRequests(self.catalog)
        others = [one for one in requests.open_changes() if one.id != id_]
        named = [one.id for one in others if (found := _readable(one.text)) is not None and concerns(found)]
        records = {one: requests.record(one) for one in named}
        return {one: record for one, record in records.items() if not record or record.state is not ChangeState.FAILED}

    def _previewed(self, project: Project, stacks: Sequence[str], *, skip: bool = False) -> Mapping[str, Outcome]:
        with closing(PreparedProcess()) as prepared, self._placing(prepared) as placed:
            prepared.prepare(list(stacks))
            options = RunOptions(
                action=Action.PREVIEW,
                stacks=list(stacks),
                diff=True,
                skip=skip,
                time_limit_minutes=self.time_limit_minutes,
            )
            result = run_operations(
                project,
                options,
                prepared,
                partial(self.display.listening, Action.UP),
                self.display.announce,
                placed,
            )
        return result.outcomes

    @contextmanager
    def _placing(self, prepared: PreparedProcess) -> Iterator[PlacedWorkers | None]:
        """Provides what starts operations in the cluster or here, and deletes the inputs of Jobs at the end; None if
        all run here."""
        if not self.remote:
            yield None
            return
        from selfservice.clusters.launcher import launcher_for
        from selfservice.clusters.placed_workers import PlacedWorkers

        launcher = launcher_for(open_project(self.directory), ())
        placed = PlacedWorkers(launcher=launcher, local=LocalWorkers(prepared).start, jobs=default_jobs())
        try:
            yield placed
        finally:
            placed.clean_up(self.display.warn)


def template_of(directory: Path, request: Request) -> str:
    """Returns the template of a use case that a request creates, with its version and commit; empty for others.

    Raises: BadInputError if the version of the template is not what it was.
    """
    if not isinstance(request, CreateUseCaseRequest):
        return ""
    return str(template_version(directory, request.template))


def _readable(text: str) -> Request | None:
    try:
        return parsed_request(text)
    except BadInputError:
        return None


def _deleted_pipelines(request: DecommissionRequest | RetireUseCaseRequest) -> str:
    prefix = f"{request.subject}--" if isinstance(request, DecommissionRequest) else f"{request.subject}-"
    return f"  deleted, in the accounts of the team: SageMaker pipelines {prefix}*, which builds have created"


def _announced(reviewed: ReviewedChange) -> str:
    """Returns what a request does beside the changes of stacks."""
    if not reviewed.template:
        return ""
    subject = reviewed.request.subject
    what = f"the first commit of `{subject}-build` is generated from the template `{reviewed.template}`"
    return f"After the deployment, {what}. It starts a build.\n\n"
