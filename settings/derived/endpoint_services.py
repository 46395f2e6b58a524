"""Which AWS services a network reaches, and through which endpoint: what stacks build and `plinth cost` counts.

Names: "AWS services that integrate with AWS PrivateLink" (VPC User Guide), and for Studio "Connect Studio notebooks in
a VPC to external resources" (SageMaker Developer Guide).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from settings.team.team import EnvironmentSettings
from settings.types.kinds import ENVIRONMENTS, Environment, WorkingKind


@dataclass(frozen=True, kw_only=True, slots=True)
class EndpointService:
    """A service as a network sees it."""

    name: str
    """Stable suffix of the endpoint's name in a stack."""

    service_name: str
    """Name of the service in PrivateLink; ``{region}`` is filled in."""

    prefixes: tuple[str, ...]
    """IAM prefixes of the actions that pass through this endpoint (``sagemaker``), and no others."""

    type: Literal["Gateway", "Interface"] = "Interface"
    """Gateways are free and are routes; interfaces are addresses in the subnets, paid by the hour and zone."""


def _interface(name: str, *prefixes: str) -> EndpointService:
    return EndpointService(
        name=name.replace(".", "-"), service_name=f"com.amazonaws.{{region}}.{name}", prefixes=prefixes or (name,)
    )


def _gateway(name: str) -> EndpointService:
    return EndpointService(name=name, service_name=f"com.amazonaws.{{region}}.{name}", prefixes=(name,), type="Gateway")


def _sagemaker(name: str, *prefixes: str) -> EndpointService:
    return EndpointService(
        name=name, service_name=f"aws.sagemaker.{{region}}.{name}", prefixes=prefixes or ("sagemaker",)
    )


GATEWAYS = (_gateway("s3"), _gateway("dynamodb"))

EVERYWHERE = (
    _interface("ecr.api", "ecr"),
    _interface("ecr.dkr", "ecr"),
    _interface("events"),
    _interface("kms"),
    _interface("logs"),
    _interface("monitoring", "cloudwatch"),
    _interface("secretsmanager"),
    _interface("sns"),
    _interface("sqs"),
    _interface("ssm"),
    _interface("sts"),
)
"""What runs anywhere needs an identity, keys, images, secrets and somewhere to write its logs."""

DATA = (_interface("athena"), _interface("glue"), _interface("lakeformation"))
"""The lake, for those who keep it and for those who read it."""

REGISTRY = (_interface("sagemaker.api", "sagemaker"),)
"""Models as things to list, register and deploy."""

STEPS = (_interface("lambda"), _interface("states"))
"""What glues jobs together."""

FEATURES = (_interface("sagemaker.featurestore-runtime", "sagemaker"),)
"""Records of online stores, for those who read and those who fill them (ST-19)."""

MODELS = (
    *REGISTRY,
    _interface("sagemaker.runtime", "sagemaker"),
    *FEATURES,
    _interface("sagemaker.metrics", "sagemaker"),
)
"""Training, serving and what they exchange while they run."""

STUDIO = (
    _sagemaker("studio"),
    _sagemaker("notebook"),
    _interface("elasticfilesystem"),
    _interface("ssmmessages"),
)
"""What people add who work in Studio: the application itself, notebooks, home directories, remote sessions."""

TRACKING = (_sagemaker("experiments", "sagemaker", "sagemaker-mlflow"),)
"""Managed MLflow, in the network of whoever has it: one that nobody calls would be paid by all."""

SPARK = (_interface("emr-serverless"),)
"""EMR Serverless, in the network of whoever has it, and where it is deployed from."""

API = (_interface("execute-api"),)
"""Private APIs, in the network of whoever has one, and asked from there alone."""

BUILD = (
    _interface("codebuild"),
    _interface("codepipeline"),
    _interface("codecommit"),
    _interface("git-codecommit", "codecommit"),
)
"""Pipelines that build and promote, and the repositories that they build from."""

CLUSTER = (
    _interface("autoscaling"),
    _interface("ec2"),
    _interface("eks"),
    _interface("eks-auth"),
    _interface("elasticloadbalancing"),
)
"""A private Kubernetes cluster (EKS User Guide, "Deploy private clusters with limited internet access")."""

ADMINISTRATION = (
    _interface("access-analyzer"),
    _interface("cloudtrail"),
    _interface("config"),
    _interface("guardduty"),
    _interface("inspector2"),
    _interface("macie2"),
    _interface("network-firewall"),
    _interface("ram"),
    _interface("securityhub"),
)
"""What nobody but stack operations calls, so it is shared with nobody. Endpoints lead to IAM and Organizations in
us-east-1 alone, and to Route 53's resolver and profiles nowhere: docs/guides/identity.md has what follows."""

UNSHARED = (*ADMINISTRATION, *SPARK, *API)
"""What stands in networks of its own also where the others are shared: few call it."""

WORKLOADS = (*EVERYWHERE, *DATA, *MODELS, *STEPS)
"""What jobs, pipelines and endpoints call, in every environment alike (ST-01)."""

NetworkKind = Literal[WorkingKind, Environment]
"""Kinds whose stacks have a network of their own to reach AWS from."""

_OF_KIND: Mapping[NetworkKind, tuple[EndpointService, ...]] = MappingProxyType(
    {
        **dict.fromkeys(ENVIRONMENTS, WORKLOADS),
        "data-lake": (*EVERYWHERE, *DATA, *STEPS, *FEATURES),
        "tooling": (*EVERYWHERE, *REGISTRY, *STEPS, *BUILD),
        "governance": (*EVERYWHERE, *STEPS, *CLUSTER, *DATA, *REGISTRY, *ADMINISTRATION, *SPARK),
    }
)


def endpoint_services(
    kind: NetworkKind, *, studio: bool = False, tracking: bool = False, spark: bool = False, api: bool = False
) -> tuple[EndpointService, ...]:
    """The endpoints of a network, by what its account is for; those of an option only where it is on."""
    options = ((studio, STUDIO), (tracking, TRACKING), (spark, SPARK), (api, API))
    return (*GATEWAYS, *_OF_KIND[kind], *(service for on, services in options if on for service in services))


def endpoint_services_of(environment: EnvironmentSettings) -> tuple[EndpointService, ...]:
    """The endpoints of an environment's network, by what its settings have switched on."""
    return endpoint_services(
        environment.environment,
        studio=environment.has_studio,
        tracking=environment.tracks_runs,
        spark=environment.emr is not None,
        api=environment.data_api is not None,
    )


def shared_endpoint_services() -> tuple[EndpointService, ...]:
    """The interfaces that all kinds need together: one set of them serves everybody. Gateways cannot be shared."""
    everything = [*STUDIO, *(service for services in _OF_KIND.values() for service in services)]
    return tuple({service.name: service for service in everything if service not in UNSHARED}.values())


def own_endpoint_services(services: Iterable[EndpointService]) -> tuple[EndpointService, ...]:
    """Those of a network's services that it reaches by itself although endpoints are shared."""
    shared = shared_endpoint_services()
    return tuple(service for service in services if service not in shared)
