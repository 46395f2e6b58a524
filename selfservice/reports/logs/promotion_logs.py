"""Logs of promotions: the actions of the pipeline are builds of CodeBuild, with logs in the tooling account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from selfservice.errors import RefusedError
from selfservice.promotions.history import promotions_of, runs_of
from selfservice.promotions.place import PromotionPlace, explained
from selfservice.reports.logs.build_logs import builds_of, failed_phases, logs_of_builds
from selfservice.reports.logs.events import Log, events_of
from selfservice.reports.logs.logged import Logged, most_telling

_STATUSES = ("Failed", "InProgress")
"""Statuses of actions whose logs say more than those of others, the most telling first."""
_OF_CODEBUILD = "[Container]"
"""How lines begin that CodeBuild writes itself."""


@dataclass(frozen=True, slots=True)
class PromotionLogs:
    """Executions of the promotion pipeline of a use case."""

    place: PromotionPlace

    def newest(self) -> list[Logged]:
        """Returns the newest promotions, the newest first. Raises: RefusedError if the credentials do not suffice."""
        with explained():
            return [
                Logged(what="promotion", id=promotion.execution, status=promotion.status, started=promotion.started)
                for promotion in promotions_of(self.place)
            ]

    def summary(self, logged: Logged) -> Sequence[str]:
        """Returns the recorded reason of each stage that failed, or else what its builds report."""
        found = next((promotion for promotion in promotions_of(self.place) if promotion.execution == logged.id), None)
        stages = () if found is None else found.stages
        reasons = [f"{stage.stage}, {stage.action}: {stage.reason}" for stage in stages if stage.reason]
        reasons += [f"{stage.stage}: void, because {fault}" for stage in stages for fault in _faults(stage.approval)]
        if not reasons and logged.has_failed:
            reasons = [line for build in self._telling_builds(logged) for line in failed_phases(build)]
        return [line for reason in reasons for line in reason.splitlines()]

    def logs(self, logged: Logged) -> Sequence[Log]:
        """Returns the logs of the builds that failed, or else of those under way, or else of all."""
        return logs_of_builds(self.place.account, self._telling_builds(logged))

    def last_line(self, execution: str) -> str | None:
        """Returns the last line that the program of the action under way has written; None if there is none, or if the
        credentials may not read its log."""
        try:
            under_way = (run for run in runs_of(self.place, execution) if run["status"] == "InProgress")
            builds = self._builds([build_id for run in under_way for build_id in _build_ids(run)])
            logs = logs_of_builds(self.place.account, builds)
            lines = [event.text for log in logs for event in events_of(log)]
        except RefusedError:
            return None
        return next((line for line in reversed(lines) if line.strip() and not line.startswith(_OF_CODEBUILD)), None)

    def _telling_builds(self, logged: Logged) -> list[Mapping[str, Any]]:
        runs = [(str(run["status"]), run) for run in runs_of(self.place, logged.id)]
        return self._builds(most_telling(runs, _STATUSES, _build_ids))

    def _builds(self, ids: Sequence[str]) -> list[Mapping[str, Any]]:
        """Returns builds in the order of their ids."""
        found = {str(build["id"]): build for build in builds_of(self.place.account, ids)}
        return [found[id_] for id_ in ids if id_ in found]


def _build_ids(action: Mapping[str, Any]) -> Iterator[str]:
    """Yields the id of the build that an action started, if it started one."""
    if action.get("input", {}).get("actionTypeId", {}).get("provider") == "CodeBuild":
        result = action.get("output", {}).get("executionResult", {})
        if result.get("externalExecutionId"):
            yield str(result["externalExecutionId"])


def _faults(approval: Any) -> tuple[str, ...]:
    return () if approval is None else tuple(approval.void)
