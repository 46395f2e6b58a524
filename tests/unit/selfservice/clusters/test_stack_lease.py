"""The lease of a stack: at most one live pod holds it, whatever happens between any two of its requests."""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfservice.clusters.api import Answer, KubernetesApi, UnreachableApiError
from selfservice.clusters.stack_lease import PodIdentity, RefusedLeaseError, StackLease, Standing
from tests.unit.selfservice.clusters.lease_api import NAMESPACE, LeaseApi, served

STACK = "fraud-development"
NAMES = ("fraud--a", "fraud--b", "fraud--c")
ACTIONS = ("acquire", "acquire", "renew", "release", "end", "delete", "create")


def lease_of(api, name="fraud--a", uid="1", stack=STACK):
    clock = itertools.count()
    return StackLease(api, NAMESPACE, stack, PodIdentity(name, uid), lambda: datetime.fromtimestamp(next(clock), UTC))


@dataclass
class Cluster:
    """Pods that use the lease of one stack, whose actions interrupt each other between requests."""

    data: st.DataObject
    api: LeaseApi = field(default_factory=LeaseApi)
    running: dict[str, StackLease] = field(default_factory=dict)
    holding: set[str] = field(default_factory=set)
    acting: list[str] = field(default_factory=list)
    left: int = 40
    uids: itertools.count = field(default_factory=itertools.count)

    def act(self):
        """Performs an action of a pod that is not in the middle of one, or on it."""
        idle = [name for name in NAMES if name not in self.acting]
        if not idle or self.left <= 0:
            return
        self.left -= 1
        name, action = self.data.draw(st.sampled_from(idle)), self.data.draw(st.sampled_from(ACTIONS))
        if action == "create":
            self._create(name)
        elif action in ("end", "delete"):
            self._stop(name, action)
        elif name in self.running:
            self.acting.append(name)
            self._use(name, action)
            self.acting.remove(name)

    def _create(self, name):
        if name not in self.api.pods:
            uid = str(next(self.uids))
            self.api.pods[name] = (uid, "Running")
            self.running[name] = lease_of(self.api, name, uid)

    def _stop(self, name, action):
        """The kubelet stops the containers of a pod before the API says that it has ended."""
        self.running.pop(name, None)
        self.holding.discard(name)
        if action == "delete":
            self.api.pods.pop(name, None)
        elif name in self.api.pods:
            self.api.pods[name] = (self.api.pods[name][0], "Failed")

    def _use(self, name, action):
        lease = self.running[name]
        if action == "release":
            self.holding.discard(name)
            lease.release()
        elif action == "renew":
            assert (lease.renew() is Standing.HELD) == (name in self.holding)
        elif lease.acquire() is Standing.HELD:
            self.holding.add(name)
        else:
            assert name not in self.holding
            assert lease.holder is not None
        assert len(self.holding) <= 1

    def interrupt(self):
        """Lets others act before a request."""
        if self.left > 0 and self.data.draw(st.booleans()):
            self.act()


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_two_live_pods_hold_a_lease(data):
    cluster = Cluster(data)
    for name in NAMES:
        cluster._create(name)
    cluster.api.before = cluster.interrupt
    for _ in range(12):
        cluster.act()


def test_a_lease_is_taken_over_only_when_the_api_says_that_its_pod_is_gone():
    api = LeaseApi(pods={"fraud--a": ("1", "Running"), "fraud--b": ("2", "Running")})
    first, second = lease_of(api), lease_of(api, "fraud--b", "2")
    assert (first.acquire(), second.acquire()) == (Standing.HELD, Standing.TAKEN)
    assert second.holder == PodIdentity("fraud--a", "1")
    for phase in ("Pending", "Running", "Unknown"):
        api.pods["fraud--a"] = ("1", phase)
        assert second.acquire() is Standing.TAKEN
    api.pods["fraud--a"] = ("1", "Failed")
    assert (second.acquire(), first.renew(), first.acquire()) == (Standing.HELD, Standing.TAKEN, Standing.TAKEN)
    assert api.leases[STACK]["spec"]["leaseTransitions"] == 1


@pytest.mark.parametrize("pods", [{}, {"fraud--a": ("9", "Running")}], ids=["no pod", "another pod of that name"])
def test_a_pod_of_another_uid_does_not_keep_the_lease(pods):
    api = LeaseApi(pods={"fraud--a": ("1", "Running")})
    assert lease_of(api).acquire() is Standing.HELD
    api.pods = {**pods, "fraud--b": ("2", "Running")}
    assert lease_of(api, "fraud--b", "2").acquire() is Standing.HELD


def test_leases_of_different_stacks_are_independent_and_a_released_one_is_free():
    api = LeaseApi(pods={"fraud--a": ("1", "Running"), "fraud--b": ("2", "Running")})
    first, second = lease_of(api), lease_of(api, "fraud--b", "2")
    assert first.acquire() is Standing.HELD
    assert lease_of(api, "fraud--b", "2", stack="fraud-production").acquire() is Standing.HELD
    second.release()
    assert second.acquire() is Standing.TAKEN
    first.release()
    assert second.acquire() is Standing.HELD


def test_a_refused_request_is_an_error_and_no_lease():
    class Forbidding:
        def request(self, method, path, body=None):
            return Answer(403, {"message": "leases is forbidden"})

    with pytest.raises(RefusedLeaseError, match="leases is forbidden"):
        lease_of(Forbidding()).acquire()


def test_an_api_that_does_not_say_whether_the_holder_is_alive_gives_no_lease():
    api = LeaseApi(pods={"fraud--a": ("1", "Running")})
    assert lease_of(api).acquire() is Standing.HELD
    answer = api.request

    class Unsure:
        def request(self, method, path, body=None):
            if "/pods/" in path:
                raise UnreachableApiError("HTTP 503")
            return answer(method, path, body)

    with pytest.raises(UnreachableApiError):
        lease_of(Unsure(), "fraud--b", "2").acquire()
    assert api.leases[STACK]["spec"]["holderIdentity"] == "fraud--a/1"


def test_the_client_sends_a_token_with_each_request_and_reads_refusals():
    api, issued = LeaseApi(pods={"fraud--a": ("1", "Running")}), itertools.count()
    with served(api) as (address, tokens):
        client = KubernetesApi(endpoint=address, authority=None, token=lambda: f"token-{next(issued)}")
        assert lease_of(client).acquire() is Standing.HELD
        assert lease_of(client, "fraud--b", "2").acquire() is Standing.TAKEN
        assert client.request("GET", f"/api/v1/namespaces/{NAMESPACE}/pods/none") == Answer(
            404, {"message": "not found"}
        )
    assert tokens == [f"Bearer token-{number}" for number in range(len(tokens))]
    with pytest.raises(UnreachableApiError):
        client.request("GET", "/api")
