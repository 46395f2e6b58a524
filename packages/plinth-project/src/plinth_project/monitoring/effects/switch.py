"""The switch of predictions: an object in the ML bucket, which the function of the API reads.

People turn predictions off and on. A comparison turns them off if the configuration of the release says so, and never
on: a person decides that they are right again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from plinth_project.metadata import metadata_value
from plinth_project.monitoring.reading import printable
from plinth_project.monitoring.report import DRIFT, WORSE, Report
from plinth_project.monitoring.windows import Window

QUALITY = "data quality"
ON, OFF = "on", "off"
JOB = "monitoring"
"""Name under which the job turns predictions off."""
_NAMED = 3
_MISSING = ("404", "NoSuchKey")


@dataclass(frozen=True, kw_only=True)
class Switch:
    """The switch of one use case in one environment."""

    s3: Any
    subject: Mapping[str, Any]

    def stopped(self) -> bool:
        """Returns whether predictions are off. An object that cannot be read stops them, as in the function."""
        return _is_off(self._read())

    def stop(self, report: Report, window: Window, now: datetime) -> str:
        """Turns predictions off if a report gives a reason to, and returns the reason; empty if it does not.

        Predictions that a person has turned on since the window began stay on: the person knew of a part of it.
        """
        reason = reason_to_stop(report, self.subject)
        if not reason:
            return ""
        found = self._read()
        if _is_off(found) or str((found or {}).get("at", "")) >= window.start.isoformat(timespec="seconds"):
            return ""
        state = {"state": OFF, "reason": reason, "by": JOB, "at": now.astimezone(UTC).isoformat(timespec="seconds")}
        body = json.dumps(state, indent=2).encode()
        self.s3.put_object(Bucket=self.subject["bucket"], Key=self.subject["switch"], Body=body)
        return reason

    def _read(self) -> Mapping[str, Any] | None:
        """Returns the object; None if there is none, and an empty one if it cannot be read."""
        try:
            answer = self.s3.get_object(Bucket=self.subject["bucket"], Key=self.subject["switch"])
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                return None
            raise
        try:
            found = json.loads(answer["Body"].read())
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


def _is_off(found: Mapping[str, Any] | None) -> bool:
    return found is not None and found.get("state") != ON


def reason_to_stop(report: Report, subject: Mapping[str, Any]) -> str:
    """Returns why a report stops predictions; empty if it does not. A window with too few rows stops nothing."""
    wanted = set(subject["stops_predictions_on"])
    return metadata_value(" and ".join(text for cause, text in _causes(report, subject) if cause in wanted))


def _causes(report: Report, subject: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if report.verdict in (DRIFT, QUALITY):
        wrong = [finding for finding in report.findings if finding.is_quality and finding.column]
        if wrong:
            yield QUALITY, ", ".join(printable(f"{finding.kind} {finding.column}") for finding in wrong[:_NAMED])
        if report.drifted:
            yield DRIFT, f"drift of {', '.join(map(printable, report.drifted[:_NAMED]))}"
    if worse := report.worse_days(subject["version"]):
        yield WORSE, f"worse predictions on {worse[-1].day}"
