"""Logs of builds: CodeBuild writes them to the log group of the project in the tooling account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from selfservice.engine.account_access import Account
from selfservice.reports import delivery
from selfservice.reports.build_comments import text_of
from selfservice.reports.delivery import DeliveryPlace
from selfservice.reports.logs.events import Log
from selfservice.reports.logs.logged import TOOLING_READERS, Logged


@dataclass(frozen=True, slots=True)
class BuildLogs:
    """Builds of the build project of a use case."""

    place: DeliveryPlace

    def newest(self) -> list[Logged]:
        """Returns the newest builds, the newest first."""
        return [
            Logged(what="build", id=str(row["build"]), status=str(row["status"]), started=str(row["started"]))
            for row in delivery.builds(self.place)
        ]

    def summary(self, logged: Logged) -> Sequence[str]:
        """Returns what the build posted on its commit, or else what its failed phases report."""
        build = self._build(logged)
        commit = str(build.get("resolvedSourceVersion", ""))
        repository = self.place.names.repository("build")
        posted = commit and text_of(self.place.tooling, repository, commit, str(build["id"]))
        return (posted or "").splitlines() or failed_phases(build)

    def logs(self, logged: Logged) -> Sequence[Log]:
        """Returns the log of the build; none if the project has no log in CloudWatch Logs."""
        return logs_of_builds(self.place.tooling, [self._build(logged)])

    def _build(self, logged: Logged) -> Mapping[str, Any]:
        (found,) = builds_of(self.place.tooling, [f"{self.place.names.build_project}:{logged.id}"])
        return found


def builds_of(account: Account, ids: Sequence[str]) -> list[Mapping[str, Any]]:
    """Returns builds of CodeBuild by their ids with the names of their projects. One that has expired is left out."""
    return list(account.client("codebuild").batch_get_builds(ids=list(ids))["builds"]) if ids else []


def logs_of_builds(account: Account, builds: Iterable[Mapping[str, Any]]) -> list[Log]:
    """Returns the logs of builds. A build has none before it starts."""
    places = [build.get("logs", {}) for build in builds]
    return [
        Log(account=account, group=place["groupName"], stream=place["streamName"], readers=TOOLING_READERS)
        for place in places
        if place.get("groupName") and place.get("streamName")
    ]


def failed_phases(build: Mapping[str, Any]) -> list[str]:
    """Returns a line for each message of a phase that did not succeed."""
    return [
        f"{phase['phaseType']}: {context['message']}"
        for phase in build.get("phases", [])
        if phase.get("phaseStatus", "SUCCEEDED") not in ("SUCCEEDED", "IN_PROGRESS")
        for context in phase.get("contexts", [])
        if context.get("message")
    ]
