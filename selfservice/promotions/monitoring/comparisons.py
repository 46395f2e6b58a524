"""Comparisons of captured requests with the baseline: their reports in the ML bucket, and the start of one."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from selfservice.errors import BadInputError, RefusedError
from selfservice.promotions.monitoring.places import WATCHES, MonitorPlace
from selfservice.promotions.place import explained
from selfservice.reports.delivery import Row

MOST = 30
"""Number of the newest windows that a report contains."""
_RECENT = timedelta(days=30)
"""Age of the oldest window that is the newest comparison. One listing has all windows of an hour since then."""
_RECENT_VERSIONS = 3
_RECENT_WINDOWS = 3
_REPORT, _QUALITY = "report.json", "quality.json"
_LEVELS = "▁▂▃▄▅▆▇█"
_LOOK_SECONDS = 1.0
_LONGEST_SECONDS = 3600.0
_ENDED = ("Completed", "Failed", "Stopped")
Report = Mapping[str, Any]


def reports(place: MonitorPlace, most: int = MOST, file: str = _REPORT) -> list[Report]:
    """Returns the newest reports, of all versions; the newest first. Raises: RefusedError without the permission."""
    with explained(WATCHES):
        newest = sorted(_keys(place, file), key=lambda key: (key.split("/")[-2], key), reverse=True)[:most]
        client = place.account.client("s3")
        return [json.load(client.get_object(Bucket=place.bucket, Key=key)["Body"]) for key in newest]


def newest_report(place: MonitorPlace, today: date) -> Report | None:
    """Returns the newest report of the last 30 days, of the newest versions that have any; None without one.

    It takes the same few calls however many reports there are. Raises: RefusedError without the permission.
    """
    since = (today - _RECENT).isoformat()
    with explained(WATCHES):
        versions = sorted(_folders(place, place.results))[-_RECENT_VERSIONS:]
        windows = [
            window for version in versions for window in _folders(place, version, StartAfter=f"{version}{since}")
        ]
        newest = sorted(windows, key=lambda folder: (folder.split("/")[-2], folder), reverse=True)
        client = place.account.client("s3")
        for folder in newest[:_RECENT_WINDOWS]:
            try:
                found = client.get_object(Bucket=place.bucket, Key=f"{folder}{_REPORT}")
            except client.exceptions.NoSuchKey:  # a window whose comparison has not ended
                continue
            report: Report = json.load(found["Body"])
            return report
    return None


def _folders(place: MonitorPlace, prefix: str, **more: str) -> list[str]:
    """Returns the first folders below a prefix, by one call."""
    found = place.account.client("s3").list_objects_v2(Bucket=place.bucket, Prefix=prefix, Delimiter="/", **more)
    return [common_prefix["Prefix"] for common_prefix in found.get("CommonPrefixes", [])]


def newest_rows(places: Sequence[MonitorPlace]) -> list[Row]:
    """Returns a row for each place: its newest comparison, if there is one."""
    return [
        {"use_case": place.names.prefix, **(next(iter(rows(reports(place, most=1))), {"verdict": "not compared yet"}))}
        for place in places
    ]


def qualities(place: MonitorPlace) -> list[Report]:
    """Returns the quality of the newest days whose ground truth has arrived, of all versions; the newest first."""
    return reports(place, file=_QUALITY)


def _keys(place: MonitorPlace, file: str) -> list[str]:
    found = place.account.every("s3", "list_objects_v2", "Contents", Bucket=place.bucket, Prefix=place.results)
    return [object_["Key"] for object_ in found if object_["Key"].endswith(f"/{file}")]


def rows(found: Sequence[Report]) -> list[Row]:
    """Returns a row for each report."""
    return [
        {
            "window": report["window"],
            "version": str(report["version"]).rpartition("/")[2],
            "rows": str(report["rows"]),
            "verdict": report["verdict"],
            "drifted": " ".join(_drifted(report)) or None,
            "findings": "; ".join(dict.fromkeys(_about(finding) for finding in report["findings"])) or None,
        }
        for report in found
    ]


def _drifted(report: Report) -> Iterator[str]:
    """Yields what has drifted. Reports of earlier releases know columns only."""
    yield from (column["name"] for column in report["columns"] if column["drifted"])
    yield from dict.fromkeys(f"bias:{group['facet']}" for group in _groups(report) if group["drifted"])
    if (report.get("attributions") or {}).get("drifted"):
        yield "attributions"


def _groups(report: Report) -> Iterator[Report]:
    """Yields comparisons of groups: those of the window, and those of days whose ground truth has arrived."""
    yield from report.get("groups") or ()
    yield from (group for day in report.get("days") or () for group in day.get("groups") or ())


def quality_rows(found: Sequence[Report]) -> list[Row]:
    """Returns a row for each day whose ground truth has arrived."""
    return [
        {
            "day": report["day"],
            "version": str(int(report["version"])),
            "rows": str(report["rows"]),
            "labelled": f"{report['labelled'] / max(report['rows'], 1):.0%}",
            "measure": report["measure"] or None,
            "trained": _number(report["trained"]),
            "now": _number(report["now"]),
            "verdict": report["verdict"],
            "groups": "; ".join(_of_group(group) for group in report.get("groups") or () if group["drifted"]) or None,
        }
        for report in found
    ]


def _of_group(group: Report) -> str:
    return f"{group['facet']} {group['measure']} {group['now']:+.2f} ({group['trained']:+.2f} in training)"


def _about(finding: Report) -> str:
    return f"{finding['kind']} {finding['column']}".strip()


def columns(found: Sequence[Report], wanted: Sequence[str]) -> list[Row]:
    """Returns a row for each column: its newest distance, and those of all windows as a line, oldest first.

    ``wanted`` are names of columns; empty for all. Raises: BadInputError for a column that no report has.
    """
    history: dict[str, list[Report]] = {}
    for report in reversed(found):
        for column in report["columns"]:
            history.setdefault(column["name"], []).append(column)
    if unknown := [name for name in wanted if name not in history]:
        raise BadInputError(f"no report has a column {', '.join(unknown)}; there are: {', '.join(history) or 'none'}")
    return [
        {
            "column": name,
            "group": windows[-1]["group"],
            "distance": _number(windows[-1]["distance"]),
            "psi": _number(windows[-1]["psi"]),
            "drifted": "yes" if windows[-1]["drifted"] else "no",
            "history": sparkline([window["distance"] for window in windows]),
        }
        for name, windows in history.items()
        if not wanted or name in wanted
    ]


def _number(value: float | None) -> str | None:
    return None if value is None else f"{value:.3f}"


def sparkline(values: Sequence[float | None]) -> str:
    """Returns a character for each value between 0 and 1, and a space for none."""
    return "".join(
        " " if value is None else _LEVELS[min(int(value * len(_LEVELS)), len(_LEVELS) - 1)] for value in values
    )


def start(place: MonitorPlace, window: str | None) -> str:
    """Starts the comparison of a window, by default the present one, and returns it when it has ended.

    Raises: BadInputError for a window that the function refuses; RefusedError without the permission, or if the job
    fails.
    """
    return str(run_job(place, {} if window is None else {"window": window})["window"])


def run_job(place: MonitorPlace, event: Mapping[str, Any]) -> dict[str, Any]:
    """Starts a job by the function of monitoring, waits until it has ended, and returns what the function answered.

    Raises: BadInputError for an event that the function refuses; RefusedError without the permission, or if the job
    fails.
    """
    from botocore.exceptions import ClientError

    function = f"{place.prefix}-start-monitor"
    client = place.account.client("lambda")
    with explained(WATCHES):
        try:
            answer = client.invoke(FunctionName=function, Payload=json.dumps(event))
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            raise RefusedError(f"{error}; release a version whose inference_config has `monitoring`") from error
        found: dict[str, Any] = json.load(answer["Payload"])
        if "FunctionError" in answer:
            raise BadInputError(str(found.get("errorMessage", found)))
        _wait(place, found["job"])
    return found


def _wait(place: MonitorPlace, job: str) -> None:
    client, until = place.account.client("sagemaker"), time.monotonic() + _LONGEST_SECONDS
    while time.monotonic() < until:
        found = client.describe_processing_job(ProcessingJobName=job)
        if (status := found["ProcessingJobStatus"]) in _ENDED:
            if status != "Completed":
                raise RefusedError(f"the job {job} is {status}: {found.get('FailureReason', 'without a reason')}")
            return
        time.sleep(_LOOK_SECONDS)
    raise RefusedError(f"the job {job} has not ended after {_LONGEST_SECONDS:.0f} seconds")
