"""A server in a cluster: replicas of a hardened pod, their service account and their address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.apps.v1 import DeploymentSpecArgs, DeploymentStrategyArgs, RollingUpdateDeploymentArgs
from pulumi_kubernetes.core.v1 import (
    HTTPGetActionArgs,
    PodTemplateSpecArgs,
    ProbeArgs,
    ServicePortArgs,
    ServiceSpecArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs

from components.cluster.hardened_pod import HardenedPodArgs, hardened_pod

NAME_LABEL = "app.kubernetes.io/name"
"""Recommended label of Kubernetes for the name of an application."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HardenedDeploymentArgs:
    """Arguments of :class:`HardenedDeployment`."""

    workload: str
    """Name of the Deployment, of its service account, of its Service and of the label of its pods."""

    namespace: pulumi.Input[str]
    """Name of the namespace."""

    image: pulumi.Input[str]
    """Image with its digest, from a registry that the cluster admits."""

    command: Sequence[str]
    """Program and its arguments, which replace those of the image."""

    port: int
    """Port on which the process serves HTTP, 1,024 or higher, because it has no privileges."""

    health_path: str
    """Path that answers with status 200 once the process can serve."""

    replicas: int
    """Number of pods, at least 1."""

    cpus: float
    """vCPUs that each pod requests."""

    memory_gib: int
    """Memory that each pod may use, in GiB."""

    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Environment variables, without secrets."""

    start_seconds: int = 300
    """Seconds that a pod may need until it can serve. Default: 300."""

    reaches_the_api: bool = False
    """Whether the pods have a token of their service account for the Kubernetes API. Default: they have none."""

    stop_seconds: int | None = None
    """Seconds that a pod may need to end. Default: 30, as Kubernetes sets it."""

    def __post_init__(self) -> None:
        if self.port < 1024:
            raise ValueError(f"port: {self.port} needs privileges; use 1024 or higher")
        if self.replicas < 1:
            raise ValueError(f"replicas: {self.workload} needs at least 1")


class HardenedDeployment(pulumi.ComponentResource):
    """A Deployment whose pods the Pod Security level ``restricted`` admits and whose root file system is read-only.

    An update starts a new pod before it stops an old one, so that the server always answers. Nobody reaches the pods
    until a network policy of the namespace admits it.

    Creates: the service account without a token of the Kubernetes API; the Deployment; the Service inside the cluster.

    Outputs: ``url``.

    Raises: ValueError when the port needs privileges, or there is no replica.

    Cost: the instances of its pods.

    Example::

        HardenedDeployment("server", HardenedDeploymentArgs(
            workload="mlflow", namespace=namespace.namespace, image=image, command=["python", "-m", "serve"], port=8080,
            health_path="/health", replicas=2, cpus=1, memory_gib=2,
        ), pulumi.ResourceOptions(provider=cluster_provider))
    """

    url: pulumi.Output[str]
    """URL of the server inside the cluster; known once its pods can serve."""

    def __init__(self, name: str, args: HardenedDeploymentArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:cluster:HardenedDeployment", name, None, opts)
        self._name, self._args = name, args
        self._labels = {NAME_LABEL: args.workload}
        account = kubernetes.core.v1.ServiceAccount(
            f"{name}-account",
            metadata=self._metadata(),
            automount_service_account_token=False,
            opts=pulumi.ResourceOptions(parent=self),
        )
        deployment = self._deployment(account)
        service = kubernetes.core.v1.Service(
            f"{name}-service",
            metadata=self._metadata(),
            spec=ServiceSpecArgs(
                type="ClusterIP",
                selector=self._labels,
                ports=[ServicePortArgs(name="http", port=args.port, target_port=args.port, protocol="TCP")],
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[deployment]),
        )
        self.url = pulumi.Output.all(args.namespace, service.id).apply(
            lambda known: f"http://{args.workload}.{known[0]}.svc.cluster.local:{args.port}"
        )
        self.register_outputs({"url": self.url})

    def _metadata(self) -> ObjectMetaArgs:
        return ObjectMetaArgs(name=self._args.workload, namespace=self._args.namespace, labels=self._labels)

    def _deployment(self, account: kubernetes.core.v1.ServiceAccount) -> kubernetes.apps.v1.Deployment:
        args = self._args
        health = HTTPGetActionArgs(path=args.health_path, port=args.port)
        pod = HardenedPodArgs(
            image=args.image,
            command=args.command,
            service_account=args.workload,
            environment=args.environment,
            cpus=args.cpus,
            memory_gib=args.memory_gib,
            port=args.port,
            readiness=ProbeArgs(http_get=health, period_seconds=5),
            liveness=ProbeArgs(
                http_get=health, period_seconds=10, failure_threshold=6, initial_delay_seconds=args.start_seconds
            ),
            spread=self._labels,
            reaches_the_api=args.reaches_the_api,
            stop_seconds=args.stop_seconds,
        )
        return kubernetes.apps.v1.Deployment(
            self._name,
            metadata=self._metadata(),
            spec=DeploymentSpecArgs(
                replicas=args.replicas,
                selector=LabelSelectorArgs(match_labels=self._labels),
                strategy=DeploymentStrategyArgs(
                    type="RollingUpdate", rolling_update=RollingUpdateDeploymentArgs(max_surge=1, max_unavailable=0)
                ),
                progress_deadline_seconds=2 * args.start_seconds,
                template=PodTemplateSpecArgs(metadata=ObjectMetaArgs(labels=self._labels), spec=hardened_pod(pod)),
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[account]),
        )
