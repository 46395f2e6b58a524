"""Work of a runner on requests for teams."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from selfservice.catalog.change_record import ChangeRecord, ChangeState
from selfservice.catalog.change_requests import ChangeRequests
from selfservice.catalog.items import CatalogItems
from selfservice.catalog.request_steps import RequestSteps
from selfservice.changes.approvable import Approvable
from selfservice.changes.requested.base import RequestForTeam
from selfservice.changes.reviewed_change import Reviewed, code_digest
from selfservice.changes.settings_change import settings_change
from selfservice.checks.account_quota import refuse_too_many_accounts
from selfservice.engine.account_suspension import recycled_accounts
from selfservice.errors import BadInputError, RefusedError
from selfservice.forks.prepared import PreparedProcess
from selfservice.operations.limits import DEFAULT_MINUTES, default_jobs
from selfservice.operations.operation import Action, Outcome
from selfservice.projects.project import Project, open_project
from selfservice.projects.states import account_of_organization
from selfservice.request_runner.display import Display
from selfservice.request_runner.durable_run import run_durably
from selfservice.requests.approvers import departed
from selfservice.requests.kinds.execution import Execution
from selfservice.requests.kinds.request import Request
from selfservice.requests.kinds.review_site import ReviewSite
from selfservice.requests.reading.team_requests import parsed_request
from selfservice.requests.run_changes import Deployed
from selfservice.runner.process import LocalWorkers
from selfservice.runner.session import RunOptions, run_operations
from selfservice.settings_repository.publisher import Publisher

if TYPE_CHECKING:
    from selfservice.clusters.placed_workers import PlacedWorkers


@dataclass(frozen=True, slots=True)
class RunnerWork:
    """The work of a runner in one project."""

    directory: Path
    catalog: CatalogItems
    display: Display
    publisher: Publisher | None = None
    """Publisher of the commits of a request; None if they are not published."""
    time_limit_minutes: int = DEFAULT_MINUTES
    """Minutes after which the operation on a stack is stopped."""
    remote: bool = False
    """Whether operations run as Jobs in the cluster of the tooling account where pods may run them."""

    def review(self, id_: str, request: Request) -> Reviewed:
        return request.review(self._site(id_))

    def outdated(self, request: Request, approved: Approvable) -> str | None:
        return request.outdated(self.directory, approved, self._recycled())

    def departed(self, approvers: Sequence[str]) -> Sequence[str]:
        return departed(open_project(self.directory), approvers)

    def deploy(self, record: ChangeRecord, approved: Approvable) -> Deployed:
        request, project = parsed_request(record.text), open_project(self.directory)
        if approved.code != code_digest(project):
            raise RefusedError(
                "the program or its policies have changed since the approval: deploy the rest with `plinth up`, or "
                "request it again"
            )
        if approved.template != (template := request.source(self.directory)):
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
            steps, executor = request.planned(execution, after)
            recorded = RequestSteps(items=self.catalog, request=record.id, runner=record.runner)
            jobs = placed.limit if placed else None
            listening = self.display.listening
            return run_durably(
                self.directory, record, approved.digest, steps, executor, recorded, listening, request.result, jobs
            )

    def _site(self, id_: str) -> ReviewSite:
        return ReviewSite(
            directory=self.directory,
            id=id_,
            folder=self._folder(id_) / "project",
            catalog=self.catalog,
            preview=self._previewed,
            preview_due=partial(self._previewed, skip=True),
            recycled=self._recycled,
            other_requests=partial(self._open_records, id_),
        )

    def _folder(self, id_: str) -> Path:
        return open_project(self.directory).state_directory / "requests" / id_

    def _recycled(self) -> list[str]:
        """Returns the ids of the accounts that new teams use first."""
        organization = account_of_organization(open_project(self.directory))
        return [] if organization is None else recycled_accounts(organization)

    def _open_records(self, id_: str, concerns: Callable[[RequestForTeam], bool]) -> dict[str, ChangeRecord | None]:
        """Returns the records of other open requests that a condition holds for; None before a runner has seen one."""
        requests = ChangeRequests(self.catalog)
        others = [open_change for open_change in requests.open_changes() if open_change.id != id_]
        named = [
            open_change.id
            for open_change in others
            if (found := _readable(open_change.text)) is not None and concerns(found)
        ]
        records = {name: requests.record(name) for name in named}
        return {
            name: record for name, record in records.items() if not record or record.state is not ChangeState.FAILED
        }

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


def _readable(text: str) -> Request | None:
    try:
        return parsed_request(text)
    except BadInputError:
        return None
