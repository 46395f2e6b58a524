"""Common steps of all kinds of requests when they are carried out: the steps that do not belong to a stack."""

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
from selfservice.changes.requested.base import RequestForTeam
from selfservice.changes.run_plan import Call
from selfservice.changes.team_record import team_record
from selfservice.durable.node import NodeResult
from selfservice.projects import outputs
from selfservice.projects.project import open_project
from selfservice.runner.process import new_run_directory
from selfservice.runner.runner import Start
from selfservice.settings_repository.publisher import Publisher
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
    """Publisher of the commits; None if they are not published."""
    start: Start
    announce: Callable[[str], None]
    """Tells the user in a line what was pushed."""
    time_limit_minutes: int
    """Minutes after which the operation on a stack is stopped."""

    def running(self, calls: Mapping[str, Call]) -> dict[str, Any]:
        """Returns the arguments of an executor."""
        return {
            "directory": self.directory,
            "logs": self.logs(),
            "start": self.start,
            "calls": calls,
            "time_limit_minutes": self.time_limit_minutes,
        }

    def settings(self, request: RequestForTeam) -> Call:
        """Returns a call that writes and commits the approved settings files of the request."""

        def call(_: Mapping[str, NodeResult]) -> Mapping[str, Any]:
            commit = apply_settings(self.directory, request, self.record, self.approved, self.recycled)
            return {"commit": commit}

        return call

    def published(self, request: RequestForTeam, record: Call) -> Call:
        """Returns a call that records a request, and proposes its commits at the end, when there are no more."""

        def call(needs: Mapping[str, NodeResult]) -> Mapping[str, Any]:
            recorded = record(needs)
            if self.publisher is None:
                return recorded
            who = {"user": self.record.user, "approved_by": self.record.approved_by}
            return {**recorded, "pull_request": self.publisher.publish(self.record.id, request.commit_subject, **who)}

        return call

    def logs(self) -> Path:
        """Returns a new folder for the logs of the operations."""
        return new_run_directory(open_project(self.directory).state_directory)

    def recorded(self, team: str) -> dict[str, str]:
        """Writes the team into the catalog, and commits what the engine has added to the settings files."""
        project = open_project(self.directory)
        foundation = load_cached(project.directory)

        def deployed(_known: TeamRecord | None) -> TeamRecord:
            accounts = outputs.read(project, team, show_secrets=False).get("accounts", {})
            return team_record(foundation, team, accounts, request=self.record.id, now=datetime.now(UTC))

        TeamRecords(self.catalog).update(team, deployed)
        commit_engine_keys(project.directory, team, [stack.name for stack in foundation.stacks if stack.team == team])
        return {}
