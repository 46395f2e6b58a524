"""The looks of a runner: once, until nothing is due, or until somebody interrupts it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from selfservice.catalog.change_requests import ChangeRequests
from selfservice.catalog.items import CatalogItems
from selfservice.errors import ExitCode, RefusedError
from selfservice.request_runner.observer import Observer
from selfservice.request_runner.team_look import TeamLook
from selfservice.request_runner.use_case_look import UseCaseLook
from selfservice.settings_repository.publisher import Publisher


@dataclass(frozen=True, kw_only=True, slots=True)
class Looks:
    """Repeats looks at requests. Each begins with what is new in the settings, and publishes what it has committed."""

    teams: TeamLook
    use_cases: UseCaseLook | None
    """None if only requests for teams are looked at."""
    observer: Observer
    publisher: Publisher | None
    """Publisher that merges new settings and publishes commits; None if nothing is merged and published."""
    drain: bool = False
    """Whether to look again until nothing is due any more."""
    every_seconds: int | None = None
    """Seconds between two looks; None to end after the first one, or with ``drain`` after the last one."""
    pause: Callable[[float], None] = time.sleep

    def run(self) -> ExitCode:
        """Looks as often as it should, and returns the worst exit code. Raises: BadInputError, InterruptedRunError."""
        status = ExitCode.OK
        before: list[str] = []
        while True:
            done: list[str] = []
            status = max(status, self._look(done))
            # What a look repeats waits for somebody: for example, whether approvers are still in the platform team.
            if self.drain and done and done != before:
                before = done
            elif self.every_seconds is not None:
                self.pause(self.every_seconds)
            else:
                return status

    def _look(self, done: list[str]) -> ExitCode:
        received = self.publisher is None or self._is_possible(self.publisher.receive)
        changed = self.teams.look(done) if received else ExitCode.REFUSED
        created = ExitCode.OK if self.use_cases is None else self.use_cases.look(done)
        finished = self.publisher is None or self._is_possible(self.publisher.finish)
        return max(changed, created, ExitCode.OK if finished else ExitCode.REFUSED)

    def _is_possible(self, exchange: Callable[[], None]) -> bool:
        """Merges or publishes. Returns False if that is impossible, and reports why."""
        try:
            exchange()
        except RefusedError as error:
            self.observer.refused(str(error))
            return False
        return True


def has_open_requests(catalog: CatalogItems | None, use_cases: UseCaseLook | None) -> bool:
    """Returns whether a request for a team or a use case waits for a runner, an approval or its time."""
    changes = [] if catalog is None else ChangeRequests(catalog).open_changes()
    return bool(changes) or (use_cases is not None and bool(use_cases.table.open_requests()))
