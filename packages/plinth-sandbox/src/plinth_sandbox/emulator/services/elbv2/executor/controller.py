"""The controller of EKS Auto Mode that gives Services of the type LoadBalancer a Network Load Balancer."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.outside import Outside
from plinth_sandbox.emulator.executors.service_session import open_session, tag_parameters
from plinth_sandbox.emulator.services.elbv2.executor.health import HealthChecks
from plinth_sandbox.emulator.services.elbv2.executor.provisioning import Provisioning, Target
from plinth_sandbox.emulator.services.elbv2.executor.services import (
    FINALIZER,
    UnfulfilledError,
    WantedBalancer,
    balancer_name,
    is_balanced,
    stack_of,
    wanted_balancer,
)
from plinth_sandbox.kubernetes.administrator import Administrator

log = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0
_RENEWED_SECONDS = 1800.0
"""Time after which the controller opens another session, which lasts an hour."""
_PAUSES = (1.0, 2.0, 5.0, 15.0, 30.0)
"""Seconds until the controller tries again what failed. The last one applies from then on."""
_SESSION = "eks-load-balancing"
_LINKED = "role/aws-service-role/eks.amazonaws.com/AWSServiceRoleForAmazonEKS"
_MERGE = "application/merge-patch+json"


@dataclass(frozen=True, slots=True)
class Balancing:
    """Data about a cluster that its controller needs."""

    cluster: str
    cluster_arn: str
    account: str
    region: str
    vpc: str
    role_arn: str
    """Role of the cluster, as which the controller creates load balancers."""


@dataclass(slots=True)
class _Known:
    """State that the controller keeps for a Service."""

    seen: str = ""
    """Service and pods that the load balancer corresponds to."""
    failures: int = 0
    due: float = 0.0
    said: str = ""
    """Message of the last event, which is not repeated."""


@dataclass(slots=True)
class Controller:
    """Looks at the Services of one cluster until it is closed."""

    outside: Outside
    balancing: Balancing
    administrator: Administrator
    checks: HealthChecks
    _known: dict[str, _Known] = field(default_factory=dict)
    _closed: threading.Event = field(default_factory=threading.Event)
    _provisioning: Provisioning | None = None
    _opened: float = 0.0

    def start(self) -> None:
        name = f"load balancers of {self.balancing.cluster}"
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def close(self) -> None:
        self._closed.set()

    def _run(self) -> None:
        while not self._closed.wait(_LOOK_SECONDS):
            for service in self._listed("/api/v1/services"):
                try:
                    self._look_at(service)
                except Exception:
                    log.exception("the load balancer of %s was not changed", service["metadata"]["name"])
            self.checks.look()

    def _look_at(self, service: Mapping[str, Any]) -> None:
        """Brings the load balancer of a Service up to date, unless nothing has changed or an attempt just failed."""
        metadata = service["metadata"]
        is_ours = FINALIZER in (metadata.get("finalizers") or [])
        is_wanted = is_balanced(service) and "deletionTimestamp" not in metadata
        if not is_ours and not is_wanted:
            return
        known = self._known.setdefault(str(metadata["uid"]), _Known())
        targets = self._targets(service) if is_wanted else {}
        seen = json.dumps([metadata.get("annotations"), service["spec"], sorted(targets.items()), is_wanted])
        if seen == known.seen or (known.failures and time.monotonic() < known.due):
            return
        if message := self._attempt(service, targets, is_wanted=is_wanted):
            known.due = time.monotonic() + _PAUSES[min(known.failures, len(_PAUSES) - 1)]
            known.failures += 1
            self._tell(service, known, "FailedDeployModel", message)
            return
        known.seen, known.failures = seen, 0
        if is_wanted:
            self._tell(service, known, "SuccessfullyReconciled", "Successfully reconciled")

    def _attempt(self, service: Mapping[str, Any], targets: dict[int, list[Target]], *, is_wanted: bool) -> str:
        """Returns why the load balancer is not as the Service asks, or an empty text."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            if is_wanted:
                self._create(service, wanted_balancer(self.balancing.cluster, service), targets)
            else:
                self._delete(service)
        except (AwsError, BotoCoreError, ClientError, UnfulfilledError, ValueError) as error:
            return str(error)
        return ""

    def _create(self, service: Mapping[str, Any], wanted: WantedBalancer, targets: dict[int, list[Target]]) -> None:
        self._patch(service, {"metadata": {"finalizers": _with_finalizer(service)}})
        host, groups = self._clients().ensure(wanted, targets)
        self.checks.watch(wanted.health, groups)
        if [address.get("hostname") for address in _addresses(service)] != [host]:
            self._patch(service, {"status": {"loadBalancer": {"ingress": [{"hostname": host}]}}}, part="/status")

    def _delete(self, service: Mapping[str, Any]) -> None:
        self._clients().delete(balancer_name(self.balancing.cluster, service), stack_of(service))
        if _addresses(service):
            self._patch(service, {"status": {"loadBalancer": {"ingress": None}}}, part="/status")
        kept = [finalizer for finalizer in service["metadata"]["finalizers"] if finalizer != FINALIZER]
        self._patch(service, {"metadata": {"finalizers": kept}})

    def _targets(self, service: Mapping[str, Any]) -> dict[int, list[Target]]:
        """Returns the ready pods of a Service, by its ports."""
        metadata = service["metadata"]
        selector = f"labelSelector=kubernetes.io%2Fservice-name%3D{metadata['name']}"
        path = f"/apis/discovery.k8s.io/v1/namespaces/{metadata['namespace']}/endpointslices?{selector}"
        found: dict[int, list[Target]] = {int(port["port"]): [] for port in service["spec"]["ports"]}
        numbers = {str(port.get("name", "")): int(port["port"]) for port in service["spec"]["ports"]}
        for part in self._listed(path):
            ready = [
                str(address)
                for endpoint in part.get("endpoints") or []
                if endpoint.get("conditions", {}).get("ready")
                for address in endpoint["addresses"]
            ]
            for port in part.get("ports") or []:
                found[numbers[str(port.get("name", ""))]] += [(address, int(port["port"])) for address in ready]
        return {number: sorted(targets) for number, targets in found.items()}

    def _clients(self) -> Provisioning:
        """Returns clients of both roles. Raises AwsError if EKS may not assume the role of the cluster."""
        import boto3

        if self._provisioning is None or time.monotonic() > self._opened + _RENEWED_SECONDS:
            balancing = self.balancing
            tags = tag_parameters({"eks:eks-cluster-name": balancing.cluster})
            own = self._session(balancing.role_arn, tags)
            linked = self._session(f"arn:aws:iam::{balancing.account}:{_LINKED}", {})

            def client(keys: Mapping[str, str], service: str) -> Any:
                session = boto3.Session(
                    keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], balancing.region
                )
                return session.client(service, endpoint_url=self.outside.url)  # type: ignore[call-overload]

            self._provisioning = Provisioning(
                balancing.cluster,
                balancing.vpc,
                elb=client(own, "elbv2"),
                ec2=client(own, "ec2"),
                service_elb=client(linked, "elbv2"),
                service_ec2=client(linked, "ec2"),
            )
            self._opened = time.monotonic()
        return self._provisioning

    def _session(self, role_arn: str, tags: Mapping[str, str]) -> Mapping[str, str]:
        asked = {"RoleArn": role_arn, "RoleSessionName": _SESSION, **tags}
        origin = {"source_arn": self.balancing.cluster_arn}
        opened = open_session(self.outside, "eks", self.balancing.region, asked, origin)
        keys: Mapping[str, str] = opened["Credentials"]
        return keys

    def _listed(self, path: str) -> list[dict[str, Any]]:
        said = self.administrator.ask(path)
        return [] if said is None else list(json.loads(said)["items"])

    def _patch(self, service: Mapping[str, Any], change: Mapping[str, Any], part: str = "") -> None:
        metadata = service["metadata"]
        path = f"/api/v1/namespaces/{metadata['namespace']}/services/{metadata['name']}{part}"
        self.administrator.ask(path, "PATCH", change, kind=_MERGE)

    def _tell(self, service: Mapping[str, Any], known: _Known, reason: str, message: str) -> None:
        """Creates an event about a Service."""
        if known.said == message:
            return
        known.said = message
        metadata = service["metadata"]
        place = {"namespace": metadata["namespace"], "name": metadata["name"], "uid": metadata["uid"]}
        event = {
            "metadata": {"generateName": f"{metadata['name']}.", "namespace": metadata["namespace"]},
            "involvedObject": {"apiVersion": "v1", "kind": "Service", **place},
            "reason": reason,
            "message": message,
            "type": "Warning" if reason.startswith("Failed") else "Normal",
            "source": {"component": "service"},
        }
        self.administrator.ask(f"/api/v1/namespaces/{metadata['namespace']}/events", "POST", event)


def _with_finalizer(service: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys([*(service["metadata"].get("finalizers") or []), FINALIZER]))


def _addresses(service: Mapping[str, Any]) -> list[dict[str, Any]]:
    return list((service.get("status") or {}).get("loadBalancer", {}).get("ingress") or [])
