"""Workloads of every type around one pod, and changes to the pod wherever a workload nests it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.policies.case import Case, Change, Situation, Tree

POD_PATHS = {
    "kubernetes:core/v1:Pod": ("spec",),
    "kubernetes:core/v1:PodTemplate": ("template", "spec"),
    "kubernetes:core/v1:ReplicationController": ("spec", "template", "spec"),
    "kubernetes:apps/v1:DaemonSet": ("spec", "template", "spec"),
    "kubernetes:apps/v1:Deployment": ("spec", "template", "spec"),
    "kubernetes:apps/v1:ReplicaSet": ("spec", "template", "spec"),
    "kubernetes:apps/v1:StatefulSet": ("spec", "template", "spec"),
    "kubernetes:batch/v1:CronJob": ("spec", "jobTemplate", "spec", "template", "spec"),
    "kubernetes:batch/v1:Job": ("spec", "template", "spec"),
}


DIGEST = f"@sha256:{'0123456789abcdef' * 4}"
IMAGE = f"111111111111.dkr.ecr.eu-west-1.amazonaws.com/plinth/runner{DIGEST}"
ALLOWED_CONTEXT = {
    "allowPrivilegeEscalation": False,
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
    "capabilities": {"drop": ["ALL"]},
}


def workloads(
    rule: str, pod: Tree, refused: Mapping[str, Tree], accepted: Mapping[str, Tree], optional: Iterator[str] | Any = ()
) -> list[Case]:
    """Returns a case for each type of workload. Paths of changes and of optional properties begin at the pod."""
    return [_case(rule, type_, pod, refused, accepted, optional) for type_ in POD_PATHS]


def _case(
    rule: str, type_: str, pod: Tree, refused: Mapping[str, Tree], accepted: Mapping[str, Tree], optional: Any
) -> Case:
    steps = POD_PATHS[type_]
    place = ".".join(steps)
    return Case(
        rule=rule,
        type=type_,
        compliant=Situation(inputs=nested(steps, pod)),
        optional=frozenset(
            {
                *(f"{place}.{path}" for path in optional if path),
                *((".".join(steps[:count]) for count in range(1, len(steps) + 1)) if "" in optional else ()),
            }
        ),
        refused={what: changed(place, values) for what, values in refused.items()},
        accepted={what: changed(place, values) for what, values in accepted.items()},
    )


def nested(steps: tuple[str, ...], pod: Tree) -> dict[str, Any]:
    """Returns the manifest of a workload with the pod at a path."""
    tree: Any = pod
    for step in reversed(steps):
        tree = {step: tree}
    return dict(tree)


def changed(place: str, values: Tree) -> Change:
    return Change({f"{place}.{path}": value for path, value in values.items()})
