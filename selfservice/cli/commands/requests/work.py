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
from selfservice.catalog.items import CatalogItems
from selfservice.catalog.team_records import TeamRecords
from selfservice.changes.apply_settings import apply_settings, commit_engine_keys
from selfservice.changes.approvable import Approvable
from selfservice.changes.plan import plan
from selfservice.changes.review_change import review_change
from selfservice.changes.reviewed_change import ReviewedChange, code_digest
from selfservice.changes.run_changes import Deployed
from selfservice.changes.run_plan import PlanExecutor
from selfservice.changes.settings_change import settings_change
from selfservice.changes.team_record import team_record
from selfservice.changes.team_request import TeamRequest, parsed_request
from selfservice.cli.commands.requests.durable_run import run_durably
from selfservice.cli.progress import progress_listener
from selfservice.engine import outputs
from selfservice.errors import RefusedError
from selfservice.forks.prepared import PreparedProcess
from selfservice.reviews.comment import as_markdown
from selfservice.runner.operation import Action, Outcome
from selfservice.runner.process import new_run_directory
from selfservice.runner.project import Project, open_project, rehearsals_of
from selfservice.runner.session import RunOptions, run_operations
from settings.files.validation_cache import load_cached


@dataclass(frozen=True, slots=True)
class RunnerWork:
    """The work of a runner in one project."""

    directory: Path
    catalog: CatalogItems

    def review(self, id_: str, request: TeamRequest) -> ReviewedChange:
        folder = open_project(self.directory).state_directory / "requests" / id_ / "project"
        return review_change(self.directory, request, folder, self._previewed)

    def markdown(self, reviewed: ReviewedChange, limit: int) -> str:
        return as_markdown(reviewed.review, limit=limit)

    def outdated(self, request: TeamRequest, approved: Approvable) -> str | None:
        files = settings_change(self.directory, request).digests
        return approved.difference(files, code_digest(open_project(self.directory)))

    def deploy(self, record: ChangeRecord, approved: Approvable) -> Deployed:
        if approved.code != code_digest(open_project(self.directory)):
            raise RefusedError(
                "the program or its policies have changed since the approval: deploy the rest with `plinth up`, or "
                "request it again"
            )
        request = parsed_request(record.text)
        after = settings_change(self.directory, request).foundation
        steps = plan(after.overview.graph, rehearsals_of(after), list(approved.reasons), approved.steps)
        with closing(PreparedProcess()) as prepared:
            prepared.prepare(list(approved.reasons))
            executor = PlanExecutor(
                directory=self.directory,
                logs=new_run_directory(open_project(self.directory).state_directory),
                prepared=prepared,
                commit=partial(apply_settings, self.directory, record, approved),
                record=partial(self._record, request.team, record.id),
            )
            return run_durably(self.directory, record, approved.digest, steps, executor)

    def _record(self, team: str, request: str, project: Project) -> None:
        """Writes the team into the catalog, and commits what the engine has added to the settings files."""
        foundation = load_cached(project.directory)
        accounts = outputs.read(project, team, show_secrets=False).get("accounts", {})
        now = datetime.now(UTC)
        TeamRecords(self.catalog).write(team_record(foundation, team, accounts, request=request, now=now))
        commit_engine_keys(project.directory, team, [one.name for one in foundation.stacks if one.team == team])

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
