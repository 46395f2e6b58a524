"""Specification of a pod without privileges, for every workload of the foundation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_kubernetes.core.v1 import (
    CapabilitiesArgs,
    ConfigMapProjectionArgs,
    ContainerArgs,
    ContainerPortArgs,
    EmptyDirVolumeSourceArgs,
    EnvVarArgs,
    KeyToPathArgs,
    PodSecurityContextArgs,
    PodSpecArgs,
    ProbeArgs,
    ProjectedVolumeSourceArgs,
    ResourceRequirementsArgs,
    SeccompProfileArgs,
    SecurityContextArgs,
    ServiceAccountTokenProjectionArgs,
    TopologySpreadConstraintArgs,
    VolumeArgs,
    VolumeMountArgs,
    VolumeProjectionArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs

USER = 10_001
"""User and group of the process, which own no file of the image and no file of the node."""
SCRATCH = "/tmp"
ZONE = "topology.kubernetes.io/zone"
_API_FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount"
"""Folder in which clients of the Kubernetes API look for their token and for the authority of the API."""
_API_AUDIENCE, _API_SECONDS = "https://kubernetes.default.svc", 3600
"""Audience of the API servers of EKS, and the validity of a token, which the kubelet renews."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HardenedPodArgs:
    """Arguments of :func:`hardened_pod`."""

    image: pulumi.Input[str]
    """Image with its digest."""

    command: Sequence[str]
    """Program and its arguments, which replace those of the image."""

    service_account: pulumi.Input[str]
    """Service account of the pod, which is not ``default``."""

    environment: Mapping[str, pulumi.Input[str]]
    """Environment variables. They contain no secret, because everybody who may read the pod sees them."""

    cpus: float
    """vCPUs that the pod requests."""

    memory_gib: int
    """Memory that the pod may use, in GiB."""

    port: int | None = None
    """Port on which the process serves. Default: none."""

    readiness: ProbeArgs | None = None
    """Probe that tells whether the process can serve. Default: none."""

    liveness: ProbeArgs | None = None
    """Probe after whose failure the container is started again. Default: none."""

    spread: Mapping[str, str] = field(default_factory=dict)
    """Labels of pods that are spread over zones. Default: none."""

    restart: str = "Always"
    """Restart policy: ``Always`` for servers, ``Never`` for jobs."""

    reaches_the_api: bool = False
    """Whether the pod has a token of its service account for the Kubernetes API. Default: it has none."""

    stop_seconds: int | None = None
    """Seconds that the process may need to end. Default: 30, as Kubernetes sets it."""


def hardened_pod(args: HardenedPodArgs) -> PodSpecArgs:
    """Builds a pod that the Pod Security level ``restricted`` admits, with a root file system that nobody can write.

    By default the pod has no token of the Kubernetes API. One that needs it gets a token for an hour, which the kubelet
    renews. EKS Pod Identity adds its own token with an audience.
    """
    return PodSpecArgs(
        service_account_name=args.service_account,
        automount_service_account_token=False,
        enable_service_links=False,
        restart_policy=args.restart,
        security_context=PodSecurityContextArgs(
            run_as_non_root=True,
            run_as_user=USER,
            run_as_group=USER,
            fs_group=USER,
            seccomp_profile=SeccompProfileArgs(type="RuntimeDefault"),
        ),
        containers=[_container(args)],
        termination_grace_period_seconds=args.stop_seconds,
        volumes=[
            VolumeArgs(name="scratch", empty_dir=EmptyDirVolumeSourceArgs(size_limit="1Gi")),
            *([_api_access()] if args.reaches_the_api else []),
        ],
        topology_spread_constraints=_spread(args.spread),
    )


def _container(args: HardenedPodArgs) -> ContainerArgs:
    memory = f"{args.memory_gib}Gi"
    return ContainerArgs(
        name="main",
        image=args.image,
        command=list(args.command),
        env=[EnvVarArgs(name=name, value=value) for name, value in sorted(args.environment.items())],
        ports=[] if args.port is None else [ContainerPortArgs(name="http", container_port=args.port)],
        resources=ResourceRequirementsArgs(
            requests={"cpu": str(args.cpus), "memory": memory}, limits={"memory": memory}
        ),
        readiness_probe=args.readiness,
        liveness_probe=args.liveness,
        security_context=SecurityContextArgs(
            allow_privilege_escalation=False,
            capabilities=CapabilitiesArgs(drop=["ALL"]),
            read_only_root_filesystem=True,
        ),
        volume_mounts=[
            VolumeMountArgs(name="scratch", mount_path=SCRATCH),
            *([VolumeMountArgs(name="api", mount_path=_API_FOLDER, read_only=True)] if args.reaches_the_api else []),
        ],
    )


def _api_access() -> VolumeArgs:
    """Returns a volume with a token for the Kubernetes API and the certificate of its authority."""
    token = ServiceAccountTokenProjectionArgs(audience=_API_AUDIENCE, expiration_seconds=_API_SECONDS, path="token")
    authority = ConfigMapProjectionArgs(name="kube-root-ca.crt", items=[KeyToPathArgs(key="ca.crt", path="ca.crt")])
    sources = [VolumeProjectionArgs(service_account_token=token), VolumeProjectionArgs(config_map=authority)]
    return VolumeArgs(name="api", projected=ProjectedVolumeSourceArgs(sources=sources))


def _spread(labels: Mapping[str, str]) -> list[TopologySpreadConstraintArgs]:
    if not labels:
        return []
    return [
        TopologySpreadConstraintArgs(
            max_skew=1,
            topology_key=ZONE,
            # A zone without room does not stop the server.
            when_unsatisfiable="ScheduleAnyway",
            label_selector=LabelSelectorArgs(match_labels=labels),
        )
    ]
