"""Removes the runs of requests that ended long ago. What the team catalog records about them stays."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from selfservice.catalog.change_requests import ChangeRequests
from selfservice.durable.run_lock import RunIsLockedError

KEPT_DAYS = 30
"""Days after the end of a request in which its run can be examined. A review is valid for seven."""
_RUN = "run"


def remove_old_runs(folder: Path, requests: ChangeRequests, now: datetime) -> Iterator[str]:
    """Removes the folders of requests that ended more than :data:`KEPT_DAYS` ago, with their workflows, and yields ids.

    ``folder`` contains a folder for each request. Requests that are open or that the catalog does not have stay.
    """
    for own in sorted(folder.iterdir()) if folder.is_dir() else ():
        if now.timestamp() - _changed(own) <= timedelta(days=KEPT_DAYS).total_seconds():
            continue  # without asking the catalog
        ended = _ended(requests, own.name)
        if ended is None or now - ended <= timedelta(days=KEPT_DAYS):
            continue
        if (own / _RUN).is_dir():
            from selfservice.durable.workflow import forget_run  # importing DBOS takes more than a second

            try:
                forget_run(own.name, own / _RUN)
            except RunIsLockedError:
                continue
        shutil.rmtree(own)
        yield own.name


def _changed(own: Path) -> float:
    """Returns the time of the last change below the folder of a request, in seconds since the epoch."""
    run = own / _RUN
    times: list[float] = [path.stat().st_mtime for path in (own, *(run.iterdir() if run.is_dir() else ()))]
    return max(times)


def _ended(requests: ChangeRequests, id_: str) -> datetime | None:
    """Returns when a request ended; None if it has not, or if the catalog does not have it."""
    record = requests.record(id_)
    if record is None or not record.state.is_final:
        return None
    return requests.changed(id_)
