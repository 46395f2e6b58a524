"""Rules about VPC endpoints: available to the whole network, and limited to the organization."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from ipaddress import IPv4Network

from policies.evaluation.policy_documents import Statement, statements
from policies.evaluation.readers import UNKNOWN, Properties, Unknown, is_missing
from policies.evaluation.resource import Resource
from policies.evaluation.rule import CheckResult, Rule, StackCheck, Violation, first, for_each, violation
from policies.evaluation.stack import Stack
from policies.security.rules.network.networks import INGRESS_RULE, SECURITY_GROUP, SECURITY_GROUP_RULE, ipv4_range

ENDPOINT = ("aws:ec2/vpcEndpoint:VpcEndpoint",)
VPC = ("aws:ec2/vpc:Vpc",)
VPC_RANGE = ("aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation",)
ENDPOINT_POLICY = ("aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy",)

_PRINCIPAL_KEYS = frozenset({"aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount"})
_RESOURCE_KEYS = frozenset({"aws:resourceorgid", "aws:resourceorgpaths", "aws:resourceaccount"})
_PUBLIC_BUCKETS_OF_AWS = (
    "arn:aws:s3:::prod-*-starport-layer-bucket/*",  # layers of ECR images
    "arn:aws:s3:::jumpstart-cache-prod-*/*",  # models published by SageMaker
    "arn:aws:s3:::sagemaker-sample-files/*",
    "arn:aws:s3:::al2023-repos-*/*",  # packages of Amazon Linux
    "arn:aws:s3:::aws-ssm-*/*",  # the Systems Manager agent
)
"""Public buckets of AWS, which belong to no organization (each service's guide names its buckets)."""

_SERVICE_KEYS = frozenset({"ec2:vpceserviceowner", "ec2:vpceservicename"})
_CREATE_ENDPOINT = "ec2:createvpcendpoint"
_NEW_ENDPOINT = "vpc-endpoint/vpce-0"

_OF_ACCOUNTS = "com.amazonaws.vpce."
"""Beginning of the names of endpoint services that accounts offer (PrivateLink Guide, "Create an endpoint service")."""

HTTPS = 443


def endpoint_is_available(resource: Resource) -> Violation | None:
    properties = resource.properties
    if properties.text("vpcEndpointType") != "Interface":
        return None
    if properties.flag("privateDnsEnabled") not in (True, UNKNOWN):
        return violation("has no private DNS", fix="set privateDnsEnabled to true")
    subnets = properties.items("subnetIds")
    if not isinstance(subnets, Unknown) and len(subnets or []) < 2:
        return violation("is in fewer than two zones", fix="give it a private subnet in each of at least two zones")
    if is_missing(properties.value("securityGroupIds")):
        return violation("uses the default security group", fix="name a security group that allows 443 from the VPC")
    return None


def is_of_an_account(service: object) -> bool:
    """Returns whether an endpoint service is one of an account and not of AWS. It takes no endpoint policy."""
    return isinstance(service, str) and service.startswith(_OF_ACCOUNTS)


def endpoint_policy_is_limited(resource: Resource) -> Violation | None:
    service = resource.properties.text("serviceName")
    if (service is UNKNOWN or is_of_an_account(service)) and is_missing(resource.properties.value("policy")):
        return None
    found = statements(resource.properties, "policy")
    if isinstance(found, Unknown):
        return None
    if not found:
        return violation("has the default policy, which allows everything", fix="give the endpoint a policy")
    return first(_allows_other_organizations(statement) for statement in found if statement.allows)


def _allows_other_organizations(statement: Statement) -> Violation | None:
    if statement.requires("aws:principalisawsservice", "true") or _reads_public_buckets_of_aws(statement):
        return None
    if statement.is_for_everybody and not statement.is_confined_by(_PRINCIPAL_KEYS):
        return violation("allows principals of other organizations", fix="add a condition on aws:PrincipalOrgID")
    if statement.has_wildcard_resource and not statement.is_confined_by(_RESOURCE_KEYS):
        return violation(
            "allows resources of other organizations",
            fix="add a condition on aws:ResourceOrgID, and name public buckets of AWS",
        )
    if _allows_endpoints_of_any_owner(statement):
        return violation(
            "allows creating endpoints for services of any account", fix="add a condition on ec2:VpceServiceOwner"
        )
    return None


def security_groups_allow_only_https(stack: Stack) -> Iterator[CheckResult]:
    """Checks the stack's security groups of interface endpoints. Their source ranges are not checked for shared
    endpoints, because their callers' networks are in other stacks."""
    ranges = [ipv4_range(place.properties.text("cidrBlock")) for place in stack.of((*VPC, *VPC_RANGE))]
    own = [known for known in ranges if known is not None]
    shared = stack.context.shared_endpoints and stack.context.kind == "network"
    for group in stack.of(SECURITY_GROUP):
        if stack.referring(ENDPOINT, "securityGroupIds", group):
            for resource, rule in _inbound(stack, group):
                yield resource, _allows_too_much(rule, [] if shared else own)


def _inbound(stack: Stack, group: Resource) -> Iterator[tuple[Resource, Properties]]:
    """Yields the ingress rules of a security group, in all three forms that the provider has."""
    yield from ((group, rule) for rule in group.properties.blocks("ingress"))
    for rule in stack.referring((*INGRESS_RULE, *SECURITY_GROUP_RULE), "securityGroupId", group):
        if rule.properties.text("type") in (None, "ingress"):
            yield rule, rule.properties


def _allows_too_much(rule: Properties, own: Sequence[IPv4Network]) -> Violation | None:
    protocols = [rule.text(key) for key in ("ipProtocol", "protocol")]
    ports = [rule.number(key) for key in ("fromPort", "toPort")]
    if any(port not in (HTTPS, UNKNOWN) for port in ports) or not {"tcp", "6", UNKNOWN} & set(protocols):
        return violation("allows more than HTTPS to endpoints", fix="allow only TCP port 443")
    listed = rule.items("cidrBlocks")
    named = [rule.text("cidrIpv4"), *(listed if isinstance(listed, list) else [])]
    ranges = [known for cidr in named if (known := ipv4_range(cidr)) is not None]
    if own and not all(any(known.subnet_of(network) for network in own) for known in ranges):
        return violation("allows other networks to reach endpoints", fix="allow only the VPC's own range")
    return None


def _allows_endpoints_of_any_owner(statement: Statement) -> bool:
    """Whether a statement allows creating endpoints for services of any owner (PrivateLink Guide, "Control VPC
    endpoints creation based on the service owner"). Such requests carry no resource owner, so a condition on one
    blocks them."""
    if not statement.covers(_CREATE_ENDPOINT) or statement.is_confined_by(_RESOURCE_KEYS | _SERVICE_KEYS):
        return False
    return any(fnmatchcase(_NEW_ENDPOINT, arn.split(":")[-1]) for arn in statement.resources)


def _reads_public_buckets_of_aws(statement: Statement) -> bool:
    named = [any(fnmatchcase(arn, bucket) for bucket in _PUBLIC_BUCKETS_OF_AWS) for arn in statement.resources]
    return bool(named) and all(named) and statement.actions == ["s3:getobject"]


RULES = (
    Rule(
        id="NW-05",
        title="Interface endpoints are available to their whole network",
        severity="medium",
        sources=("FSBP EC2.10", "FSBP EC2.55", "FSBP EC2.60", "CIS 7.0 6.8"),
        remedy="Enable private DNS, span at least two zones, and name a security group that allows 443 from the VPC. "
        "A security group of another stack is checked there.",
        checks=for_each(ENDPOINT, endpoint_is_available),
        stack_checks=(
            StackCheck(
                (*ENDPOINT, *VPC, *VPC_RANGE, *SECURITY_GROUP, *SECURITY_GROUP_RULE, *INGRESS_RULE),
                security_groups_allow_only_https,
            ),
        ),
    ),
    Rule(
        id="NW-06",
        title="Endpoint policies are limited to the organization",
        severity="critical",
        sources=("data perimeter vpc_endpoint_policies", "NET-02"),
        remedy="Give the endpoint a policy with conditions on aws:PrincipalOrgID and aws:ResourceOrgID, and name "
        "public buckets of AWS. Requests to create endpoints carry no resource owner: for them, list resources by "
        "type and add a condition on ec2:VpceServiceOwner.",
        checks=for_each(ENDPOINT + ENDPOINT_POLICY, endpoint_policy_is_limited),
        exceptions={"experimentation": "advisory"},
    ),
)
