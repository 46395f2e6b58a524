"""Rules that compare the configurations of staging and production.

The policies of the foundation refuse the same endpoints in production (rules SM-14, SM-16, SM-17 and ST-08). Here they
are found before a deployment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from plinth_project.deployment.inference import Asynchronous, Batch, Deployment, RealTime, place_of, read_inference

LEAST_INSTANCES = 2
_WATCHED: Mapping[str, tuple[str, ...]] = {
    "errors": ("Invocation5XXErrors",),
    "latency": ("ModelLatency",),
    "load": ("InvocationsPerInstance", "ApproximateBacklogSizePerInstance"),
    "disk or memory": ("DiskUtilization", "MemoryUtilization"),
}
"""Problems that alarms watch for in production, and the metrics that show them."""


def inference_faults(root: Path) -> list[str]:
    """Returns a sentence for each rule that the configurations break. Raises ProjectError if they cannot be read."""
    staging, prod = read_inference(root, "staging"), read_inference(root, "prod")
    faults = [] if isinstance(prod, Batch) else list(_in_production(prod))
    if staging.kind != prod.kind:
        faults.append(f"kind: {prod.kind}; staging has {staging.kind}, and tests there must show what production does")
    return [f"{place_of('prod')}: inference.{fault}" for fault in faults]


def _in_production(prod: RealTime | Asynchronous) -> Iterator[str]:
    counts = {"instances": prod.instances}
    if isinstance(prod, RealTime):
        # Asynchronous requests wait in S3 until there is an instance.
        counts["scaling.least"] = prod.scaling.least
    for name, count in counts.items():
        if count < LEAST_INSTANCES:
            yield f"{name}: {count}; set {LEAST_INSTANCES} or more, so that one may fail (SM-14, ST-08)"
    if isinstance(prod, RealTime) and prod.data_capture_percentage == 0:
        yield "data_capture_percentage: 0; set 1 to 100, because monitoring reads captured data (SM-16)"
    if isinstance(prod, RealTime) and prod.monitoring is None:
        yield 'monitoring: missing; set for example {"window": "day"}, so that somebody notices other data (ST-08)'
    yield from (f"deployment.{fault}" for fault in _in_deployment(prod.deployment))


def _in_deployment(deployment: Deployment) -> Iterator[str]:
    if deployment.strategy == "all-at-once":
        yield "strategy: all-at-once; set canary or linear, so that few callers meet a faulty model (SM-17)"
    if deployment.bake_seconds == 0:
        yield "bake_seconds: 0; set 1 to 3600, so that an alarm can go off (SM-17)"
    watched = {alarm.metric for alarm in deployment.alarms}
    for what, metrics in _WATCHED.items():
        if not watched & set(metrics):
            yield f"alarms: no alarm on {what}; add one on {' or '.join(metrics)} (SM-17, ST-08)"
