"""A pod waits for the lease of its stack and for the API that takes it back, and a refusal that lasts ends it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from selfservice.clusters.api import REFUSAL_SECONDS, Answer, UnreachableApiError
from selfservice.clusters.lease_wait import release_lease, wait_for_lease
from selfservice.clusters.stack_lease import PodIdentity, RefusedLeaseError, StackLease, Standing
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

    @property
    def lease(self) -> StackLease:
        return StackLease(self, NAMESPACE, "fraud", PodIdentity("fraud--a", "1"))

    def acquire(self) -> bool:
        return wait_for_lease(self.lease, self.wait, self.told.append, lambda: self.seconds)

    def release(self) -> None:
        release_lease(self.lease, self.wait, lambda: self.seconds)


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


def test_a_lease_is_given_up_as_soon_as_the_api_answers_again() -> None:
    cluster = Cluster({10: refusing, 40: answering})
    assert cluster.acquire()
    cluster.answers = False
    cluster.release()
    assert cluster.seconds == 40
    assert StackLease(cluster, NAMESPACE, "fraud", PodIdentity("fraud--b", "2")).acquire() is Standing.HELD


def test_a_pod_ends_with_its_lease_if_the_api_does_not_come_back() -> None:
    cluster = Cluster({})
    assert cluster.acquire()
    cluster.answers = False
    with pytest.raises(UnreachableApiError):
        cluster.release()
    assert cluster.seconds == 60
