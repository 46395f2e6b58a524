"""The lease of a stack: at most one pod of a cluster works on a stack at a time.

A lease never expires by time, because a pod whose renewals are late may still be working. It is taken over only when
the API says that the pod of its holder no longer exists or has ended. The kubelet stops the containers of a pod before
the API forgets the pod, unless somebody deletes the pod by force (``--grace-period=0 --force``), which must therefore
never happen to these pods (Kubernetes documentation, "Pod Lifecycle", "Termination of Pods", "Forced Pod termination").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Protocol

from selfservice.clusters.api import Answer, has_ended

_SEPARATOR = "/"


class Api(Protocol):
    """Methods of the Kubernetes API client that a lease needs."""

    def request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer: ...


class RefusedLeaseError(Exception):
    """The Kubernetes API refused a request for a lease or a pod, for example for a missing permission."""


class Standing(Enum):
    """How a pod stands to the lease of a stack."""

    HELD = "held"
    """The pod holds the lease."""
    TAKEN = "taken"
    """Another pod, which may be alive, holds the lease."""


@dataclass(frozen=True, slots=True)
class PodIdentity:
    """A pod by its name and its uid. Another pod may get the same name later, and never the same uid."""

    name: str
    uid: str

    def __str__(self) -> str:
        return f"{self.name}{_SEPARATOR}{self.uid}"

    @classmethod
    def parse(cls, text: str) -> PodIdentity:
        name, _, uid = text.partition(_SEPARATOR)
        return cls(name, uid)


@dataclass(slots=True)
class StackLease:
    """The lease of one stack, as one pod sees it. Each change is conditional on the version that was read."""

    api: Api
    namespace: str
    stack: str
    pod: PodIdentity
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    holder: PodIdentity | None = None
    """The other pod that held the lease at the last attempt, for messages."""

    def acquire(self) -> Standing:
        """Tries once to get the lease. Call it again while another pod holds it.

        Raises: RefusedLeaseError; whatever the API raises if it does not answer, and then nothing is known.
        """
        while True:
            read = self.api.request("GET", self._path)
            if read.code == 404:
                if self._write("POST", self._leases, None):
                    return Standing.HELD
                continue
            lease = _expect(read, 200)
            self.holder = _holder_of(lease)
            if self.holder not in (None, self.pod) and not self._is_gone(self.holder):
                return Standing.TAKEN
            if self._write("PUT", self._path, lease):
                return Standing.HELD
            # Another pod was faster, so its lease is read.

    def renew(self) -> Standing:
        """Writes the time of the renewal, which shows people that the pod works. Returns whether it still holds the
        lease."""
        while True:
            read = self.api.request("GET", self._path)
            if read.code == 404:
                return Standing.TAKEN
            lease = _expect(read, 200)
            self.holder = _holder_of(lease)
            if self.holder != self.pod:
                return Standing.TAKEN
            if self._write("PUT", self._path, lease):
                return Standing.HELD

    def release(self) -> None:
        """Gives the lease up, if the pod holds it."""
        while True:
            read = self.api.request("GET", self._path)
            if read.code == 404:
                return
            lease = _expect(read, 200)
            if _holder_of(lease) != self.pod or self._write("PUT", self._path, lease, holder=""):
                return

    @property
    def _leases(self) -> str:
        return f"/apis/coordination.k8s.io/v1/namespaces/{self.namespace}/leases"

    @property
    def _path(self) -> str:
        return f"{self._leases}/{self.stack}"

    def _is_gone(self, holder: PodIdentity | None) -> bool:
        """Returns whether the API says that the pod has ended, or that no such pod exists."""
        assert holder is not None
        read = self.api.request("GET", f"/api/v1/namespaces/{self.namespace}/pods/{holder.name}")
        if read.code == 404:
            return True
        pod = _expect(read, 200)
        return bool(pod["metadata"]["uid"] != holder.uid or has_ended(pod))

    def _write(self, method: str, path: str, lease: Mapping[str, Any] | None, holder: str | None = None) -> bool:
        """Writes the lease over the version that was read. Returns False if it has changed since."""
        # The version makes the API refuse the change of a lease that was changed meanwhile.
        metadata: dict[str, Any] = {"name": self.stack}
        spec: dict[str, Any] = {}
        if lease is not None:
            metadata["resourceVersion"] = lease["metadata"]["resourceVersion"]
            spec = dict(lease.get("spec") or {})
        wanted = str(self.pod) if holder is None else holder
        time = self.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        if spec.get("holderIdentity", "") != wanted:
            transitions = {} if lease is None else {"leaseTransitions": int(spec.get("leaseTransitions") or 0) + 1}
            spec |= {"holderIdentity": wanted, "acquireTime": time, **transitions}
        spec["renewTime"] = time
        body = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": metadata, "spec": spec}
        answer = self.api.request(method, path, body)
        if answer.code in (404, 409):
            return False
        _expect(answer, 200, 201)
        return True


def _holder_of(lease: Mapping[str, Any]) -> PodIdentity | None:
    text = (lease.get("spec") or {}).get("holderIdentity")
    return PodIdentity.parse(text) if text else None


def _expect(answer: Answer, *codes: int) -> Mapping[str, Any]:
    if answer.code not in codes:
        raise RefusedLeaseError(f"HTTP {answer.code}: {answer.body.get('message', 'no reason given')}")
    return answer.body
