"""One look of a runner at the requests for teams."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from selfservice.catalog.change_requests import ChangeRequests
from selfservice.catalog.items import CatalogItems
from selfservice.catalog.kept_requests import kept
from selfservice.errors import ExitCode, RefusedError
from selfservice.projects.project import Project
from selfservice.request_runner.observer import Observer
from selfservice.request_runner.old_runs import remove_old_runs
from selfservice.request_runner.work import RunnerWork
from selfservice.request_tables.runner_process import RunnerProcess
from selfservice.requests.run_changes import run_open_changes
from selfservice.settings_repository.publisher import Publisher
from selfservice.settings_repository.request_history import RequestHistory


@dataclass(frozen=True, kw_only=True, slots=True)
class TeamLook:
    """Looks at the open requests for teams, and removes the runs of old ones."""

    project: Project
    catalog: Callable[[], CatalogItems | None]
    """Returns the team catalog; None if it is not deployed and nobody needs it. Raises: BadInputError."""
    work: Callable[[CatalogItems], RunnerWork]
    """Returns what is done for the requests of a catalog."""
    observer: Observer
    publisher: Publisher | None = None
    """Publisher of the commits of a request; None if they are not published."""
    only: str | None = None
    """Id of the only request to look at, also if it failed before; None for all open ones."""

    def look(self, done: list[str]) -> ExitCode:
        """Looks once, and adds what was done to ``done``.

        Returns FAILED if a request failed, and REFUSED if the history of requests could not be kept.

        Raises: InterruptedRunError if the run of a request is interrupted or another process works on it.
        """
        catalog = self.catalog()
        if catalog is None:
            return ExitCode.OK
        status = ExitCode.OK
        history, requests = RequestHistory.of(self.project.directory), ChangeRequests(catalog)
        try:
            for handled in run_open_changes(requests, RunnerProcess.current(), self.work(catalog), only=self.only):
                self.observer.handled(handled)
                done.append(f"{handled.id} {handled.state} {handled.note}")
                status = ExitCode.FAILED if handled.state == "failed" else status
                if history is not None:
                    history.write(handled.id, kept(catalog, handled.id), f"{handled.id}: {handled.state}")
            for removed in remove_old_runs(self._runs, requests, requests.now()):
                self.observer.removed(removed)
            if history is not None and self.publisher is not None:
                history.exchange(self.publisher.branch.remote)
        except RefusedError as error:  # of the history, because requests that are refused are handled
            self.observer.refused(str(error))
            return max(status, ExitCode.REFUSED)
        return status

    @property
    def _runs(self) -> Path:
        return self.project.state_directory / "requests"
