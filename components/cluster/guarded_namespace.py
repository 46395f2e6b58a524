"""A namespace whose pods have no privileges, no traffic and no more resources than its limits allow."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.core.v1 import (
    LimitRangeItemArgs,
    LimitRangeSpecArgs,
    ResourceQuotaSpecArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs
from pulumi_kubernetes.networking.v1 import (
    IPBlockArgs,
    NetworkPolicyEgressRuleArgs,
    NetworkPolicyPeerArgs,
    NetworkPolicyPortArgs,
    NetworkPolicySpecArgs,
)

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
"""Name of a namespace (RFC 1123 label)."""
_LEVEL = "restricted"
"""Level of the Pod Security Standards: no root, no capability, no host namespace and no host path."""
_MODES = ("audit", "enforce", "warn")
_POD_IDENTITY_AGENT = "169.254.170.23/32"
"""Address of the agent of EKS Pod Identity on each node (EKS User Guide, "EKS Pod Identity considerations")."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GuardedNamespaceArgs:
    """Arguments of :class:`GuardedNamespace`."""

    namespace: str
    """Name of the namespace, up to 63 characters."""

    cpus: int
    """vCPUs that all pods together may request."""

    memory_gib: int
    """Memory that all pods together may request, and may use, in GiB."""

    pods: int
    """Number of pods."""

    storage_gib: int = 0
    """Size of all volumes together, in GiB. Default 0: no volume."""

    load_balancers: int = 0
    """Number of Services of the type LoadBalancer. Default 0: none."""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.namespace):
            raise ValueError(f"namespace: {self.namespace!r} is not up to 63 lower-case letters, digits and hyphens")
        for field in ("cpus", "memory_gib", "pods"):
            if getattr(self, field) < 1:
                raise ValueError(f"{field}: {self.namespace} needs at least 1, or no pod could run in it")


class GuardedNamespace(pulumi.ComponentResource):
    """A namespace for one tool. A pod that asks for more than it allows is refused by the Kubernetes API.

    Pods reach DNS, the agent of EKS Pod Identity, and HTTPS. The subnets of the cluster have no route out, so HTTPS
    leads to VPC endpoints, to the Kubernetes API, and to pods that admit it. Nobody reaches the pods: a tool that
    serves adds a network policy of its own. EKS enforces network policies with the controller that
    :class:`~components.cluster.cluster_defaults.ClusterDefaults` enables.

    Creates: the namespace with the Pod Security level ``restricted``; a network policy that denies all traffic; one
    that allows the outgoing traffic above; the quota of the namespace, which admits no node port, and no load balancer
    by default; the default limits of containers; the default service account without a token of the Kubernetes API.

    Outputs: ``namespace``.

    Raises: ValueError when the name is not valid, or no pod could run.

    Cost: none of its own.

    Example::

        GuardedNamespace("tracking", GuardedNamespaceArgs(
            namespace="tracking", cpus=8, memory_gib=32, pods=50,
        ), pulumi.ResourceOptions(provider=cluster_provider))
    """

    namespace: pulumi.Output[str]
    """Name of the namespace; known once all its guards exist."""

    def __init__(self, name: str, args: GuardedNamespaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:cluster:GuardedNamespace", name, None, opts)
        self._name, self._args = name, args
        labels = {f"pod-security.kubernetes.io/{mode}": _LEVEL for mode in _MODES}
        made = kubernetes.core.v1.Namespace(
            name,
            metadata=ObjectMetaArgs(name=args.namespace, labels=labels),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self._inside = pulumi.ResourceOptions(parent=self, depends_on=[made])
        guards = [*self._network_policies(), self._quota(), self._limits(), self._default_account()]
        ready = pulumi.Output.all(*(guard.id for guard in guards))
        self.namespace = ready.apply(lambda _: args.namespace)
        self.register_outputs({"namespace": self.namespace})

    def _metadata(self, name: str) -> ObjectMetaArgs:
        return ObjectMetaArgs(name=name, namespace=self._args.namespace)

    def _network_policies(self) -> list[pulumi.CustomResource]:
        everything = LabelSelectorArgs()
        denial = kubernetes.networking.v1.NetworkPolicy(
            f"{self._name}-denial",
            metadata=self._metadata("deny-all"),
            spec=NetworkPolicySpecArgs(pod_selector=everything, policy_types=["Ingress", "Egress"]),
            opts=self._inside,
        )
        allowed = kubernetes.networking.v1.NetworkPolicy(
            f"{self._name}-egress",
            metadata=self._metadata("allow-aws"),
            spec=NetworkPolicySpecArgs(
                pod_selector=everything,
                policy_types=["Egress"],
                egress=[
                    NetworkPolicyEgressRuleArgs(ports=[_port(53, "UDP"), _port(53, "TCP"), _port(443, "TCP")]),
                    NetworkPolicyEgressRuleArgs(
                        to=[NetworkPolicyPeerArgs(ip_block=IPBlockArgs(cidr=_POD_IDENTITY_AGENT))],
                        ports=[_port(80, "TCP")],
                    ),
                ],
            ),
            opts=self._inside,
        )
        return [denial, allowed]

    def _quota(self) -> kubernetes.core.v1.ResourceQuota:
        args = self._args
        hard: Mapping[str, str] = {
            "limits.memory": f"{args.memory_gib}Gi",
            "pods": str(args.pods),
            "requests.cpu": str(args.cpus),
            "requests.memory": f"{args.memory_gib}Gi",
            "requests.storage": f"{args.storage_gib}Gi",
            "services.loadbalancers": str(args.load_balancers),
            "services.nodeports": "0",
        }
        return kubernetes.core.v1.ResourceQuota(
            f"{self._name}-quota",
            metadata=self._metadata("quota"),
            spec=ResourceQuotaSpecArgs(hard=hard),
            opts=self._inside,
        )

    def _limits(self) -> kubernetes.core.v1.LimitRange:
        """Creates the requests and limits of containers that name none. Without them, the quota would refuse them."""
        container = LimitRangeItemArgs(
            type="Container",
            default={"memory": "512Mi"},
            default_request={"cpu": "100m", "memory": "512Mi"},
        )
        return kubernetes.core.v1.LimitRange(
            f"{self._name}-limits",
            metadata=self._metadata("containers"),
            spec=LimitRangeSpecArgs(limits=[container]),
            opts=self._inside,
        )

    def _default_account(self) -> kubernetes.core.v1.ServiceAccount:
        """Takes over the account that Kubernetes creates in each namespace, for pods that name none."""
        return kubernetes.core.v1.ServiceAccount(
            f"{self._name}-default-account",
            metadata=self._metadata("default"),
            automount_service_account_token=False,
            opts=self._inside,
        )


def allow_proxy(name: str, namespace: pulumi.Input[str], address: str, cidr: str, *, parent: pulumi.Resource) -> None:
    """Creates the network policy that allows the pods of a namespace to reach an HTTPS proxy. It names no host, because
    network policies know addresses only.

    Args:
        name: Logical name.
        namespace: Name of the namespace.
        address: Address of the proxy (``http://<host>:<port>``).
        cidr: CIDR block of its network.
        parent: Component that has the policy.
    """
    port = urlsplit(address).port
    if port is None:
        raise ValueError(f"address: {address} names no port")
    network = NetworkPolicyPeerArgs(ip_block=IPBlockArgs(cidr=cidr))
    kubernetes.networking.v1.NetworkPolicy(
        name,
        metadata=ObjectMetaArgs(name="allow-proxy", namespace=namespace),
        spec=NetworkPolicySpecArgs(
            pod_selector=LabelSelectorArgs(),
            policy_types=["Egress"],
            egress=[NetworkPolicyEgressRuleArgs(to=[network], ports=[_port(port, "TCP")])],
        ),
        opts=pulumi.ResourceOptions(parent=parent),
    )


def _port(number: int, protocol: str) -> NetworkPolicyPortArgs:
    return NetworkPolicyPortArgs(port=number, protocol=protocol)
