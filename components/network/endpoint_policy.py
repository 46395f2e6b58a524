"""VPC endpoint policies that enforce the data perimeter, with the same rules for every service.

The policies follow "Establishing a data perimeter on AWS" (its VPC endpoint policies), narrowed from the organization
to the accounts that an environment works with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import pulumi

from components.identity.iam.actions import PULLING
from components.identity.iam.role_names import ACCOUNT_ACCESS, PLATFORM_DEPLOYER, PLATFORM_PROVISIONER
from components.identity.iam.statements import Conditions, Statement, policy_document
from settings.derived.endpoint_services import EndpointService
from settings.types.aws.image_registries import image_registries

AWS_OWNED_BUCKETS = (
    "prod-{region}-starport-layer-bucket",  # ECR image layers (ECR User Guide, "Minimum S3 bucket permissions")
    "jumpstart-cache-prod-{region}",  # models published by SageMaker JumpStart
)
"""Buckets owned by AWS that workloads must read. They belong to no organization, so they are listed by name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Perimeter:
    """Allowed callers and resources for the endpoints of a network."""

    organization_id: pulumi.Input[str]
    """Id of the organization to which callers and resources must belong."""

    account_id: pulumi.Input[str] | None = None
    """Id of the network's account, whose principals are the only callers. None allows all accounts of the organization,
    for endpoints shared by all of them."""

    resource_account_ids: Sequence[pulumi.Input[str]] | None = None
    """Ids of the accounts whose resources may be accessed; for a team, its own and the durable ones. None allows the
    whole organization, for durable accounts, which do not list teams."""

    region: str
    """Region of the network, used in the names of buckets owned by AWS."""

    entered_roles: Sequence[str] = ()
    """ARN patterns of roles of other accounts that callers of the network assume and then call with."""

    admits_deployers: bool = False
    """Whether the organization's platform deployers may also call through the endpoints. True in the network of their
    runner."""

    endpoint_owners: Sequence[pulumi.Input[str]] = ()
    """Ids of the accounts to whose endpoint services deployers connect networks, in addition to those of AWS."""

    admits_provisioner: bool = False
    """Whether the runner of requests may also call as the provisioner and with the roles that AWS Organizations created
    in accounts. Only in the network of the runner, together with deployers."""


def endpoint_policy(service: EndpointService, perimeter: Perimeter) -> pulumi.Output[str]:
    """Builds the policy of one endpoint: allowed callers may use the service's actions on allowed resources."""
    actions = [f"{prefix}:*" for prefix in service.prefixes]
    statements = [
        Statement(
            sid="OurCallersOnOurResources",
            principals="*",
            actions=actions,
            resources=["*"],
            conditions=_callers_on_resources(perimeter),
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
    if perimeter.entered_roles and perimeter.account_id is not None:
        statements.append(
            _roles_on_resources("EnteredRolesOnOurResources", actions, perimeter.entered_roles, perimeter)
        )
    if perimeter.admits_deployers:
        statements += _deployers(service, perimeter)
    if service.name == "s3":
        statements.append(_read_published_by_aws(perimeter.region))
    if service.prefixes == ("ecr",) and image_registries(perimeter.region):
        statements.append(_pull_published_by_aws(perimeter))
    return policy_document(*statements)


def _callers(perimeter: Perimeter) -> dict[str, pulumi.Input[str] | Sequence[pulumi.Input[str]]]:
    """Returns the condition values for allowed callers."""
    by_account = {} if perimeter.account_id is None else {"aws:PrincipalAccount": perimeter.account_id}
    return {"aws:PrincipalOrgID": perimeter.organization_id, **by_account}


def _callers_on_resources(perimeter: Perimeter) -> Conditions:
    """Returns the condition for allowed callers on allowed resources."""
    accounts = perimeter.resource_account_ids
    by_account = {} if accounts is None else {"aws:ResourceAccount": list(accounts)}
    return {"StringEquals": {**_callers(perimeter), "aws:ResourceOrgID": perimeter.organization_id, **by_account}}


def _roles_on_resources(sid: str, actions: Sequence[str], roles: Sequence[str], perimeter: Perimeter) -> Statement:
    """Allows calls with roles of other accounts, given by ARN patterns, which come from the network of whoever assumed
    them. The permissions boundaries of both accounts restrict who assumes a role, and what it reaches."""
    return Statement(
        sid=sid,
        principals="*",
        actions=actions,
        resources=["*"],
        conditions={
            "ArnLike": {"aws:PrincipalArn": roles},
            **_callers_on_resources(replace(perimeter, account_id=None)),
        },
    )


def _deployers(service: EndpointService, perimeter: Perimeter) -> Iterator[Statement]:
    """Builds statements for sessions that the runner opens in other accounts.

    The permissions boundary of the deployer restricts each session to its own account.
    """
    roles = [PLATFORM_DEPLOYER, *([PLATFORM_PROVISIONER, ACCOUNT_ACCESS] if perimeter.admits_provisioner else [])]
    if perimeter.account_id is not None:
        actions = [f"{prefix}:*" for prefix in service.prefixes]
        anywhere = replace(perimeter, resource_account_ids=None)
        yield _roles_on_resources("DeployersOnOurResources", actions, roles, anywhere)
    if "ec2" in service.prefixes:
        ours = {"aws:PrincipalOrgID": perimeter.organization_id}
        owners = ["amazon", *perimeter.endpoint_owners] if perimeter.endpoint_owners else "amazon"
        yield from _endpoint_creation({"ArnLike": {"aws:PrincipalArn": roles}}, ours, owners)


def _endpoint_creation(
    by_name: Conditions, ours: Mapping[str, pulumi.Input[str]], owners: Sequence[pulumi.Input[str]] | str
) -> Iterator[Statement]:
    """Builds statements for ``ec2:CreateVpcEndpoint``, whose requests do not name the owner of a resource.

    They allow endpoints to services of ``owners`` only (PrivateLink Guide, "Control VPC endpoints creation based on the
    service owner").
    """
    places: dict[str, tuple[Sequence[str], Mapping[str, Sequence[pulumi.Input[str]] | str]]] = {
        "DeployersPlaceEndpoints": (("route-table", "security-group", "subnet", "vpc"), {}),
        "DeployersConnectToAws": (("vpc-endpoint",), {"ec2:VpceServiceOwner": owners}),
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
    """Allows pulling images published by AWS, which SageMaker does with the role of the job."""
    accounts = image_registries(perimeter.region)
    return Statement(
        sid="PullWhatAwsPublishes",
        principals="*",
        actions=PULLING,
        resources=[f"arn:aws:ecr:{perimeter.region}:{account}:repository/*" for account in accounts],
        conditions={"StringEquals": _callers(perimeter)},
    )


def _read_published_by_aws(region: str) -> Statement:
    """Allows reading buckets owned by AWS. ECR signs requests for image layers, so they do not name the
    organization."""
    return Statement(
        sid="ReadWhatAwsPublishes",
        principals="*",
        actions=["s3:GetObject"],
        resources=[f"arn:aws:s3:::{bucket.format(region=region)}/*" for bucket in AWS_OWNED_BUCKETS],
    )
