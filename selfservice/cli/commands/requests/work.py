"""What a runner of ``plinth requests run`` does for requests for teams."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from selfservice.catalog.change_record import ChangeRecord
from selfservice.catalog.change_requests import ChangeRequests
from selfservice.catalog.items import CatalogItems
from selfservice.catalog.team_records import TeamRecords
from selfservice.changes.apply_settings import apply_settings, commit_engine_keys
from selfservice.changes.approvable import Approvable
from selfservice.changes.approvers import departed
from selfservice.changes.change_text import title_of
from selfservice.changes.plan import Step, plan
from selfservice.changes.requested.decommission_request import DecommissionRequest
from selfservice.changes.requested.reading import Request, parsed_request
from selfservice.changes.requested.team_request import TeamRequest
from selfservice.changes.review_change import review_change
from selfservice.changes.reviewed_change import ReviewedChange, code_digest
from selfservice.changes.run_changes import Deployed
from selfservice.changes.run_plan import Call, PlanExecutor
from selfservice.changes.settings_change import settings_change
from selfservice.changes.team_record import team_record
from selfservice.cli.commands.requests.durable_run import run_durably
from selfservice.cli.progress import progress_listener
from selfservice.decommission.review_decommission import review_decommission
from selfservice.decommission.reviewed_decommission import ReviewedDecommission
from selfservice.decommission.run_decommission import (
    Decommission,
    DecommissionExecutor,
    changed_since,
    steps_of_decommission,
)
from selfservice.engine import outputs
from selfservice.engine.account_suspension import recycled_accounts
from selfservice.errors import RefusedError
from selfservice.forks.prepared import PreparedProcess
from selfservice.removal.removal_text import described
from selfservice.reviews.comment import as_markdown
from selfservice.runner.operation import Action, Outcome
from selfservice.runner.process import new_run_directory
from selfservice.runner.project import Project, open_project, rehearsals_of
from selfservice.runner.session import RunOptions, run_operations
from selfservice.runner.states import account_of_organization
from settings.derived.foundation import Foundation
from settings.files.validation_cache import load_cached


@dataclass(frozen=True, slots=True)
class RunnerWork:
    """The work of a runner in one project."""

    directory: Path
    catalog: CatalogItems

    def review(self, id_: str, request: Request) -> ReviewedChange | ReviewedDecommission:
        folder = self._folder(id_) / "project"
        if isinstance(request, DecommissionRequest):
            return review_decommission(
                self.directory, request, folder, self._previewed, open_requests=self._open_requests(id_, request.team)
            )
        return review_change(self.directory, request, folder, self._previewed, recycled=self._recycled())

    def markdown(self, reviewed: ReviewedChange | ReviewedDecommission, limit: int) -> str:
        if isinstance(reviewed, ReviewedChange):
            return as_markdown(reviewed.review, limit=limit)
        listed = described(reviewed.removal)
        if reviewed.updates is None or not reviewed.updates.stacks:
            return listed[:limit]
        return f"{listed}\n\n{as_markdown(reviewed.updates.review, limit=max(limit - len(listed) - 2, 0))}"[:limit]

    def outdated(self, request: Request, approved: Approvable) -> str | None:
        files = settings_change(self.directory, request, self._recycled()).digests
        changed = approved.difference(files, code_digest(open_project(self.directory)))
        if changed is None and isinstance(request, DecommissionRequest):
            return changed_since(self.directory, request.team, approved)
        return changed

    def departed(self, approvers: Sequence[str]) -> Sequence[str]:
        return departed(open_project(self.directory), approvers)

    def deploy(self, record: ChangeRecord, approved: Approvable) -> Deployed:
        if approved.code != code_digest(open_project(self.directory)):
            raise RefusedError(
                "the program or its policies have changed since the approval: deploy the rest with `plinth up`, or "
                "request it again"
            )
        request = parsed_request(record.text)
        after = settings_change(self.directory, request, self._recycled()).foundation
        with closing(PreparedProcess()) as prepared:
            prepared.prepare(list(approved.reasons))
            steps, executor = self._planned(record, request, approved, after, prepared)
            return run_durably(self.directory, record, approved.digest, steps, executor)

    def _planned(
        self,
        record: ChangeRecord,
        request: Request,
        approved: Approvable,
        after: Foundation,
        prepared: PreparedProcess,
    ) -> tuple[Sequence[Step], PlanExecutor]:
        """Returns the steps of an approved request, and what executes them."""
        logs = new_run_directory(open_project(self.directory).state_directory)
        rehearsals = rehearsals_of(after)
        calls: dict[str, Call] = {
            "settings": lambda _: {"commit": apply_settings(self.directory, record, approved, self._recycled())}
        }
        if isinstance(request, TeamRequest):
            calls["catalog"] = lambda _: self._record(request.team, record.id)
            executor = PlanExecutor(directory=self.directory, logs=logs, prepared=prepared, calls=calls)
            return plan(after.overview.graph, rehearsals, list(approved.reasons), approved.steps), executor
        decommission = Decommission(
            directory=self.directory,
            folder=self._folder(record.id) / "destroyed",
            catalog=self.catalog,
            team=request.team,
            record=record,
        )
        calls |= {
            "evidence": lambda _: decommission.evidence(),
            "residue": decommission.residue,
            "catalog": decommission.finish,
        }
        steps = steps_of_decommission(request.team, after, rehearsals, approved)
        return steps, DecommissionExecutor(
            directory=self.directory, logs=logs, prepared=prepared, calls=calls, decommission=decommission
        )

    def _folder(self, id_: str) -> Path:
        return open_project(self.directory).state_directory / "requests" / id_

    def _recycled(self) -> list[str]:
        """Returns the ids of the accounts that new teams use first."""
        organization = account_of_organization(open_project(self.directory))
        return [] if organization is None else recycled_accounts(organization)

    def _open_requests(self, id_: str, team: str) -> list[str]:
        """Returns the ids of other open requests for a team."""
        others = [one for one in ChangeRequests(self.catalog).open_changes() if one.id != id_]
        return [one.id for one in others if title_of(one.text).endswith(f" {team}")]

    def _record(self, team: str, request: str) -> dict[str, str]:
        """Writes the team into the catalog, and commits what the engine has added to the settings files."""
        project = open_project(self.directory)
        foundation = load_cached(project.directory)
        accounts = outputs.read(project, team, show_secrets=False).get("accounts", {})
        now = datetime.now(UTC)
        TeamRecords(self.catalog).write(team_record(foundation, team, accounts, request=request, now=now))
        commit_engine_keys(project.directory, team, [one.name for one in foundation.stacks if one.team == team])
        return {}

    def _previewed(self, project: Project, stacks: Sequence[str]) -> Mapping[str, Outcome]:
        with closing(PreparedProcess()) as prepared:
            prepared.prepare(list(stacks))
            options = RunOptions(action=Action.PREVIEW, stacks=list(stacks), diff=True)
            result = run_operations(
                project,
                options,
                prepared,
                partial(progress_listener, sys.stdout, Action.UP),
                partial(print, flush=True),
            )
        return result.outcomes
