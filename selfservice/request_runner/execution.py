"""What carries out an approved request: its plan, and the steps of the plan that are not of a stack."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from selfservice.catalog.change_record import ChangeRecord
from selfservice.catalog.items import CatalogItems
from selfservice.catalog.team_records import TeamRecord, TeamRecords
from selfservice.changes.apply_settings import apply_settings, commit_engine_keys
from selfservice.changes.approvable import Approvable
from selfservice.changes.plan import FIRST_COMMIT, Step, plan, with_first_commit
from selfservice.changes.requested.decommission_request import DecommissionRequest
from selfservice.changes.requested.reading import Request
from selfservice.changes.requested.use_case_requests import CreateUseCaseRequest, RetireUseCaseRequest
from selfservice.changes.run_plan import Call, PlanExecutor
from selfservice.changes.team_record import team_record
from selfservice.decommission.plan import retirement_plan
from selfservice.decommission.reviewed_decommission import DESTROYED
from selfservice.decommission.run_decommission import Decommission, DecommissionExecutor, steps_of_decommission
from selfservice.decommission.run_retirement import Retirement
from selfservice.durable.node import NodeResult
from selfservice.engine import outputs
from selfservice.errors import RefusedError
from selfservice.reports import delivery
from selfservice.request_runner.requested_use_case import first_commit_of, note_of
from selfservice.requests.commit_message import SUBJECTS
from selfservice.requests.settings_publisher import Publisher
from selfservice.runner.process import new_run_directory
from selfservice.runner.project import open_project, rehearsals_of
from selfservice.runner.runner import Start
from selfservice.use_cases.first_commit import pushed_commit
from selfservice.use_cases.template_version import template_version
from settings.derived.foundation import Foundation
from settings.files.validation_cache import load_cached


@dataclass(frozen=True, kw_only=True, slots=True)
class Execution:
    """The execution of one approved request."""

    directory: Path
    catalog: CatalogItems
    folder: Path
    """Folder of the request."""
    record: ChangeRecord
    approved: Approvable
    recycled: Sequence[str]
    """Ids of the accounts that a new team uses first."""
    publisher: Publisher | None
    """What publishes the commits; None if nothing does."""
    start: Start
    announce: Callable[[str], None]
    """Tells the user in a line what was pushed."""
    time_limit_minutes: int
    """Minutes after which the operation on a stack is stopped."""

    def planned(self, request: Request, after: Foundation) -> tuple[Sequence[Step], PlanExecutor]:
        """Returns the steps of the request, and what executes them. ``after`` are the settings that it asks for."""
        if isinstance(request, DecommissionRequest):
            return self._decommission(request, after)
        if isinstance(request, RetireUseCaseRequest):
            return self._retirement(request, after)
        steps = plan(after.overview.graph, rehearsals_of(after), list(self.approved.reasons), self.approved.steps)
        calls = {**self._settings(), "catalog": self._published(request, lambda _: self._recorded(request.team))}
        if isinstance(request, CreateUseCaseRequest):
            steps = with_first_commit(steps)
            calls[FIRST_COMMIT] = lambda _: self._pushed(request)
        return steps, PlanExecutor(**self._running(calls))

    def _decommission(self, request: DecommissionRequest, after: Foundation) -> tuple[Sequence[Step], PlanExecutor]:
        decommission = Decommission(
            directory=self.directory,
            folder=self.folder / "destroyed",
            catalog=self.catalog,
            team=request.team,
            record=self.record,
        )
        calls = {
            **self._settings(),
            "evidence": lambda _: decommission.evidence(),
            "residue": decommission.residue,
            "catalog": self._published(request, decommission.finish),
        }
        steps = steps_of_decommission(request.team, after, rehearsals_of(after), self.approved)
        return steps, DecommissionExecutor(**self._running(calls), workspace=decommission.workspace)

    def _retirement(self, request: RetireUseCaseRequest, after: Foundation) -> tuple[Sequence[Step], PlanExecutor]:
        retirement = Retirement(
            directory=self.directory,
            folder=self.folder / "destroyed",
            catalog=self.catalog,
            request=request,
            record=self.record,
        )

        def finish(needs: Mapping[str, NodeResult]) -> dict[str, str]:
            retirement.finish(needs)
            return self._recorded(request.team)

        calls: dict[str, Call] = {
            **self._settings(),
            "evidence": lambda _: retirement.evidence(),
            "catalog": self._published(request, finish),
        }
        updated = [stack for stack, reason in self.approved.reasons.items() if reason != DESTROYED]
        graph, rehearsals = after.overview.graph, rehearsals_of(after)
        steps = retirement_plan(request.subject, graph, rehearsals, updated, self.approved.steps)
        return steps, DecommissionExecutor(**self._running(calls), workspace=retirement.workspace)

    def _running(self, calls: Mapping[str, Call]) -> dict[str, Any]:
        """Returns the arguments of an executor."""
        return {
            "directory": self.directory,
            "logs": self._logs(),
            "start": self.start,
            "calls": calls,
            "time_limit_minutes": self.time_limit_minutes,
        }

    def _settings(self) -> dict[str, Call]:
        return {
            "settings": lambda _: {"commit": apply_settings(self.directory, self.record, self.approved, self.recycled)}
        }

    def _published(self, request: Request, record: Call) -> Call:
        """Returns a call that records a request, and proposes its commits at the end, when there are no more."""

        def call(needs: Mapping[str, NodeResult]) -> Mapping[str, Any]:
            recorded = record(needs)
            if self.publisher is None:
                return recorded
            title = f"{SUBJECTS[request.action]} {request.subject}"
            who = {"user": self.record.user, "approved_by": self.record.approved_by}
            return {**recorded, "pull_request": self.publisher.publish(self.record.id, title, **who)}

        return call

    def _logs(self) -> Path:
        return new_run_directory(open_project(self.directory).state_directory)

    def _pushed(self, request: CreateUseCaseRequest) -> dict[str, str]:
        """Pushes the first commits of a use case, and returns what a person has to know about them."""
        project = open_project(self.directory)
        template = template_version(self.directory, request.template)
        if str(template) != self.approved.template:
            raise RefusedError(
                f"nothing was pushed: the approved template is {self.approved.template}, and it is now {template}"
            )
        first = first_commit_of(self.directory, self.record.id, request.team, request, template)
        made = pushed_commit(project, first, delivery.place_of(project, request.subject).tooling, self.announce)
        pushed = f"pushed the first commit {(made.commit or '')[:7]} to {made.repository}"
        return {"note": note_of(made, first) or pushed}

    def _recorded(self, team: str) -> dict[str, str]:
        """Writes the team into the catalog, and commits what the engine has added to the settings files."""
        project = open_project(self.directory)
        foundation = load_cached(project.directory)

        def deployed(_known: TeamRecord | None) -> TeamRecord:
            accounts = outputs.read(project, team, show_secrets=False).get("accounts", {})
            return team_record(foundation, team, accounts, request=self.record.id, now=datetime.now(UTC))

        TeamRecords(self.catalog).update(team, deployed)
        commit_engine_keys(project.directory, team, [one.name for one in foundation.stacks if one.team == team])
        return {}
