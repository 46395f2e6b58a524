"""Settings of the Kubernetes cluster in the tooling account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import Field

from settings.organization.cluster.certificate import CertificateArn
from settings.organization.cluster.ci_runners import CiSettings
from settings.organization.cluster.proxy import ProxySettings
from settings.organization.cluster.tracking_server import TrackingServerSettings
from settings.organization.reviews import KeyArn, StateBucket
from settings.types.aws.log_retention import AUDITED_DAYS, LogRetentionDays
from settings.types.error_codes import Code
from settings.types.errors import refusal
from settings.types.kinds import Phase
from settings.types.model import Settings
from settings.types.values import Checked, ImageDigest, List, NamespaceName, RoleArn, matching, within

FIRST_PHASE_WITH_CLUSTER: Phase = "scalable"
"""Phase from which a cluster is allowed. Earlier phases need none of what runs in it (AMB-15)."""

SUPPORTED_VERSIONS = ("1.35", "1.36")
"""Kubernetes versions in standard support at EKS, the oldest first. Standard support of 1.35 ends on 2027-03-27, and
that of 1.34 on 2026-12-02 (EKS User Guide, "Understand the Kubernetes version lifecycle on EKS", read 2026-11-23)."""


def _version(text: str) -> str:
    if text not in SUPPORTED_VERSIONS:
        listed = ", ".join(SUPPORTED_VERSIONS)
        rule = f"is not a Kubernetes version in standard support at EKS ({listed})"
        raise refusal(Code.NOT_ALLOWED, rule, f'use "{SUPPORTED_VERSIONS[-1]}"; EKS upgrades by one minor at a time')
    return text


KubernetesVersion = Annotated[str, Checked(_version, {"enum": list(SUPPORTED_VERSIONS)})]


HealthPath = Annotated[
    str,
    matching(
        "/[A-Za-z0-9/._~-]{0,1023}",
        "is not the path of a health check: / and up to 1,023 letters, digits and /._~-",
        "use a path such as /health",
    ),
]


class LoadBalancerSettings(Settings):
    """Settings of the load balancer of a namespace. ``certificate`` and ``workload`` have no default."""

    certificate: CertificateArn = Field(
        description="ARN of its certificate in ACM, in the tooling account and the home region. Clients use a name of "
        "the certificate, which you lead to the load balancer.",
        examples=[f"arn:aws:acm:eu-west-1:111111111111:certificate/{'0' * 8}-{'0' * 4}-{'0' * 4}-{'0' * 4}-{'0' * 12}"],
    )
    workload: NamespaceName = Field(
        description="Label `app.kubernetes.io/name` of the pods behind it.", examples=["server"]
    )
    port: Annotated[int, within(1024, 65_535, "")] = Field(
        default=8080, description="Port on which the pods serve HTTP. The load balancer itself listens at 443."
    )
    health_path: HealthPath = Field(
        default="/", description="Path that answers with a status from 200 to 399 if a pod can serve."
    )


class NamespaceSettings(Settings):
    """Limits of all pods of a namespace together. All have defaults."""

    cpus: Annotated[int, within(1, 1024, "vCPUs")] = Field(
        default=8, description="vCPUs that the pods of the namespace may request together."
    )
    memory_gib: Annotated[int, within(1, 8192, "GiB")] = Field(
        default=32, description="Memory that the pods of the namespace may use together, in GiB."
    )
    pods: Annotated[int, within(1, 1000, "pods")] = Field(
        default=50, description="Number of pods that the namespace may have."
    )
    storage_gib: Annotated[int, within(0, 65_536, "GiB")] = Field(
        default=0, description="Size of all volumes of the namespace together, in GiB. 0: it has no volumes."
    )
    load_balancer: LoadBalancerSettings | None = Field(
        default=None,
        description="A load balancer with TLS, which addresses of the tooling network reach. Default: only pods whose "
        "network policies say so reach the namespace.",
    )


class StackRunnerSettings(Settings):
    """Settings of the runner of stack operations in the cluster. ``image`` and ``state_bucket`` have no default."""

    image: ImageDigest = Field(
        description="Digest of the image with Plinth in the repository `plinth` of the tooling account. Jobs run this "
        "image and no other.",
        examples=[f"sha256:{'a' * 64}"],
    )
    state_bucket: StateBucket = Field(
        description="Name of the bucket with the states of all stacks, which Jobs read and write.",
        examples=["acme-states"],
    )
    state_keys: List[KeyArn] = Field(
        default=(), description="ARNs of the KMS keys that encrypt the bucket and the secrets in the states."
    )
    launchers: List[RoleArn] = Field(
        default=(),
        description="ARNs of the existing roles that may start Jobs, with their path. They assume a role that may do "
        "nothing else in the cluster. Default: only administrators of the cluster start Jobs.",
    )
    jobs: Annotated[int, within(1, 200, "Jobs")] = Field(
        default=8, description="Number of Jobs that run at the same time. The quota of the namespace admits no more."
    )
    cpus: Annotated[int, within(1, 16, "vCPUs")] = Field(default=1, description="vCPUs that each Job requests.")
    memory_gib: Annotated[int, within(1, 64, "GiB")] = Field(
        default=2, description="Memory that each Job may use, in GiB."
    )


PortalAddress = Annotated[
    str,
    matching(
        r"https://[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+",
        "is not the address of a portal: https:// and a host name in lower-case letters",
        "write no port and no path: https://portal.acme.example",
    ),
]


class PortalSettings(Settings):
    """Settings of the portal in the cluster. ``image``, ``address``, ``certificate`` and ``proxy`` have no default."""

    image: ImageDigest = Field(
        description="Digest of the image with Plinth in the repository `plinth` of the tooling account.",
        examples=[f"sha256:{'a' * 64}"],
    )
    address: PortalAddress = Field(
        description="Address that browsers open. Its host is a name of the certificate, which you lead to the load "
        "balancer.",
        examples=["https://portal.acme.example"],
    )
    certificate: CertificateArn = Field(
        description="ARN of the certificate of the load balancer in ACM, in the tooling account and the home region."
    )
    proxy: ProxySettings = Field(
        description="The HTTPS proxy through which the portal calls AWS. It admits the endpoints of AWS in the home "
        "region, and calls them from `corporate_networks`, if the organization has some. IAM Identity Center has no "
        "VPC endpoint for sign-in, and the endpoints of the tooling network refuse permission sets of other accounts."
    )
    cpus: Annotated[int, within(1, 16, "vCPUs")] = Field(default=1, description="vCPUs that the pod requests.")
    memory_gib: Annotated[int, within(1, 64, "GiB")] = Field(
        default=2, description="Memory that the pod may use, in GiB."
    )


class ClusterSettings(Settings):
    """Settings of the cluster. All have defaults."""

    version: KubernetesVersion = Field(
        default=SUPPORTED_VERSIONS[0],
        description="Kubernetes version, in quotes. EKS upgrades the cluster itself when standard support of the "
        "version ends, because extended support is not allowed.",
    )
    log_retention_days: LogRetentionDays = Field(
        default=AUDITED_DAYS,
        description="Days to keep the logs of the control plane, among them the audit log of the Kubernetes API.",
    )
    administrators: List[RoleArn] = Field(
        default=(),
        description="ARNs of existing roles that administer the cluster, with their path. The deployment roles always "
        "do, and without IAM Identity Center the role of the persona it-platform.",
    )
    namespaces: Mapping[NamespaceName, NamespaceSettings] = Field(
        default_factory=dict,
        description="Namespaces for tools of your own, with their limits: `tracking: {cpus: 4}`. Each denies traffic "
        "and privileges by default.",
    )
    runner: StackRunnerSettings | None = Field(
        default=None,
        description="Runs operations on stacks as Jobs in the cluster. Default: they run where the command runs.",
    )
    mlflow: TrackingServerSettings | None = Field(
        default=None,
        description="An MLflow tracking server in the cluster, with a database and a bucket. Default: none.",
    )
    portal: PortalSettings | None = Field(
        default=None,
        description="The portal in the cluster, behind a load balancer. Default: each person runs `plinth portal`.",
    )
    ci: CiSettings | None = Field(
        default=None,
        description="GitLab runners in the cluster, each for one team, whose jobs run in pods of their own. Default: "
        "none.",
    )


def certificates_of(cluster: ClusterSettings | None) -> Iterator[tuple[str, str]]:
    """Yields the settings of a cluster that name a certificate, with its ARN."""
    if cluster is None:
        return
    for name, namespace in cluster.namespaces.items():
        if namespace.load_balancer is not None:
            yield f"namespaces.{name}.load_balancer.certificate", namespace.load_balancer.certificate
    if cluster.mlflow is not None and cluster.mlflow.certificate is not None:
        yield "mlflow.certificate", cluster.mlflow.certificate
    if cluster.portal is not None:
        yield "portal.certificate", cluster.portal.certificate
