"""Records of retrainings, in the registry's bucket. They decide whether another one may start.

A retraining writes its record before anything else, under the next number. S3 accepts one writer for a number, so two
builds that start at the same time cannot both train.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from botocore.exceptions import ClientError
from pydantic import Field

from plinth_project.build.branches.records import Bucket
from plinth_project.documents import Document

_TAKEN = {"PreconditionFailed", "ConditionalRequestConflict"}
"""Errors of a conditional write to an object that exists, or that somebody else writes (Amazon S3 API, PutObject)."""


class Retraining(Document):
    """One retraining."""

    number: int
    """Number of the retraining of the use case, from 1."""
    build_id: str
    started: str
    """When it started, in UTC and ISO 8601."""
    reason: str
    report: str
    """URI of the report of monitoring; empty without one."""
    served_version: str
    """ARN of the version that it has to beat; empty for the latest approved one."""
    execution: str = ""
    """ARN of the execution of the pipeline; empty if it did not start."""
    outcome: Literal["started", "registered", "not better", "failed"] = "started"
    model_package: str | None = None
    reasons: list[str] = Field(default_factory=list)
    """Why no version was registered."""

    @property
    def start(self) -> datetime:
        return datetime.fromisoformat(self.started)


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How often the served model may be trained again."""

    cooldown_days: int
    runs_per_month: int

    def refusal(self, earlier: Sequence[Retraining], now: datetime) -> str:
        """Returns why no retraining may start at ``now``; empty if one may.

        ``earlier`` are the retrainings so far, the oldest first.
        """
        if earlier and now < (end := earlier[-1].start + timedelta(days=self.cooldown_days)):
            return f"the last one started on {earlier[-1].started}, and none starts before {end.isoformat()}"
        of_month = [
            retraining
            for retraining in earlier
            if (retraining.start.year, retraining.start.month) == (now.year, now.month)
        ]
        if len(of_month) >= self.runs_per_month:
            return f"{now:%Y-%m} has had {len(of_month)} of {self.runs_per_month}"
        return ""


def running(earlier: Sequence[Retraining], is_running: Callable[[str], bool]) -> str:
    """Returns that the last retraining still runs; empty if it does not. ``is_running`` tells it of an execution."""
    for last in earlier[-1:]:
        if last.outcome == "started" and last.execution and is_running(last.execution):
            return f"the retraining of {last.build_id} still runs"
    return ""


class Records:
    """The retrainings of a use case."""

    def __init__(self, bucket: Bucket, prefix: str) -> None:
        self._bucket, self._prefix = bucket, prefix

    def all(self) -> list[Retraining]:
        """Returns the retrainings, the oldest first."""
        return [
            Retraining.model_validate_json(self._bucket.read(object_["key"]))
            for object_ in self._bucket.objects(self._prefix)
        ]

    def claim(self, record: Retraining) -> bool:
        """Writes the record of a new retraining. Returns False if another one has its number."""
        try:
            self._bucket.write(self._key(record), _text(record), is_new=True)
        except ClientError as error:
            if error.response["Error"]["Code"] in _TAKEN:
                return False
            raise
        return True

    def update(self, record: Retraining) -> None:
        self._bucket.write(self._key(record), _text(record))

    def _key(self, record: Retraining) -> str:
        return f"{self._prefix}{record.number:05}.json"


def _text(record: Retraining) -> str:
    return record.model_dump_json(indent=2) + "\n"
