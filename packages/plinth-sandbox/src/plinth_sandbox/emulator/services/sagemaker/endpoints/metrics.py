"""The metrics of endpoints. Invocations happen outside the journal, so their metrics are collected and then recorded by
calls that are in it.

Sources: SageMaker Developer Guide, "Amazon SageMaker AI metrics in Amazon CloudWatch" (read 2026-11-22) and
"Auto-Rollback Configuration and Monitoring" (read 2026-11-26).
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from plinth_sandbox.emulator.executors.task_runner import own_request
from plinth_sandbox.emulator.message import Request
from plinth_sandbox.emulator.process import METRICS_PATH
from plinth_sandbox.emulator.services.events.executor.clock import Clock
from plinth_sandbox.emulator.services.sagemaker.endpoints.endpoint import Variant
from plinth_sandbox.emulator.services.sagemaker.endpoints.hosts import Hosts

INVOCATIONS, INSTANCES = "AWS/SageMaker", "/aws/sagemaker/Endpoints"
SAMPLE_SECONDS = 60.0
"""Time between two measurements of processes."""
_UNITS = {
    "ModelLatency": "Microseconds",
    "OverheadLatency": "Microseconds",
    "CPUUtilization": "Percent",
    "MemoryUtilization": "Percent",
}
_SYNCHRONOUS = ("Invocations", "InvocationModelErrors", "InvocationsPerInstance", "OverheadLatency")
"""Metrics that asynchronous endpoints do not publish (SageMaker Developer Guide, "Alarms and logs for tracking metrics
from asynchronous endpoints", read 2026-11-22)."""
_OF_FLEETS = (
    "Invocations", "Invocation4XXErrors", "Invocation5XXErrors", "InvocationModelErrors", "ModelLatency",
    "OverheadLatency",
)  # fmt: skip
"""Metrics that are also published with the dimension EndpointConfigName, which tells the fleets of a deployment apart.
The guide shows it for latency and errors, and names no metric of instances with it."""
_Value = tuple[str, str, str, str, str, str, int, float, str]
"""Account, region, endpoint, variant, namespace, name, second since the epoch, value, and endpoint configuration. The
configuration is empty for metrics of instances."""


@dataclass(slots=True)
class EndpointMetrics:
    """Metrics that no call has recorded yet."""

    clock: Clock
    hosts: Hosts
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _values: Counter[_Value] = field(default_factory=Counter)
    _measured: float = 0
    _processor: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Time of the last measurement and processor time until then, by process."""

    def invoked(self, variant: Variant, status: int, model: int, total: int, *, asynchronous: bool = False) -> None:
        """Collects the metrics of an invocation of a variant. ``model`` and ``total`` are microseconds."""
        found: dict[str, float] = {
            "Invocations": 1,
            "Invocation4XXErrors": int(400 <= status < 500),
            # A model that does not answer counts as an error of the model.
            "Invocation5XXErrors": int(status >= 500 or status == 0),
            "InvocationModelErrors": int(not 200 <= status < 300),
            "ModelLatency": model,
            "OverheadLatency": max(0, total - model),
            **({"InvocationsPerInstance": 1 / variant.instances} if variant.instances else {}),
        }
        left_out = _SYNCHRONOUS if asynchronous else ()
        wanted = {name: value for name, value in found.items() if name not in left_out}
        self._add(variant.run, INVOCATIONS, wanted, variant.configuration)

    def take(self) -> Request | None:
        """Returns a call that records what was collected, or None. Measures processes if it is time."""
        if time.perf_counter() - self._measured >= SAMPLE_SECONDS:
            self._measured = time.perf_counter()
            self._measure()
        with self._lock:
            taken, self._values = self._values, Counter()
        return own_request(METRICS_PATH, "eu-west-1", {"values": list(taken.items())}) if taken else None

    def _add(self, run: str, namespace: str, found: Mapping[str, float], configuration: str = "") -> None:
        account, region, _, endpoint, variant, *_ = run.split(".")
        second = int(self.clock.now().timestamp())
        with self._lock:
            for name, value in found.items():
                key = (account, region, endpoint, variant, namespace, name, second, float(value), configuration)
                self._values[key] += 1

    def _measure(self) -> None:
        """Measures processor and memory of the processes. The operating system tells them on Linux only."""
        if not Path("/proc/self/stat").exists():
            return
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        groups = _groups()
        for run, pid in self.hosts.processes().items():
            processor, resident = groups.get(pid, (0.0, 0))
            at, before = self._processor.get(run, (0.0, 0.0))
            now = time.perf_counter()
            self._processor[run] = (now, processor)
            used = {"MemoryUtilization": 100 * resident / memory}
            if at:
                used["CPUUtilization"] = 100 * max(0.0, processor - before) / max(now - at, 1e-3)
            self._add(run, INSTANCES, used)


def _groups() -> dict[int, tuple[float, int]]:
    """Returns the processor time in seconds and the resident bytes of each process group (proc(5))."""
    ticks, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    found: dict[int, tuple[float, int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            values = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        group, seconds, resident = int(values[2]), (int(values[11]) + int(values[12])) / ticks, int(values[21]) * page
        processor, memory = found.get(group, (0.0, 0))
        found[group] = (processor + seconds, memory + resident)
    return found


def record_metrics(request: Request, runtime: Any) -> None:
    """Records the metrics that a call names."""
    from plinth_sandbox.emulator.services.cloudwatch.executor.evaluation import record
    from plinth_sandbox.emulator.services.cloudwatch.executor.metrics import MetricKey, Sample

    for key, count in json.loads(request.body)["values"]:
        # Journals of earlier sandboxes name no configuration.
        account, region, endpoint, variant, namespace, name, second, value, *configurations = key
        dimensions = [{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": variant}]
        sample = Sample.of(value, count, _UNITS.get(name, "None"))
        at = datetime.fromtimestamp(second, UTC)
        of_fleets = configurations if name in _OF_FLEETS else ()
        for more in ([], *([{"Name": "EndpointConfigName", "Value": fleet}] for fleet in of_fleets if fleet)):
            metric = MetricKey.of(namespace, name, [*dimensions, *more])
            record(runtime, account, region, metric, [sample], published=at)
