"""Model versions in the registry: where a version comes from, its metrics, and what the minimum gates say of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from selfservice.projects.project import Project
from selfservice.reports import delivery
from selfservice.reports.delivery import MOST, DeliveryPlace, NotDeployedError, Row, listed, time_of
from settings.data.promotion_layout import SERVES
from settings.organization.minimum_gate import MinimumGates

ORIGIN = (
    "build_id", "repository", "commit", "branch", "trigger", "monitoring_report", "execution", "image", "parameters",
    "data_source", "data_snapshot", "data_sha256",
)  # fmt: skip
"""Metadata of a version that says where it comes from."""
PENDING = "PendingManualApproval"
"""Status of a version about which nobody has decided."""
_REPORTS = {"Bias": "bias", "Explainability": "explanation"}
"""Reports of a version by their names in the registry."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelVersion:
    """A version of a model package group."""

    group: str
    number: int
    status: str
    registered: str
    """Time of its registration in ISO 8601."""
    metrics: Mapping[str, str] = field(default_factory=dict)
    """Metrics by name, as they were registered."""
    below: Mapping[str, str] = field(default_factory=dict)
    """How metrics miss their minimum gates, by metric: ``0.71 < 0.8``."""
    without: Sequence[str] = ()
    """Metrics that have a minimum gate and that the version does not have."""
    reports: Mapping[str, str] = field(default_factory=dict)
    """Where its reports about bias and explanation are."""
    comment: str = ""
    """Why it was approved or rejected."""

    @property
    def rounded_metrics(self) -> dict[str, str]:
        """The metrics with four significant digits."""
        return {name: _rounded(value) for name, value in self.metrics.items()}

    @property
    def as_row(self) -> Row:
        """The version as a row of a report."""
        below = ", ".join(f"{metric} {missed}" for metric, missed in self.below.items())
        judged = {"below the minimum": below, "without": ", ".join(self.without)}
        return {
            "group": self.group,
            "version": str(self.number),
            "status": self.status,
            "registered": self.registered,
            "metrics": ", ".join(f"{name} {value}" for name, value in self.rounded_metrics.items()) or None,
            "minimum": "; ".join(f"{what}: {named}" for what, named in judged.items() if named) or None,
            "reports": ", ".join(f"{word} {place}" for word, place in self.reports.items()) or None,
        }


def metrics_of(metadata: Mapping[str, str]) -> dict[str, str]:
    """Returns the metrics among the metadata of a version, by name: all but its origin and the marks of promotions."""
    return {name: value for name, value in metadata.items() if name not in ORIGIN and not name.startswith(SERVES)}


def versions_in(place: DeliveryPlace, groups: Sequence[str], *, most: int = MOST) -> list[ModelVersion]:
    """Returns the newest versions of these model package groups, the newest first. Each takes a call, and so does each
    group.

    Versions are judged by the minimum gates of the settings, which the project cannot change.
    """
    found = []
    for group in groups:
        found += listed(
            place.tooling,
            "sagemaker",
            "list_model_packages",
            "ModelPackageSummaryList",
            most=most,
            ModelPackageGroupName=group,
            SortBy="CreationTime",
            SortOrder="Descending",
        )
    found.sort(key=lambda version: version["CreationTime"], reverse=True)
    return [_version(place, version) for version in found[:most]]


def models(place: DeliveryPlace, *, most: int = MOST) -> list[Row]:
    """Returns a row for each of the newest versions of all groups of the use case, also of feature branches."""
    named: dict[str, Any] = {"NameContains": f"{place.names.prefix}-"}
    key = "ModelPackageGroupSummaryList"
    groups = listed(place.tooling, "sagemaker", "list_model_package_groups", key, **named)
    found = versions_in(place, [group["ModelPackageGroupName"] for group in groups], most=most)
    return [version.as_row for version in found]


def newest_models(project: Project) -> list[Row]:
    """Returns the newest model version of each use case with a delivery. Other keys than ``use_case`` are None if it
    has none, and its ``status`` says if it is not deployed.
    """
    rows = []
    for use_case in (names.prefix for names in delivery.delivered(project)):
        try:
            newest = next(iter(models(delivery.place_of(project, use_case), most=1)), None)
        except NotDeployedError:
            newest = {"status": "not deployed"}
        rows.append({"use_case": use_case, **(newest or {"status": "no version"})})
    return rows


def _version(place: DeliveryPlace, version: Mapping[str, Any]) -> ModelVersion:
    described = place.tooling.client("sagemaker").describe_model_package(ModelPackageName=version["ModelPackageArn"])
    metrics = metrics_of(described.get("CustomerMetadataProperties", {}))
    below, without = _judged(place.minimum_gates, metrics)
    return ModelVersion(
        group=version["ModelPackageGroupName"],
        number=int(version["ModelPackageVersion"]),
        status=version["ModelApprovalStatus"],
        registered=time_of(version["CreationTime"]),
        metrics=metrics,
        below=below,
        without=without,
        reports=_reports(described.get("ModelMetrics", {})),
        comment=described.get("ApprovalDescription", ""),
    )


def _reports(measured: Mapping[str, Any]) -> dict[str, str]:
    found = {word: measured[kind]["Report"] for kind, word in _REPORTS.items() if "Report" in measured.get(kind, {})}
    return {word: str(report["S3Uri"]) for word, report in found.items()}


def _rounded(value: str) -> str:
    """Returns a number with four significant digits, and any other text as it is."""
    try:
        return f"{float(value):.4g}"
    except ValueError:
        return value


def _judged(gates: MinimumGates, metrics: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Returns how metrics miss their minimum gates, and the gates whose metric is unknown."""
    below, without = {}, []
    for metric, gate in gates.items():
        try:
            missed = gate.shortfall(float(metrics[metric]))
        except (KeyError, ValueError):
            without.append(metric)
            continue
        if missed:
            below[metric] = missed
    return below, without
