"""Interface of observers that show the events of a runner while it looks at requests."""

from __future__ import annotations

from typing import Protocol

from selfservice.requests.request_table import UseCaseClaim
from selfservice.requests.run_changes import Handled
from selfservice.requests.run_requests import FinishedRequest


class Observer(Protocol):
    """Receives what a runner does, in its order."""

    def handled(self, handled: Handled) -> None:
        """Something was done for a request for a team."""

    def removed(self, id_: str) -> None:
        """The workflow and the folder of a request were removed, which ended long ago."""

    def started(self, claim: UseCaseClaim) -> None:
        """The work on a request for a use case has begun, or goes on."""

    def finished(self, finished: FinishedRequest) -> None:
        """The work on a request for a use case has ended."""

    def committed(self, stack: str, commit: str) -> None:
        """The settings of a use case were committed. ``stack`` is that of the use case."""

    def refused(self, reason: str) -> None:
        """Something beside a single request was not possible: to merge, to publish or to keep the history."""
