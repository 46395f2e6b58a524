"""A pod waits for the lease of its stack, and a refusal that lasts ends it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from selfservice.clusters.api import Answer, UnreachableApiError
from selfservice.clusters.lease_wait import REFUSAL_SECONDS, wait_for_lease
from selfservice.clusters.stack_lease import PodIdentity, RefusedLeaseError, StackLease
from tests.unit.selfservice.clusters.lease_api import NAMESPACE, LeaseApi

STEP_SECONDS = 2.0


@dataclass
class Cluster:
    """An API whose answers change with time. ``changes`` has what happens at which second."""

    changes: dict[float, Callable[[Cluster], None]]
    seconds: float = 0.0
    refuses: bool = False
    answers: bool = True
    leases: LeaseApi = field(default_factory=LeaseApi)
    told: list[str] = field(default_factory=list)

    def request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        if not self.answers:
            raise UnreachableApiError("connection refused")
        if self.refuses:
            return Answer(403, {"message": "leases is forbidden"})
        return self.leases.request(method, path, body)

    def wait(self) -> bool:
        self.seconds += STEP_SECONDS
        self.changes.get(self.seconds, lambda _: None)(self)
        return self.seconds >= 600

    def acquire(self) -> bool:
        lease = StackLease(self, NAMESPACE, "fraud", PodIdentity("fraud--a", "1"))
        return wait_for_lease(lease, self.wait, self.told.append, lambda: self.seconds)


def answering(cluster: Cluster) -> None:
    cluster.answers, cluster.refuses = True, False


def refusing(cluster: Cluster) -> None:
    cluster.answers, cluster.refuses = True, True


def test_a_refusal_of_an_api_server_that_has_just_started_is_waited_for() -> None:
    cluster = Cluster({10: refusing, 40: answering}, answers=False)
    assert cluster.acquire()
    assert cluster.seconds == 40
    assert cluster.told == [
        "waiting for the API of the cluster: connection refused",
        "waiting for the API of the cluster, which refuses the lease: HTTP 403: leases is forbidden",
    ]


def test_a_refusal_that_lasts_is_an_error() -> None:
    cluster = Cluster({}, refuses=True)
    with pytest.raises(RefusedLeaseError, match="leases is forbidden"):
        cluster.acquire()
    assert cluster.seconds == REFUSAL_SECONDS


def test_a_stopped_pod_waits_no_longer_for_another_one() -> None:
    cluster = Cluster({})
    cluster.leases.pods["fraud--b"] = ("2", "Running")
    assert StackLease(cluster, NAMESPACE, "fraud", PodIdentity("fraud--b", "2")).acquire()
    assert not cluster.acquire()
    assert cluster.told == ["waiting for the pod fraud--b to finish"]
