"""The trend of a metric over the versions of main, which a candidate may not leave by more than a loss."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from statistics import fmean
from typing import Any

from plinth_project.build.configuration import Trend
from plinth_project.build.problems import lower_is_better

TREND_LIMIT = "TrendLimit"
"""Parameter of a pipeline: the value that the metric of the trend has to reach."""
_LEAST = 2
"""Versions without which there is no trend."""
_REJECTED = "Rejected"


def trend_limit(trend: Trend, root: Path, sagemaker: Any, group: str) -> float | None:
    """Returns the value that a candidate has to reach: the mean of the newest versions of a group, less the loss. None
    if fewer than two versions have the metric.

    ``sagemaker`` is a client in the account of the registry. Rejected versions do not count.
    """
    known = list(islice(_values(trend.metric, sagemaker, group), trend.versions))
    if len(known) < _LEAST:
        return None
    mean = fmean(known)
    return mean + trend.loss if trend.metric in lower_is_better(root) else mean - trend.loss


def no_limit(trend: Trend, root: Path) -> float:
    """Returns a value that every candidate reaches."""
    return 1e300 if trend.metric in lower_is_better(root) else -1e300


def _values(metric: str, sagemaker: Any, group: str) -> Iterator[float]:
    """Yields the metric of each version that has it, the newest first."""
    pages = sagemaker.get_paginator("list_model_packages").paginate(
        ModelPackageGroupName=group, SortBy="CreationTime", SortOrder="Descending"
    )
    for version in (summary for page in pages for summary in page["ModelPackageSummaryList"]):
        if version["ModelApprovalStatus"] == _REJECTED:
            continue
        described = sagemaker.describe_model_package(ModelPackageName=version["ModelPackageArn"])
        value = described.get("CustomerMetadataProperties", {}).get(metric)
        if value is not None:
            yield float(value)
