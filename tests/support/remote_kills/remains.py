"""Remains of operations as Jobs: locks, leases, Jobs, inputs, and the order of their updates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from plinth_sandbox.emulator.journal import requests_in
from plinth_sandbox.emulator.message import Request
from plinth_sandbox.waiting import eventually
from selfservice.clusters.api import KubernetesApi
from settings.types.aws.stack_jobs import INPUT_VARIABLE
from tests.support.cluster_operations import JOBS, LOCKS, inputs, kubernetes_api, locks, roles
from tests.support.workbench import ACCESS_ROLE, Workbench

_LEASES = "/apis/coordination.k8s.io/v1/namespaces/plinth-stacks/leases"


@dataclass(frozen=True, slots=True)
class Remains:
    """Remains in the bucket of states and in the cluster after a killed command and others that succeeded."""

    bench: Workbench
    earlier: Collection[str]
    """Inputs that were there before the commands."""

    def faults(self, journal: Path, began: int) -> Iterator[str]:
        """Yields what is wrong after the call with the number ``began`` of the journal of the emulated AWS."""
        api = kubernetes_api(self.bench)
        # Jobs of the killed command go on without it.
        eventually(lambda: not _working(api), details=lambda: _working(api))
        for stack in overlapping(islice(requests_in(journal), began, None)):
            yield f"two updates of {stack} overlapped"
        yield from (f"lock {lock}" for lock in locks(self.bench))
        yield from (f"pending operations of {stack}" for stack in self.bench.pending_operations())
        for stack in self.bench.stacks():
            if (found := roles(self.bench, stack)) - {ACCESS_ROLE}:
                yield f"providers of {stack} assume {sorted(found)}"
        for lease in _items(api, _LEASES):
            if holder := lease["spec"].get("holderIdentity"):
                yield f"the lease of {lease['metadata']['name']} names the pod {holder}"
        for job in _items(api, JOBS):
            if "Complete" not in _conditions(job):
                yield f"the Job {job['metadata']['name']} is {_conditions(job)}"
        yield from self._unpromised_inputs(_items(api, JOBS))

    def _unpromised_inputs(self, jobs: Iterable[Any]) -> Iterator[str]:
        """Yields inputs that are neither of the Jobs of one killed command nor its settings."""
        named = {_input_of(job) for job in jobs}
        left = {key.split("/", 2)[2] for key in inputs(self.bench) if key not in self.earlier}
        runs = {name.partition("/")[0] for name in left}
        if len(runs) > 1:
            yield f"inputs of {len(runs)} commands, of which one was killed: {sorted(left)}"
        if len(left - named) > 1:  # one archive with the settings
            yield f"inputs of no Job: {sorted(left - named)}"


def overlapping(requests: Iterable[Request]) -> list[str]:
    """Returns the stacks of which an engine took the lock while another one had it.

    An engine has the lock of its stack from the beginning of an update to its end. The lock of a killed one is deleted
    before the next update.
    """
    held: defaultdict[str, set[str]] = defaultdict(set)
    found = set()
    for request in requests:
        if f"/{LOCKS}" not in request.path:
            continue
        *_, stack, lock = request.path.split("/")
        if request.method == "DELETE":
            held[stack].discard(lock)
        elif request.method == "PUT":
            held[stack].add(lock)
            if len(held[stack]) > 1:
                found.add(stack)
    return sorted(found)


def _items(api: KubernetesApi, path: str) -> list[Any]:
    return list(api.request("GET", path).body["items"])


def _working(api: KubernetesApi) -> list[str]:
    """Returns the Jobs that have a pod or are to have one."""
    return [job["metadata"]["name"] for job in _items(api, JOBS) if not _conditions(job) & {"Complete", "Failed"}]


def _conditions(job: Any) -> set[str]:
    return {condition["type"] for condition in job["status"].get("conditions") or () if condition["status"] == "True"}


def _input_of(job: Any) -> str:
    (container,) = job["spec"]["template"]["spec"]["containers"]
    return next(str(variable["value"]) for variable in container["env"] if variable["name"] == INPUT_VARIABLE)
