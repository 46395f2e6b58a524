"""When datasets were last produced, read from AWS Glue with the role of the datasets' stacks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from selfservice.engine.account_access import Account
from selfservice.engine.import_discovery import Search
from selfservice.errors import RefusedError
from selfservice.projects.project import Project
from selfservice.projects.states import resources_by_stack
from settings.data.dataset import Dataset
from settings.derived import lineage

JOB = "aws:glue/job:Job"
MAX_RUNS = 200
"""Number of newest runs to search for a successful one: one page of Glue's GetJobRuns."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Freshness:
    """The newest job runs of one dataset."""

    dataset: str
    made: str
    """The refresh schedule in the dataset's settings."""
    by: str | None
    """Name of the Glue job; None if the dataset has no job or is not deployed."""
    last_made: datetime | None = None
    """End of the last successful run, in UTC."""
    last_run: str | None = None
    """Glue's state of the newest run; None if the job never ran."""


def freshness_of(project: Project, datasets: Sequence[Dataset]) -> list[Freshness]:
    """Returns the freshness of each dataset, in their order.

    Raises: RefusedError if AWS denies the request.
    """
    stacks = resources_by_stack(project, [dataset.stack for dataset in datasets])
    entered: dict[Account, Account] = {}
    return [_freshness(dataset, stacks[dataset.stack], entered) for dataset in datasets]


def _freshness(dataset: Dataset, resources: Sequence[Mapping[str, Any]], entered: dict[Account, Account]) -> Freshness:
    """Reads the runs of one dataset. All stacks have the same account, whose clients are shared through ``entered``."""
    made = lineage.refresh_schedule(dataset)
    job = next((resource for resource in resources if resource["type"] == JOB), None)
    if job is None:
        return Freshness(dataset=dataset.name, made=made, by=None)
    account = Search({"resources": resources}).account_of(job)
    runs = _runs(entered.setdefault(account, account), job["id"])
    succeeded = (run["CompletedOn"].astimezone(UTC) for run in runs if run["JobRunState"] == "SUCCEEDED")
    return Freshness(
        dataset=dataset.name,
        made=made,
        by=job["id"],
        last_made=next(succeeded, None),
        last_run=runs[0]["JobRunState"] if runs else None,
    )


def _runs(account: Account, job: str) -> list[dict[str, Any]]:
    """Returns the newest runs of a job, the newest first."""
    from botocore.exceptions import ClientError  # imported here, because only this report calls AWS

    try:
        runs = list(islice(account.every("glue", "get_job_runs", "JobRuns", JobName=job), MAX_RUNS))
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "an error")
        raise RefusedError(
            f"the account {account.id} answered {code}: its runs of {job} are told to roles that may glue:GetJobRuns"
        ) from error
    return sorted(runs, key=lambda run: run["StartedOn"], reverse=True)


def as_text(found: Iterable[Freshness]) -> str:
    """Returns a line per dataset."""
    return "\n".join(f"{freshness.dataset}: {_told(freshness)}" for freshness in found) or "There are no datasets."


def _told(freshness: Freshness) -> str:
    if freshness.by is None:
        return f"made {freshness.made}; no job of the lake that is up makes it"
    newest = "" if freshness.last_run in (None, "SUCCEEDED") else f", newest run {freshness.last_run}"
    last = "never made yet" if freshness.last_made is None else f"last made {freshness.last_made:%Y-%m-%d %H:%M} UTC"
    return f"{last} by {freshness.by}{newest}; made anew {freshness.made}"


def as_json(found: Iterable[Freshness]) -> str:
    return json.dumps({"datasets": [_document(freshness) for freshness in found]}, indent=2)


def _document(freshness: Freshness) -> dict[str, str | None]:
    return {
        "dataset": freshness.dataset,
        "made": freshness.made,
        "by": freshness.by,
        "last_made": None if freshness.last_made is None else freshness.last_made.isoformat(timespec="seconds"),
        "last_run": freshness.last_run,
    }
