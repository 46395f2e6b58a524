"""The AWS services that each network reaches through VPC endpoints. Stacks create them, `plinth cost` counts them.

Source of all names: "AWS services that integrate with AWS PrivateLink" (PrivateLink Guide, all names compared on
2026-11-22), and for Studio also "Connect Studio notebooks in a VPC to external resources" (SageMaker Developer Guide).
The guide does not list regions. A network has the endpoints of the services that AWS offers in its region.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from settings.team.team import EnvironmentSettings
from settings.types.kinds import ENVIRONMENTS, RELEASED_TO, Environment, WorkingKind
from settings.types.regions import WITHOUT_CODEARTIFACT, WITHOUT_CODECOMMIT


@dataclass(frozen=True, kw_only=True, slots=True)
class EndpointService:
    """An AWS service with a VPC endpoint."""

    name: str
    """Stable suffix of the endpoint's name in a stack."""

    service_name: str
    """Name of the endpoint service, with the placeholder ``{region}``."""

    prefixes: tuple[str, ...]
    """IAM prefixes of all actions that use this endpoint (``sagemaker``)."""

    type: Literal["Gateway", "Interface"] = "Interface"
    """Type of the endpoint. Gateways are free routes; interfaces cost per hour and zone."""


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
"""Services that every workload needs: identity, keys, images, secrets, messaging, logs and metrics."""

DATA = (_interface("athena"), _interface("glue"), _interface("lakeformation"))
"""Services to manage and query the lake."""

REGISTRY = (_interface("sagemaker.api", "sagemaker"),)
"""The SageMaker API, to list, register and deploy models."""

STEPS = (_interface("lambda"), _interface("states"))
"""Services that orchestrate jobs."""

FEATURES = (_interface("sagemaker.featurestore-runtime", "sagemaker"),)
"""Access to the records of online stores (ST-19)."""

MODELS = (
    *REGISTRY,
    _interface("sagemaker.runtime", "sagemaker"),
    *FEATURES,
    _interface("sagemaker.metrics", "sagemaker"),
)
"""Services for training and serving models."""

STUDIO = (
    _sagemaker("studio"),
    _sagemaker("notebook"),
    _interface("elasticfilesystem"),
    _interface("ssmmessages"),
)
"""Services that Studio needs: the application, notebooks, home directories and remote sessions."""

TRACKING = (_sagemaker("experiments", "sagemaker", "sagemaker-mlflow"),)
"""Managed MLflow. Only networks of environments with tracking have this endpoint, because it costs per hour."""

SPARK = (_interface("emr-serverless"),)
"""EMR Serverless. Networks of environments with Spark have this endpoint, and the governance network, because Spark
applications are deployed from there.
"""

API = (_interface("execute-api"),)
"""Private APIs. Networks have this endpoint in environments with a data API, where models are released, and in tooling,
from which the promotion tests APIs. An API accepts no other."""

RELEASES = (
    _interface("apigateway"),
    _interface("application-autoscaling"),
    _interface("sagemaker.runtime", "sagemaker"),
)
"""Services that the promotion calls to release and test models, in addition to those of builds.

The guide lists two names for Amazon API Gateway: ``apigateway``, the API that manages APIs and that releases call, and
``execute-api``, through which private APIs are called.
"""

BUILD = (
    _interface("codebuild"),
    _interface("codepipeline"),
    _interface("codecommit"),
    _interface("git-codecommit", "codecommit"),
)
"""Services of build and promotion pipelines, including the code repositories."""

REQUESTS = (
    _interface("codebuild"),
    _interface("codecommit"),
    _interface("git-codecommit", "codecommit"),
)
"""Services of the runner of requests. The governance network has these endpoints if the organization has the runner,
whose builds read and push the settings."""
CODE = (_interface("codecommit"), _interface("git-codecommit", "codecommit"))
"""The code repositories. Networks of environments have these endpoints if people push code from Studio."""

DELIVERY = (_interface("codebuild"), _interface("codecommit"), _interface("codepipeline"))
"""Services of the stacks of use cases. The governance network has these endpoints if there are such stacks, because
they are deployed from there.
"""

PLATFORM_IMAGE = (_interface("codebuild"), _interface("codecommit"))
"""Services of the builds of the platform's image, which belong to the stack `tooling`. The governance network has these
endpoints if the organization has such builds, because the stack is deployed from there.
"""

WORKFLOWS = (_interface("rds"),)
"""The API of RDS. The governance network has this endpoint if its stack creates the database of workflows, because the
stack is deployed from there. Connections with the database need none."""

CONNECTIONS = (_interface("codeconnections.api", "codeconnections"),)
"""The API of connections to source providers, which the stack `tooling` calls if it creates one. Builds do not need it,
because they read a mirror in CodeCommit. The SDK has no table of its regions: an organization in a region without
connections does not set `source`."""

PACKAGE_API = (_interface("codeartifact.api", "codeartifact"),)
"""The API of CodeArtifact, which builds and the stack `tooling` call. The governance network has the endpoint too if
the organization has a package repository, because the stack is deployed from there."""

PACKAGES = (*PACKAGE_API, _interface("codeartifact.repositories", "codeartifact"))
"""CodeArtifact: the API, and the repositories from which package managers install. If the organization has a package
repository, the tooling network has these endpoints, and networks of environments with Studio. Python packages need no
S3 endpoint for their files (CodeArtifact User Guide, "Create the Amazon S3 gateway endpoint")."""

CLUSTER = (
    _interface("autoscaling"),
    _interface("ec2"),
    _interface("eks"),
    _interface("eks-auth"),
    _interface("elasticloadbalancing"),
)
"""Services of a private Kubernetes cluster (EKS User Guide, "Deploy private clusters with limited internet access")."""

AUTO_MODE = tuple(service for service in CLUSTER if service.name != "autoscaling")
"""Services of a private cluster in EKS Auto Mode, which has no Cluster Autoscaler. The tooling network has these
endpoints if the organization has a cluster, in addition to those of every workload, such as ECR, STS and logs."""

ADMINISTRATION = (
    _interface("access-analyzer"),
    _interface("cloudtrail"),
    _interface("config"),
    _interface("guardduty"),
    _interface("inspector2"),
    _interface("macie2"),
    _interface("network-firewall"),
    _interface("oam"),
    _interface("ram"),
    _interface("securityhub"),
)
"""Services that only stack operations call, so they are never shared. IAM and Organizations have endpoints only in
us-east-1, and Route 53 Resolver and Profiles have none: docs/guides/identity.md describes the consequences.
"""

UNSHARED = (*ADMINISTRATION, *SPARK, *API, *PACKAGES)
"""Services with few callers. Networks keep their own endpoints for them even if endpoints are shared."""

WORKLOADS = (*EVERYWHERE, *DATA, *MODELS, *STEPS)
"""Services that jobs, pipelines and model endpoints call in every environment (ST-01)."""

NetworkKind = Literal[WorkingKind, Environment]
"""Kinds whose stacks have a network."""

_OF_KIND: Mapping[NetworkKind, tuple[EndpointService, ...]] = MappingProxyType(
    {
        **dict.fromkeys(ENVIRONMENTS, WORKLOADS),
        **dict.fromkeys(RELEASED_TO, (*WORKLOADS, *API)),
        "data-lake": (*EVERYWHERE, *DATA, *STEPS, *FEATURES),
        "tooling": (*EVERYWHERE, *REGISTRY, *STEPS, *BUILD, *RELEASES, *API),
        "governance": (*EVERYWHERE, *STEPS, *CLUSTER, *DATA, *REGISTRY, *ADMINISTRATION, *SPARK),
    }
)


NOT_OFFERED: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        **dict.fromkeys(("codeartifact-api", "codeartifact-repositories"), WITHOUT_CODEARTIFACT),
        "codebuild": frozenset({"ap-east-2", "ca-west-1", "mx-central-1"}),
        **dict.fromkeys(("codecommit", "git-codecommit"), WITHOUT_CODECOMMIT),
        "codepipeline": frozenset({"ap-east-2", "ap-southeast-7", "ca-west-1", "mx-central-1"}),
        "inspector2": frozenset({"ap-southeast-6"}),
        "macie2": frozenset(
            {
                "ap-east-2", "ap-south-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6",
                "ap-southeast-7", "ca-west-1", "eu-central-2", "eu-south-2", "me-central-1", "mx-central-1",
            }
        ),
    }
)  # fmt: skip
"""Regions in which AWS does not offer a service, by the name of its endpoint (endpoint tables of botocore 1.44, read on
2026-11-21; a test compares them). Creating such an endpoint would fail. According to the same tables, every region has
Route 53 Profiles, which shared endpoints need."""


def offered_in(region: str, services: Iterable[EndpointService]) -> tuple[EndpointService, ...]:
    """Returns the services that AWS offers in a region."""
    return tuple(service for service in services if region not in NOT_OFFERED.get(service.name, ()))


def endpoint_services(
    kind: NetworkKind,
    *,
    studio: bool = False,
    tracking: bool = False,
    spark: bool = False,
    api: bool = False,
    deliveries: bool = False,
    connections: bool = False,
    cluster: bool = False,
    packages: bool = False,
    requests: bool = False,
    platform_image: bool = False,
    workflows: bool = False,
    code: bool = False,
) -> tuple[EndpointService, ...]:
    """Returns the endpoint services of a network by account kind and enabled options."""
    deploys = deliveries and kind == "governance"
    connects = connections and kind == "governance"
    options = (
        (studio, STUDIO),
        (tracking, TRACKING),
        (spark, SPARK),
        (api and kind not in RELEASED_TO, API),
        (deploys, DELIVERY),
        (connects, CONNECTIONS),
        (cluster and kind == "tooling", AUTO_MODE),
        (requests and kind == "governance", REQUESTS),
        (platform_image and kind == "governance", PLATFORM_IMAGE),
        (workflows and kind == "governance", WORKFLOWS),
        (packages and kind == "governance", PACKAGE_API),
        (packages and kind in ("tooling", *ENVIRONMENTS), PACKAGES),
        (code, CODE),
    )
    added = (service for on, services in options if on for service in services)
    return tuple({service.name: service for service in (*GATEWAYS, *_OF_KIND[kind], *added)}.values())


def endpoint_services_of(
    environment: EnvironmentSettings, *, packages: bool, code: bool
) -> tuple[EndpointService, ...]:
    """Returns the endpoint services of an environment's network by its settings. ``packages`` and ``code`` say whether
    its people install from the package repository of the organization, and push code."""
    return endpoint_services(
        environment.environment,
        packages=packages,
        code=code,
        studio=environment.has_studio,
        tracking=environment.tracks_runs,
        spark=environment.emr is not None,
        api=environment.data_api is not None,
    )


def shared_endpoint_services() -> tuple[EndpointService, ...]:
    """Returns the interface endpoints that all networks share. Gateway endpoints cannot be shared."""
    everything = [*STUDIO, *(service for services in _OF_KIND.values() for service in services)]
    return tuple({service.name: service for service in everything if service not in UNSHARED}.values())


def own_endpoint_services(services: Iterable[EndpointService]) -> tuple[EndpointService, ...]:
    """Returns the services for which a network has its own endpoints even if endpoints are shared."""
    shared = shared_endpoint_services()
    return tuple(service for service in services if service not in shared)
