"""Judges the change of a cluster's Kubernetes version in a preview, before EKS is asked.

EKS upgrades a cluster by one minor version. It rolls one back by one minor version, within seven days after an upgrade
(EKS User Guide, "Update existing cluster to new Kubernetes version", "Roll back a cluster to a previous Kubernetes
version", read 2026-12-01).
"""

from __future__ import annotations

from collections.abc import Iterator

from selfservice.operations.operation import Problem
from selfservice.runner.events import Watcher

CLUSTER = "aws:eks/cluster:Cluster"
ROLLBACK_DAYS = 7
_ONE = "EKS changes one minor version at a time"


def version_problems(preview: Watcher) -> tuple[Problem, ...]:
    """Returns a problem for each cluster whose version the update would change by more than one minor version."""
    return tuple(
        Problem(urn=urn, message=_message(old, new)) for urn, old, new in _changes(preview) if abs(new - old) > 1
    )


def rollbacks(preview: Watcher) -> list[str]:
    """Returns a message for each cluster that the update would roll back. Only EKS knows whether it still does."""
    return [
        f"Kubernetes 1.{old} -> 1.{new} rolls the cluster back, which EKS refuses unless it was upgraded to 1.{old} in "
        f"the last {ROLLBACK_DAYS} days"
        for _, old, new in _changes(preview)
        if new == old - 1
    ]


def _message(old: int, new: int) -> str:
    if new > old:
        return f'Kubernetes 1.{old} -> 1.{new}: {_ONE}; set version: "1.{old + 1}", deploy, and continue from there'
    return f'Kubernetes 1.{old} -> 1.{new}: {_ONE}, and rolls back to 1.{old - 1} only; set version: "1.{old}"'


def _changes(preview: Watcher) -> Iterator[tuple[str, int, int]]:
    """Yields the clusters that a preview updates, with the present and the wanted minor version."""
    for urn, old, new in preview.values_of(CLUSTER, "version"):
        present, wanted = _minor(old), _minor(new)
        if present is not None and wanted is not None:
            yield urn, present, wanted


def _minor(version: object) -> int | None:
    """Returns the minor version of ``1.35``; None if the version is not known yet."""
    major, _, minor = str(version).partition(".")
    return int(minor) if major == "1" and minor.isdigit() else None
