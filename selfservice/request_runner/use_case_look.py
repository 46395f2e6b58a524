"""One look of a runner at the requests for use cases."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from selfservice.errors import ExitCode
from selfservice.request_runner.observer import Observer
from selfservice.request_runner.requested_use_case import create_requested
from selfservice.request_tables.runner_process import RunnerProcess
from selfservice.requests.reading.use_case_requests import parsed_request
from selfservice.requests.request_table import RequestTable
from selfservice.requests.run_requests import FinishedRequest, run_open_requests
from selfservice.settings_repository.commits import SettingsRepository
from selfservice.use_cases.creation import Surface
from settings.types.redaction import shown


@dataclass(frozen=True, kw_only=True, slots=True)
class UseCaseLook:
    """Looks at the open requests for use cases, and creates what they ask for."""

    directory: Path
    """Project directory, whose settings get the use cases."""
    table: RequestTable
    settings: SettingsRepository | None
    """Repository that commits the changed settings; None if they are not committed."""
    creation: Surface
    """Surface of the creations. It asks nobody and does not wait."""
    observer: Observer

    def look(self, done: list[str]) -> ExitCode:
        """Looks once, creates the use cases, and adds the ids of their requests to ``done``.

        Returns FAILED if a creation failed.
        """
        create = partial(create_requested, self.directory, self.creation)
        status = ExitCode.OK
        runner = RunnerProcess.current()
        for finished in run_open_requests(self.table, runner, create, started=self.observer.started):
            self.observer.finished(finished)
            done.append(finished.request.id)
            self._commit(finished)
            status = ExitCode.FAILED if finished.result.state == "failed" else status
        return status

    def _commit(self, finished: FinishedRequest) -> None:
        """Commits what a creation has changed in the settings, also if it failed later."""
        if self.settings is None or finished.result.state == "refused":
            return
        request = finished.request
        name = parsed_request(request.text).name
        made = self.settings.commit(request.team, name, f"Requested by {shown(request.user)} as {shown(request.id)}.")
        if made is not None:
            self.observer.committed(f"{request.team}--{name}", made)
