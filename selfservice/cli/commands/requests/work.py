"""What a runner of ``plinth requests run`` does for requests for teams."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from selfservice.catalog.change_record import ChangeRecord, ChangeState
from selfservice.catalog.change_requests import ChangeRequests
from selfservice.catalog.items import CatalogItems
from selfservice.catalog.team_records import TeamRecords
from selfservice.changes.approvable import Approvable
from selfservice.changes.approvers import departed
from selfservice.changes.requested.decommission_request import DecommissionRequest
from selfservice.changes.requested.reading import Request, parsed_request
from selfservice.changes.requested.upgrade_request import UpgradeRequest
from selfservice.changes.requested.use_case_requests import CreateUseCaseRequest, RetireUseCaseRequest
from selfservice.changes.review_change import review_change
from selfservice.changes.reviewed_change import ReviewedChange, code_digest
from selfservice.changes.run_changes import Deployed
from selfservice.changes.settings_change import settings_change
from selfservice.cli.commands.requests.durable_run import run_durably
from selfservice.cli.commands.requests.execution import Execution
from selfservice.cli.delivery.first_commit import lacks_commit
from selfservice.cli.delivery.requested import first_commit_of
from selfservice.cli.progress import progress_listener
from selfservice.decommission.review_decommission import review_decommission, review_retirement
from selfservice.decommission.reviewed_decommission import ReviewedDecommission
from selfservice.decommission.run_decommission import changed_since
from selfservice.engine.account_suspension import recycled_accounts
from selfservice.errors import BadInputError, RefusedError
from selfservice.fingerprints.facts import digest
from selfservice.forks.prepared import PreparedProcess
from selfservice.removal.removal_text import described
from selfservice.requests.settings_publisher import SettingsPublisher
from selfservice.reviews.comment import as_markdown
from selfservice.runner.operation import Action, Outcome
from selfservice.runner.project import Project, open_project
from selfservice.runner.session import RunOptions, run_operations
from selfservice.runner.states import account_of_organization
from selfservice.upgrades.review_upgrade import review_upgrade
from selfservice.use_cases.template import offered_template, template_digest

_EMPTY = "has an empty build repository"
"""Reason why the stack of a use case belongs to a plan that does not change it."""


@dataclass(frozen=True, slots=True)
class RunnerWork:
    """The work of a runner in one project."""

    directory: Path
    catalog: CatalogItems
    publisher: SettingsPublisher | None = None
    """What proposes the commits of a request as a pull request; None if nothing does."""

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
        return review_change(self.directory, request, folder, self._previewed, recycled=self._recycled())

    def markdown(self, reviewed: ReviewedChange | ReviewedDecommission, limit: int) -> str:
        if isinstance(reviewed, ReviewedChange):
            begin = _announced(reviewed.request)
            return begin + as_markdown(reviewed.review, limit=limit - len(begin))
        listed = f"{described(reviewed.removal)}\n{_deleted_pipelines(reviewed.request)}"
        if reviewed.updates is None or not reviewed.updates.stacks:
            return listed[:limit]
        return f"{listed}\n\n{as_markdown(reviewed.updates.review, limit=max(limit - len(listed) - 2, 0))}"[:limit]

    def outdated(self, request: Request, approved: Approvable) -> str | None:
        files = settings_change(self.directory, request, self._recycled()).digests
        changed = approved.difference(files, code_of(self.directory, request))
        if changed is None and isinstance(request, DecommissionRequest | RetireUseCaseRequest):
            return changed_since(self.directory, request.subject, approved)
        return changed

    def departed(self, approvers: Sequence[str]) -> Sequence[str]:
        return departed(open_project(self.directory), approvers)

    def deploy(self, record: ChangeRecord, approved: Approvable) -> Deployed:
        request = parsed_request(record.text)
        if approved.code != code_of(self.directory, request):
            raise RefusedError(
                "the program or its policies have changed since the approval: deploy the rest with `plinth up`, or "
                "request it again"
            )
        after = settings_change(self.directory, request, self._recycled()).foundation
        execution = Execution(
            directory=self.directory,
            catalog=self.catalog,
            folder=self._folder(record.id),
            record=record,
            approved=approved,
            recycled=self._recycled(),
            publisher=self.publisher,
        )
        with closing(PreparedProcess()) as prepared:
            prepared.prepare(list(approved.reasons))
            steps, executor = execution.planned(request, after, prepared)
            return run_durably(self.directory, record, approved.digest, steps, executor)

    def _review_creation(self, id_: str, request: CreateUseCaseRequest, folder: Path) -> ReviewedChange:
        """Reviews the creation of a use case. Its stack is part of the plan as long as its repository is empty."""
        project = open_project(self.directory)
        first_commit_of(self.directory, id_, request.team, request).refuse_what_cannot_work(self.directory)
        empty = {request.subject: _EMPTY} if lacks_commit(project, request.subject) else {}
        reviewed = review_change(self.directory, request, folder, self._previewed, further=empty)
        return replace(reviewed, code=code_of(self.directory, request))

    def _folder(self, id_: str) -> Path:
        return open_project(self.directory).state_directory / "requests" / id_

    def _recycled(self) -> list[str]:
        """Returns the ids of the accounts that new teams use first."""
        organization = account_of_organization(open_project(self.directory))
        return [] if organization is None else recycled_accounts(organization)

    def _open_requests(self, id_: str, concerns: Callable[[Request], bool]) -> list[str]:
        """Returns the ids of other open requests that a condition holds for. One that failed is not under way."""
        requests = ChangeRequests(self.catalog)
        others = [one for one in requests.open_changes() if one.id != id_]
        named = [one.id for one in others if (found := _readable(one.text)) is not None and concerns(found)]
        records = {one: requests.record(one) for one in named}
        return [one for one, record in records.items() if record is None or record.state is not ChangeState.FAILED]

    def _previewed(self, project: Project, stacks: Sequence[str], *, skip: bool = False) -> Mapping[str, Outcome]:
        with closing(PreparedProcess()) as prepared:
            prepared.prepare(list(stacks))
            options = RunOptions(action=Action.PREVIEW, stacks=list(stacks), diff=True, skip=skip)
            result = run_operations(
                project,
                options,
                prepared,
                partial(progress_listener, sys.stdout, Action.UP),
                partial(print, flush=True),
            )
        return result.outcomes


def code_of(directory: Path, request: Request) -> str:
    """Returns the digest of what carries a request out: the program, its policies and the template of a use case."""
    project = open_project(directory)
    code = code_digest(project)
    if not isinstance(request, CreateUseCaseRequest):
        return code
    template, version = offered_template(directory, request.template)
    return digest([code, template, version or "", template_digest(template, project)])


def _readable(text: str) -> Request | None:
    try:
        return parsed_request(text)
    except BadInputError:
        return None


def _deleted_pipelines(request: DecommissionRequest | RetireUseCaseRequest) -> str:
    prefix = f"{request.subject}--" if isinstance(request, DecommissionRequest) else f"{request.subject}-"
    return f"  deleted, in the accounts of the team: SageMaker pipelines {prefix}*, which builds have created"


def _announced(request: Request) -> str:
    """Returns what a request does beside the changes of stacks."""
    if not isinstance(request, CreateUseCaseRequest):
        return ""
    what = f"the first commit of `{request.subject}-build` is generated from the template `{request.template}`"
    return f"After the deployment, {what}. It starts a build.\n\n"
