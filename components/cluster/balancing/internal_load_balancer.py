"""A load balancer inside the network, in front of the pods of one namespace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.core.v1 import ServicePortArgs, ServiceSpecArgs
from pulumi_kubernetes.core.v1.outputs import ServiceStatus
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs
from pulumi_kubernetes.networking.v1 import (
    IPBlockArgs,
    NetworkPolicyIngressRuleArgs,
    NetworkPolicyPeerArgs,
    NetworkPolicyPortArgs,
    NetworkPolicySpecArgs,
)

from components.cluster.hardened_deployment import NAME_LABEL

PORT = 443
"""Port of the listener, the only one."""
_CLASS = "eks.amazonaws.com/nlb"
ANNOTATIONS = "service.beta.kubernetes.io/aws-load-balancer-"
"""Beginning of the annotations that the controller of load balancers reads."""
_TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"
"""TLS 1.2 and 1.3 only. The default of the controller admits TLS 1.0."""
_WAIT_FOR = "jsonpath={.status.loadBalancer.ingress[0].hostname}"
"""When the Service counts as created. By default, Pulumi also waits for pods, which a tool may bring later."""


@dataclass(frozen=True, kw_only=True, slots=True)
class InternalLoadBalancerArgs:
    """Arguments of :class:`InternalLoadBalancer`."""

    namespace: pulumi.Input[str]
    """Name of the namespace, whose quota admits one load balancer."""

    workload: str
    """Label ``app.kubernetes.io/name`` of the pods that serve."""

    port: int
    """Port on which the pods serve HTTP."""

    health_path: str
    """Path that answers with a status from 200 to 399 if a pod can serve."""

    certificate_arn: str
    """ARN of the certificate in ACM, in the account and region of the cluster."""

    cidr: IPv4Network
    """CIDR block of the network, whose addresses alone reach the load balancer."""

    subnet_ids: Sequence[pulumi.Input[str]]
    """Ids of the subnets of the load balancer, one for each zone."""

    further_cidrs: Sequence[IPv4Network] = ()
    """CIDR blocks of further networks, whose clients come through an endpoint service. The security group sees their
    own addresses (ELB User Guide, "Security groups for your Network Load Balancer", read 2026-12-01)."""


class InternalLoadBalancer(pulumi.ComponentResource):
    """A Network Load Balancer that EKS Auto Mode creates for a Service. It terminates TLS with a certificate of ACM and
    has no address outside the network.

    It connects to the pods themselves, not to ports of the nodes. A connection comes from an address of its subnets, so
    the network policy admits the network.

    ``opts`` need a provider of the cluster.

    Creates: the Service, and with it the load balancer, its security group, its listener and its target group; the
    network policy that admits it to the pods.

    Outputs: ``host``.

    Cost: an hourly price for the load balancer, and a price for each capacity unit that it uses.

    Example::

        InternalLoadBalancer("tracking-balancer", InternalLoadBalancerArgs(
            namespace=namespace.namespace, workload="server", port=8080, health_path="/health",
            certificate_arn="arn:aws:acm:eu-west-1:111111111111:certificate/…", cidr=IPv4Network("10.0.128.0/19"),
            subnet_ids=network.subnet_ids,
        ), pulumi.ResourceOptions(provider=cluster_provider))
    """

    host: pulumi.Output[str]
    """DNS name of the load balancer. Clients use a name of its certificate, which leads there."""

    def __init__(self, name: str, args: InternalLoadBalancerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:cluster:InternalLoadBalancer", name, None, opts)
        self._name, self._args = name, args
        admitted = self._network_policy()
        service = kubernetes.core.v1.Service(
            f"{name}-service",
            metadata=ObjectMetaArgs(
                name=f"{args.workload}-balanced",
                namespace=args.namespace,
                annotations={**self._annotations(), "pulumi.com/waitFor": _WAIT_FOR},
            ),
            spec=ServiceSpecArgs(
                type="LoadBalancer",
                load_balancer_class=_CLASS,
                load_balancer_source_ranges=[str(cidr) for cidr in (args.cidr, *args.further_cidrs)],
                allocate_load_balancer_node_ports=False,
                selector={NAME_LABEL: args.workload},
                ports=[ServicePortArgs(name="https", port=PORT, target_port=args.port, protocol="TCP")],
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[admitted]),
        )
        self.host = service.status.apply(_host)
        self.register_outputs({"host": self.host})

    def _annotations(self) -> dict[str, pulumi.Input[str]]:
        args = self._args
        subnets = pulumi.Output.all(*args.subnet_ids).apply(",".join)
        given: dict[str, pulumi.Input[str]] = {
            "attributes": "load_balancing.cross_zone.enabled=true",
            "healthcheck-path": args.health_path,
            "healthcheck-protocol": "http",
            "nlb-target-type": "ip",
            "scheme": "internal",
            "ssl-cert": args.certificate_arn,
            "ssl-negotiation-policy": _TLS_POLICY,
            "ssl-ports": str(PORT),
            "subnets": subnets,
        }
        return {f"{ANNOTATIONS}{key}": value for key, value in given.items()}

    def _network_policy(self) -> kubernetes.networking.v1.NetworkPolicy:
        args = self._args
        network = NetworkPolicyPeerArgs(ip_block=IPBlockArgs(cidr=str(args.cidr)))
        port = NetworkPolicyPortArgs(port=args.port, protocol="TCP")
        return kubernetes.networking.v1.NetworkPolicy(
            f"{self._name}-policy",
            metadata=ObjectMetaArgs(name="allow-load-balancer", namespace=args.namespace),
            spec=NetworkPolicySpecArgs(
                pod_selector=LabelSelectorArgs(match_labels={NAME_LABEL: args.workload}),
                policy_types=["Ingress"],
                ingress=[NetworkPolicyIngressRuleArgs(from_=[network], ports=[port])],
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )


def _host(status: ServiceStatus | None) -> str:
    """Returns the DNS name in the status of a Service that counts as created."""
    balancer = status.load_balancer if status is not None else None
    ingress = balancer.ingress if balancer is not None else None
    if not ingress:
        raise ValueError("the Service has no load balancer")
    return str(ingress[0].hostname)
