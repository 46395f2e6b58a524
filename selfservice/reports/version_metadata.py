"""Metadata of model versions in the registry: where a version comes from, its metrics, and what serves it."""

from __future__ import annotations

from collections.abc import Mapping

from settings.data.promotion_layout import SERVES

ORIGIN = (
    "build_id", "repository", "commit", "branch", "trigger", "monitoring_report", "execution", "image", "parameters",
    "data_source", "data_snapshot", "data_sha256",
)  # fmt: skip
"""Metadata of a version that says where it comes from."""


def metrics_of(metadata: Mapping[str, str]) -> dict[str, str]:
    """Returns the metrics among the metadata of a version, by name: all but its origin and the marks of promotions."""
    return {name: value for name, value in metadata.items() if name not in ORIGIN and not name.startswith(SERVES)}
