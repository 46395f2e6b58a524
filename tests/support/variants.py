"""Variants of the organization that tests deploy, each with every optional resource."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Network
from itertools import product
from typing import Any

from settings.data.lake import LakeSettings
from settings.derived.foundation import Foundation
from settings.organization.audit import AuditSettings
from settings.organization.cluster.ci_runners import CiSettings, CiTeamSettings
from settings.organization.cluster.proxy import ProxySettings
from settings.organization.cluster.tooling_cluster import (
    ClusterSettings,
    LoadBalancerSettings,
    NamespaceSettings,
    PortalSettings,
    StackRunnerSettings,
)
from settings.organization.cluster.tracking_server import PrivateLinkSettings, TrackingServerSettings
from settings.organization.contacts import Contact
from settings.organization.images.platform_image import PlatformImageSettings
from settings.organization.operations.request_runner import RequestRunnerSettings, ServerlessWorkflows
from settings.organization.packages import PackageSettings
from settings.organization.reviews import GithubSettings, ReviewSettings
from settings.team.emr import EmrSettings
from settings.team.team import EnvironmentSettings
from settings.types.kinds import ENVIRONMENTS
from tests.support.every_stack import (
    EXPERIMENTING,
    PEOPLE,
    Deployment,
    example_feature_group,
    example_foundation,
    example_organization,
    example_team,
)
from tests.support.nightly import param

DESK = Contact(name="Desk", title="On call", email="desk@acme.example", phone="+44 20 7946 0000")
FULLEST: dict[str, Any] = {
    "contacts": dict.fromkeys(("billing", "operations", "security"), DESK),
    "monthly_budget_usd": 8000,
    "bill_by_tags": True,
    "audit": AuditSettings(macie=True),
    "reviews": ReviewSettings(
        state_bucket="acme-states",
        state_keys=("arn:aws:kms:eu-west-1:123456789012:key/states",),
        github=GithubSettings(repository="acme/foundation", environment="review"),
    ),
}
"""Organization settings that add resources in every variant."""

SECOND_REGION: dict[str, Any] = {
    "allowed_regions": ["eu-west-1", "eu-central-1"],
    "lake": LakeSettings(replica_region="eu-central-1"),
    "audit": AuditSettings(macie=True, replica_region="eu-central-1"),
}


RUNNER = StackRunnerSettings(
    image=f"sha256:{'a' * 64}", state_bucket="acme-states", launchers=("arn:aws:iam::123456789012:role/platform",)
)
CERTIFICATE = "arn:aws:acm:eu-west-1:111111111111:certificate/00000000-0000-0000-0000-000000000000"
MLFLOW = TrackingServerSettings(
    image=f"sha256:{'b' * 64}",
    clients={"fraud": ("arn:aws:iam::222222222222:role/plinth/fraud-development-job",)},
    certificate=CERTIFICATE,
    host="mlflow.acme.example",
    private_link=PrivateLinkSettings(verified=True),
)
CI = CiSettings(
    address="https://gitlab.acme.example",
    image=f"sha256:{'d' * 64}",
    helper_image=f"sha256:{'e' * 64}",
    job_images=(f"sha256:{'f' * 64}", f"sha256:{'1' * 64}"),
    proxy=ProxySettings(address="http://proxy.acme.example:3128", cidr=IPv4Network("10.200.4.0/22")),
    teams={"fraud": CiTeamSettings(jobs=3, cpus=2)},
)
REQUESTS: dict[str, Any] = {
    "request_runner": RequestRunnerSettings(
        image=f"sha256:{'c' * 64}",
        state_bucket="acme-states",
        state_keys=("arn:aws:kms:eu-west-1:123456789012:key/states",),
        serverless_workflows=ServerlessWorkflows(),
    )
}
"""Organization settings with a runner of requests, which needs a governance account of its own."""
PACKAGES: dict[str, Any] = {"packages": PackageSettings()}
"""Organization settings with a package repository, which needs the tooling account."""
PLATFORM_IMAGE: dict[str, Any] = {
    "platform_image": PlatformImageSettings(
        base=f"111111111111.dkr.ecr.eu-west-1.amazonaws.com/pulumi/pulumi-python@sha256:{'d' * 64}"
    )
}
"""Organization settings with builds of the platform's image, which need the package repository."""


def cluster(certificate: str = CERTIFICATE, team: str = "fraud") -> dict[str, Any]:
    """Returns organization settings with a Kubernetes cluster in the tooling account, and load balancers of tools.

    The certificate has to be in the home region. ``team`` has runners.
    """
    server = MLFLOW.model_copy(update={"certificate": certificate})
    tracking = NamespaceSettings(load_balancer=LoadBalancerSettings(certificate=certificate, workload="server"))
    runners = CI.model_copy(update={"teams": {team: CiTeamSettings(jobs=3, cpus=2)}})
    return {
        "tooling_cluster": ClusterSettings(namespaces={"tracking": tracking}, runner=RUNNER, mlflow=server, ci=runners)
    }


PORTAL = PortalSettings(
    image=f"sha256:{'c' * 64}",
    address="https://portal.acme.example",
    certificate=CERTIFICATE,
    proxy=ProxySettings(address="http://proxy.acme.example:3128", cidr=IPv4Network("10.200.4.0/22")),
)
CLUSTER_WITH_PORTAL: dict[str, Any] = {"tooling_cluster": ClusterSettings(portal=PORTAL)}
"""Organization settings with the portal in a cluster, which needs IAM Identity Center and a runner of requests."""
CLUSTER = cluster()
"""Organization settings with a Kubernetes cluster, for an organization whose home region is that of the example."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One combination of placement, endpoints, sign-in and phase. Its stacks are the same for every team."""

    placement: str
    endpoints: str
    sign_in: str
    phase: str = "scalable"

    def __str__(self) -> str:
        return f"{self.placement}-{self.endpoints}-{self.sign_in}-{self.phase}"

    @property
    def is_replicated(self) -> bool:
        """Whether the lake and the log archive have a second region."""
        return (self.endpoints, self.sign_in, self.phase) == ("shared", "iam", "scalable")

    @property
    def has_tracking_server(self) -> bool:
        """Whether there is a Kubernetes cluster with a tracking server, which networks of the team reach."""
        return self.is_replicated and self.placement != "small"

    @property
    def foundation(self) -> Foundation:
        """A foundation with one team in three zones, and internet access in experimentation if the placement allows.

        One endpoint mode and sign-in have a second region for the lake and the log archive and, unless tooling is in
        the management account, a Kubernetes cluster. Another sign-in has a cluster with the portal.
        """
        settings = EnvironmentSettings(
            team="fraud",
            environment="experimentation",
            zones=3,
            internet_access=self.placement == "large",
            studio=EXPERIMENTING,
            emr=EmrSettings(),
            tracking_server=self.has_tracking_server,
        )
        signs_in = (self.placement, self.endpoints, self.sign_in) == ("large", "shared", "identity-center")
        organization = example_organization(
            placement=self.placement,
            endpoints=self.endpoints,
            sign_in=self.sign_in,
            phase=self.phase,
            **(FULLEST | (SECOND_REGION if self.is_replicated else {})),
            **({} if self.phase == "initial" else PACKAGES | PLATFORM_IMAGE),
            **(CLUSTER if self.has_tracking_server else {}),
            **(CLUSTER_WITH_PORTAL if signs_in else {}),
            **(REQUESTS if self.placement != "small" and self.phase == "scalable" else {}),
        )
        development = EnvironmentSettings(
            team="fraud",
            environment="development",
            zones=3,
            studio=PEOPLE,
            emr=EmrSettings(),
            tracking_server=self.has_tracking_server,
        )
        group = example_feature_group(shared_with={"fraud": list(ENVIRONMENTS)})
        return example_foundation(
            settings,
            *([] if self.phase == "initial" else [development]),
            organization=organization,
            teams=[example_team()],
            feature_groups=[] if self.phase == "initial" else [group],
        )


VARIANTS = (
    *(
        Variant(*layout)
        for layout in product(("small", "medium", "large"), ("dedicated", "shared"), ("identity-center", "iam"))
    ),
    # Without a network account, environments have their own DNS firewall rules.
    *(Variant("large", "dedicated", sign_in, "initial") for sign_in in ("identity-center", "iam")),
)


EACH_CHANGE = {
    "small-dedicated-identity-center-scalable",
    "medium-shared-iam-scalable",
    "large-shared-identity-center-scalable",
    "large-dedicated-iam-initial",
}
"""Variants of each change: every value of each setting, and a second region with a cluster. The others are nightly."""


def params(variants: Iterable[Variant]) -> list[Any]:
    """Returns variants as parameters of tests, of which those of each change are not nightly."""
    return [param(variant, id=str(variant), each_change=str(variant) in EACH_CHANGE) for variant in variants]


@cache
def deployment_of(variant: Variant) -> Deployment:
    """Returns the deployment of a variant, shared by all tests of a process. Tests must not change it."""
    return Deployment(variant.foundation)
