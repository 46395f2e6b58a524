"""What may pass an endpoint: the data perimeter, written once for every service.

After "Establishing a data perimeter on AWS" (its VPC endpoint policies), narrowed from the organization to the accounts
that one environment has business with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.identity.iam.role_names import PLATFORM_DEPLOYER
from components.identity.iam.statements import Conditions, Statement, policy_document
from components.network.image_registries import image_registries
from settings.derived.endpoint_services import EndpointService

AWS_OWNED_BUCKETS = (
    "prod-{region}-starport-layer-bucket",  # layers of images in ECR (its User Guide, "Minimum S3 bucket permissions")
    "jumpstart-cache-prod-{region}",  # models that SageMaker JumpStart publishes
)
"""Buckets of AWS itself that workloads must read. They are in no organization, so they are listed by name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Perimeter:
    """Who may act through the endpoints of a network, and on whose resources."""

    organization_id: pulumi.Input[str]
    """Both the caller and the resource belong to it."""

    account_id: pulumi.Input[str] | None = None
    """Account of the network: the only callers. Without it every account of the organization, whose endpoints these
    are together."""

    resource_account_ids: Sequence[pulumi.Input[str]] | None = None
    """Accounts whose resources are reached: for a team, its own and the durable ones. Without them, the organization:
    for durable accounts, which never list teams."""

    region: str
    """Region of the network, for the names of AWS's own buckets."""

    admits_deployers: bool = False
    """Whether the organization's platform deployers call through the network as well: where their runner works."""


def endpoint_policy(service: EndpointService, perimeter: Perimeter) -> pulumi.Output[str]:
    """The policy of one endpoint: that service's actions, by our callers, on our resources."""
    actions = [f"{prefix}:*" for prefix in service.prefixes]
    statements = [
        Statement(
            sid="OurCallersOnOurResources",
            principals="*",
            actions=actions,
            resources=["*"],
            conditions=_inside(perimeter),
        ),
        Statement(
            sid="AwsServicesOnOurResources",
            principals="*",
            actions=actions,
            resources=["*"],
            conditions={
                "Bool": {"aws:PrincipalIsAWSService": "true"},
                "StringEquals": {"aws:ResourceOrgID": perimeter.organization_id},
            },
        ),
    ]
    if perimeter.admits_deployers:
        statements += _deployers(service, perimeter)
    if service.name == "s3":
        statements.append(_read_published_by_aws(perimeter.region))
    if service.prefixes == ("ecr",) and image_registries(perimeter.region):
        statements.append(_pull_published_by_aws(perimeter))
    return policy_document(*statements)


def _ours(perimeter: Perimeter) -> dict[str, pulumi.Input[str] | Sequence[pulumi.Input[str]]]:
    """Our callers."""
    by_account = {} if perimeter.account_id is None else {"aws:PrincipalAccount": perimeter.account_id}
    return {"aws:PrincipalOrgID": perimeter.organization_id, **by_account}


def _inside(perimeter: Perimeter) -> Conditions:
    """Our callers, on our resources."""
    accounts = perimeter.resource_account_ids
    by_account = {} if accounts is None else {"aws:ResourceAccount": list(accounts)}
    return {"StringEquals": {**_ours(perimeter), "aws:ResourceOrgID": perimeter.organization_id, **by_account}}


def _deployers(service: EndpointService, perimeter: Perimeter) -> Iterator[Statement]:
    """Sessions that the runner opened in other accounts. Each is confined to its own by the deployer's ceiling."""
    by_name: Conditions = {"ArnLike": {"aws:PrincipalArn": PLATFORM_DEPLOYER}}
    ours = {"aws:PrincipalOrgID": perimeter.organization_id}
    if perimeter.account_id is not None:
        yield Statement(
            sid="DeployersOnOurResources",
            principals="*",
            actions=[f"{prefix}:*" for prefix in service.prefixes],
            resources=["*"],
            conditions={**by_name, "StringEquals": {**ours, "aws:ResourceOrgID": perimeter.organization_id}},
        )
    if "ec2" in service.prefixes:
        yield from _makers_of_endpoints(by_name, ours)


def _makers_of_endpoints(by_name: Conditions, ours: Mapping[str, pulumi.Input[str]]) -> Iterator[Statement]:
    """The one call of theirs whose requests name no owner of a resource. It connects networks to services of AWS and of
    nobody else (PrivateLink Guide, "Control VPC endpoints creation based on the service owner")."""
    places: dict[str, tuple[Sequence[str], Mapping[str, str]]] = {
        "DeployersPlaceEndpoints": (("route-table", "security-group", "subnet", "vpc"), {}),
        "DeployersConnectToAws": (("vpc-endpoint",), {"ec2:VpceServiceOwner": "amazon"}),
    }
    for sid, (sorts, leading_to) in places.items():
        yield Statement(
            sid=sid,
            principals="*",
            actions=["ec2:CreateVpcEndpoint"],
            resources=[f"arn:aws:ec2:*:*:{sort}/*" for sort in sorts],
            conditions={**by_name, "StringEquals": {**ours, **leading_to}},
        )


def _pull_published_by_aws(perimeter: Perimeter) -> Statement:
    """Images of AWS, which SageMaker pulls in the name of the job's own role: by our callers, and only to pull."""
    accounts = image_registries(perimeter.region)
    return Statement(
        sid="PullWhatAwsPublishes",
        principals="*",
        actions=["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        resources=[f"arn:aws:ecr:{perimeter.region}:{account}:repository/*" for account in accounts],
        conditions={"StringEquals": _ours(perimeter)},
    )


def _read_published_by_aws(region: str) -> Statement:
    """Reading only. The request for a layer is signed by ECR, so nothing in it names our organization."""
    return Statement(
        sid="ReadWhatAwsPublishes",
        principals="*",
        actions=["s3:GetObject"],
        resources=[f"arn:aws:s3:::{bucket.format(region=region)}/*" for bucket in AWS_OWNED_BUCKETS],
    )
