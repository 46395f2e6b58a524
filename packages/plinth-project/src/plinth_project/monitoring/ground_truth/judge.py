"""Joins ground truth with the predictions of the last days, of all versions, and judges each day.

Truth arrives late, and the version that predicted may no longer be served. So each comparison keeps its predictions and
what is known of the quality of its version, and every later one judges the days for which labels have arrived.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from scipy import stats

from plinth_project.monitoring.baseline import Baseline, Quality
from plinth_project.monitoring.ground_truth.bias import group_qualities
from plinth_project.monitoring.ground_truth.labels import Labels, read_labels
from plinth_project.monitoring.ground_truth.measure import day_quality
from plinth_project.monitoring.ground_truth.predictions import SUFFIX, Kept, read_predictions
from plinth_project.monitoring.groups import Facet
from plinth_project.monitoring.reading import objects
from plinth_project.monitoring.report import BIAS, DayQuality, Finding, Limits, Report, Verdict
from plinth_project.monitoring.windows import Window

QUALITY = "quality.json"
"""Name of the objects with the quality of a version on a day, and with that of a version on validation data."""
GROUND_TRUTH = "ground truth"
"""Kind of the findings about it."""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """Results from the ground truth that has arrived since the last comparison."""

    days: list[DayQuality] = field(default_factory=list)
    """Days with other labels than before."""
    findings: list[Finding] = field(default_factory=list)

    def added_to(self, report: Report) -> Report:
        """Returns the report of the comparison with both."""
        verdict: Verdict = "data quality" if self.findings and report.verdict == "quiet" else report.verdict
        if any(finding.kind == BIAS for finding in self.findings):
            verdict = "drift"
        return replace(report, days=self.days, findings=[*report.findings, *self.findings], verdict=verdict)


@dataclass(kw_only=True)
class _Day:
    """Predictions of a version on a day that have a label, and the number of all."""

    pairs: list[tuple[float, str]] = field(default_factory=list)
    values: list[Mapping[str, Any]] = field(default_factory=list)
    """Values of the columns of facets, for each of the predictions."""
    rows: int = 0

    def add(self, kept: Kept, labels: Sequence[str]) -> None:
        """Adds the rows of a request that have a label."""
        for number, (prediction, label) in enumerate(zip(kept.predictions, labels, strict=True)):
            if label:
                self.pairs.append((prediction, label))
                self.values.append(kept.row(number))


@dataclass(frozen=True, kw_only=True)
class _Known:
    """Reference data of a version: its quality on validation data, its limits, and its facets."""

    quality: Quality | None
    limits: Limits
    facets: Sequence[Facet]


@dataclass(kw_only=True)
class _Joined:
    """Labels and predictions with the same ids."""

    days: dict[tuple[str, str], _Day] = field(default_factory=lambda: defaultdict(_Day))
    """Labelled predictions by version and day."""
    found: set[str] = field(default_factory=set)
    """Ids with a prediction."""
    repeated: set[str] = field(default_factory=set)
    """Ids of several requests. Nobody knows which of them a label belongs to."""
    other_rows: set[str] = field(default_factory=set)
    """Ids with another number of labels than predictions."""


@dataclass(frozen=True, kw_only=True)
class Judge:
    """Judges the models of a use case in one environment by their ground truth."""

    s3: Any
    subject: Mapping[str, Any]

    @property
    def _version(self) -> str:
        return str(self.subject["predictions"]).rstrip("/").rpartition("/")[2]

    @property
    def _all_predictions(self) -> str:
        return str(self.subject["predictions"]).removesuffix(f"{self._version}/")

    def keep(self, window: Window, predictions: Path, baseline: Baseline, limits: Limits) -> None:
        """Keeps the predictions of a window, and the quality of their version on validation data."""
        folder = self.subject["predictions"]
        known = {
            "quality": baseline.quality and asdict(baseline.quality),
            "limits": asdict(limits),
            "facets": [facet.described for facet in baseline.facets],
        }
        self._put(folder + QUALITY, known)
        self.s3.upload_file(str(predictions), self.subject["bucket"], f"{folder}{window.name}{SUFFIX}")

    def judged(self, window: Window) -> Judged:
        """Returns the days with labels that have arrived since a window began. There may be none."""
        # Days are judged as a whole, also if windows are hours.
        first = Window.around(window.start - timedelta(days=self.subject["ground_truth_days"]), "day").start
        arrived = [
            object_ for object_ in self._objects(self.subject["ground_truth"]) if object_["LastModified"] >= first
        ]
        labels = self._labels(arrived, window.start)
        if not labels.new and not labels.left_out.count:
            return Judged()
        joined = self._joined(labels, first)
        labelled = {place: day for place, day in sorted(joined.days.items()) if day.pairs}
        known = {version: self._known(version) for version in {version for version, _ in labelled}}
        judged = [_quality(version, day, content, known[version]) for (version, day), content in labelled.items()]
        changed = [candidate for candidate in judged if self._is_new(candidate)]
        for quality in changed:
            self._put(self._result(quality), asdict(quality))
        findings = [*self._of_ids(labels, joined), *_of_classes(changed), *self._of_groups(changed)]
        return Judged(days=changed, findings=findings)

    def _labels(self, arrived: Sequence[Mapping[str, Any]], since: datetime) -> Labels:
        """Returns the labels of objects. If none has arrived since, nothing is read: there is nothing to judge."""
        if not any(object_["LastModified"] >= since for object_ in arrived):
            return Labels()
        return read_labels(self.s3, self.subject["bucket"], arrived, since)

    def _joined(self, labels: Labels, first: datetime) -> _Joined:
        joined = _Joined()
        places: dict[str, tuple[_Day, Kept]] = {}
        for version, window, key in self._windows():
            if window.end <= first:
                continue
            day = joined.days[version, f"{window.start:%Y-%m-%d}"]
            for kept in self._predictions(key):
                day.rows += len(kept.predictions)
                if kept.inference in places:
                    joined.repeated.add(kept.inference)
                elif kept.inference in labels.by_id:
                    places[kept.inference] = day, kept
        joined.found.update(places)
        for inference, (day, kept) in places.items():
            known = labels.by_id[inference]
            if len(known) != len(kept.predictions):
                joined.other_rows.add(inference)
            elif inference not in joined.repeated:
                day.add(kept, known)
        return joined

    def _windows(self) -> Iterator[tuple[str, Window, str]]:
        """Yields version, window and key of all kept predictions."""
        for object_ in self._objects(self._all_predictions):
            key = str(object_["Key"])
            version, _, name = key.removeprefix(self._all_predictions).partition("/")
            if name.endswith(SUFFIX):
                yield version, Window.named(name.removesuffix(SUFFIX)), key

    def _predictions(self, key: str) -> Iterator[Kept]:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "predictions"
            self.s3.download_file(self.subject["bucket"], key, str(path))
            yield from read_predictions(path)

    def _known(self, version: str) -> _Known:
        """Returns what is known of a version."""
        kept = self._get(f"{self._all_predictions}{version}/{QUALITY}") or {}
        quality = kept.get("quality")
        return _Known(
            quality=Quality(**_known_members(Quality, quality)) if quality else None,
            limits=Limits(**_known_members(Limits, kept.get("limits", {}))),
            facets=[Facet.of(facet) for facet in kept.get("facets", ())],
        )

    def _result(self, quality: DayQuality) -> str:
        """Returns the key of the quality of a day, in the folder of results of its version."""
        results = str(self.subject["results"]).removesuffix(f"{self._version}/")
        return f"{results}{quality.version}/{quality.day}/{QUALITY}"

    def _is_new(self, quality: DayQuality) -> bool:
        known: object = json.loads(json.dumps(asdict(quality)))
        return self._get(self._result(quality)) != known

    def _of_ids(self, labels: Labels, joined: _Joined) -> Iterator[Finding]:
        """Yields what is wrong with the new ground truth as a whole."""
        if lines := labels.left_out.count:
            yield _finding(f"{lines} lines cannot be read: {'; '.join(labels.left_out.examples)}", lines)
        if other := joined.other_rows & labels.new:
            yield _finding(f"{len(other)} ids have another number of labels than their request has rows", len(other))
        if repeated := joined.repeated & labels.new:
            yield _finding(
                f"{len(repeated)} ids are those of several requests, so their labels are left out", len(repeated)
            )
        lost, all_new = len(labels.new - joined.found), len(labels.new)
        not_captured = 1 - self.subject["capture_percentage"] / 100
        by_chance = stats.binom.sf(lost - 1, all_new, not_captured)
        if lost > (not_captured + Limits.share) * all_new and by_chance < Limits.significance:
            yield _finding(
                f"{lost} of {all_new} ids have no captured prediction of the last {self.subject['ground_truth_days']} "
                "days; the id is the header x-amzn-RequestId of the answer, the member `request` of an answering "
                "event, or the InferenceId that a caller gave",
                lost,
            )

    def _of_groups(self, days: Sequence[DayQuality]) -> Iterator[Finding]:
        """Yields groups that the served version has come to treat otherwise. Nobody calls the others any more."""
        for day in (candidate for candidate in days if candidate.version == self._version):
            for group in (candidate for candidate in day.groups if candidate.drifted):
                change = (group.now or 0.0) - (group.trained or 0.0)
                text = f"{group.sentence}; ground truth of {day.day}"
                yield Finding(kind=BIAS, column=group.facet, sentence=text, value=abs(change))

    def _objects(self, prefix: str) -> Iterator[Mapping[str, Any]]:
        return objects(self.s3, self.subject["bucket"], prefix)

    def _put(self, key: str, content: Mapping[str, Any]) -> None:
        body = json.dumps(content, indent=2).encode()
        self.s3.put_object(Bucket=self.subject["bucket"], Key=key, Body=body)

    def _get(self, key: str) -> dict[str, Any] | None:
        """Returns the content of an object. There may be none: whoever may list only some prefixes of a bucket gets
        AccessDenied for an object that does not exist, so it is looked for first."""
        if not any(object_["Key"] == key for object_ in self._objects(key)):
            return None
        found: dict[str, Any] = json.load(self.s3.get_object(Bucket=self.subject["bucket"], Key=key)["Body"])
        return found


def _quality(version: str, day: str, content: _Day, known: _Known) -> DayQuality:
    judged = day_quality(version, day, content.pairs, content.rows, known.quality, known.limits)
    groups = group_qualities(known.facets, content.pairs, content.values, known.quality, known.limits)
    return replace(judged, groups=groups)


def _known_members(kind: type[Quality | Limits], given: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the members that a dataclass has. An earlier or later release may have kept others."""
    return {candidate.name: given[candidate.name] for candidate in fields(kind) if candidate.name in given}


def _finding(text: str, value: int) -> Finding:
    return Finding(kind=GROUND_TRUTH, column="", sentence=f"ground truth: {text}", value=value, limit=0)


def _of_classes(days: Sequence[DayQuality]) -> Iterator[Finding]:
    for day in days:
        if day.unknown_labels > Limits.share * (day.labelled + day.unknown_labels):
            text = f"{day.unknown_labels} labels of {day.day} are no value that the model predicts"
            yield _finding(text, day.unknown_labels)
