"""Rules about endpoints: they serve their whole network, and the organization alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from ipaddress import IPv4Network

from policies.security.inputs.policy_documents import Statement, statements
from policies.security.inputs.readers import UNKNOWN, Properties, Unknown, lacks
from policies.security.inputs.stack import Stack
from policies.security.inputs.subject import Subject
from policies.security.rule import Judgement, Relation, Rule, Verdict, first, for_each, refuse
from policies.security.rules.network.networks import INGRESS_RULE, SECURITY_GROUP, SECURITY_GROUP_RULE, ipv4_range

ENDPOINT = ("aws:ec2/vpcEndpoint:VpcEndpoint",)
VPC = ("aws:ec2/vpc:Vpc",)
VPC_RANGE = ("aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation",)
ENDPOINT_POLICY = ("aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy",)

_PRINCIPAL_KEYS = frozenset({"aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount"})
_RESOURCE_KEYS = frozenset({"aws:resourceorgid", "aws:resourceorgpaths", "aws:resourceaccount"})
_BUCKETS_OF_AWS = (
    "arn:aws:s3:::prod-*-starport-layer-bucket/*",  # layers of ECR images
    "arn:aws:s3:::jumpstart-cache-prod-*/*",  # models that SageMaker publishes
    "arn:aws:s3:::sagemaker-sample-files/*",
    "arn:aws:s3:::al2023-repos-*/*",  # packages of Amazon Linux
    "arn:aws:s3:::aws-ssm-*/*",  # the agent of Systems Manager
)
"""What AWS publishes belongs to no organization, so it is listed by name (each service's guide names its buckets)."""

_SERVICE_KEYS = frozenset({"ec2:vpceserviceowner", "ec2:vpceservicename"})
_MAKING = "ec2:createvpcendpoint"
_MADE = "vpc-endpoint/vpce-0"

HTTPS = 443


def endpoint_serves_its_network(subject: Subject) -> Verdict:
    properties = subject.properties
    if properties.text("vpcEndpointType") != "Interface":
        return None
    if properties.flag("privateDnsEnabled") not in (True, UNKNOWN):
        return refuse("is bypassed by the service's public name", fix="set privateDnsEnabled to true")
    subnets = properties.items("subnetIds")
    if not isinstance(subnets, Unknown) and len(subnets or []) < 2:
        return refuse("stands in one zone or none", fix="give it a private subnet in each of at least two zones")
    if lacks(properties.value("securityGroupIds")):
        return refuse("falls back to the default security group", fix="name a group that admits 443 from the VPC")
    return None


def endpoint_serves_the_organization(subject: Subject) -> Verdict:
    found = statements(subject.properties, "policy")
    if isinstance(found, Unknown):
        return None
    if not found:
        return refuse("has the default policy, which allows everybody everything", fix="give the endpoint a policy")
    return first(_serves_others(statement) for statement in found if statement.allows)


def _serves_others(statement: Statement) -> Verdict:
    if statement.requires("aws:principalisawsservice", "true") or _reads_what_aws_publishes(statement):
        return None
    if statement.is_for_everybody and not statement.is_confined_by(_PRINCIPAL_KEYS):
        return refuse("serves principals of other organizations", fix="add a condition on aws:PrincipalOrgID")
    if statement.has_wildcard_resource and not statement.is_confined_by(_RESOURCE_KEYS):
        return refuse(
            "reaches resources of other organizations",
            fix="add a condition on aws:ResourceOrgID, and list buckets that AWS owns by name",
        )
    if _connects_to_anybody(statement):
        return refuse("connects networks to services of anybody", fix="add a condition on ec2:VpceServiceOwner")
    return None


def admit_https_of_their_network(stack: Stack) -> Iterator[Judgement]:
    """Groups of the stack that its interface endpoints stand behind. Shared endpoints are called from other networks,
    whose addresses other stacks know."""
    ranges = [ipv4_range(place.properties.text("cidrBlock")) for place in stack.of((*VPC, *VPC_RANGE))]
    own = [known for known in ranges if known is not None]
    shared = stack.surroundings.shared_endpoints and stack.surroundings.kind == "network"
    for group in stack.of(SECURITY_GROUP):
        if stack.naming(ENDPOINT, "securityGroupIds", group):
            for subject, rule in _inbound(stack, group):
                yield subject, _admits_more(rule, [] if shared else own)


def _inbound(stack: Stack, group: Subject) -> Iterator[tuple[Subject, Properties]]:
    """The rules by which a group lets in, in all three forms."""
    yield from ((group, rule) for rule in group.properties.blocks("ingress"))
    for rule in stack.naming((*INGRESS_RULE, *SECURITY_GROUP_RULE), "securityGroupId", group):
        if rule.properties.text("type") in (None, "ingress"):
            yield rule, rule.properties


def _admits_more(rule: Properties, own: Sequence[IPv4Network]) -> Verdict:
    protocols = [rule.text(key) for key in ("ipProtocol", "protocol")]
    ports = [rule.number(key) for key in ("fromPort", "toPort")]
    if any(port not in (HTTPS, UNKNOWN) for port in ports) or not {"tcp", "6", UNKNOWN} & set(protocols):
        return refuse("admits more than HTTPS to endpoints", fix="admit TCP from port 443 to port 443")
    listed = rule.items("cidrBlocks")
    named = [rule.text("cidrIpv4"), *(listed if isinstance(listed, list) else [])]
    ranges = [known for cidr in named if (known := ipv4_range(cidr)) is not None]
    if own and not all(any(known.subnet_of(network) for network in own) for known in ranges):
        return refuse("admits other networks to endpoints", fix="admit the VPC's own range")
    return None


def _connects_to_anybody(statement: Statement) -> bool:
    """An endpoint leads to whatever service it is made for, of AWS or of anybody (PrivateLink Guide, "Control VPC
    endpoints creation based on the service owner"). No such request names the owner of a resource, so that it passes
    only where resources are named by their sort."""
    if not statement.covers(_MAKING) or statement.is_confined_by(_RESOURCE_KEYS | _SERVICE_KEYS):
        return False
    return any(fnmatchcase(_MADE, arn.split(":")[-1]) for arn in statement.resources)


def _reads_what_aws_publishes(statement: Statement) -> bool:
    named = [any(fnmatchcase(arn, bucket) for bucket in _BUCKETS_OF_AWS) for arn in statement.resources]
    return bool(named) and all(named) and statement.actions == ["s3:getobject"]


RULES = (
    Rule(
        id="NW-05",
        title="Interface endpoints serve their whole network",
        severity="medium",
        sources=("FSBP EC2.10", "FSBP EC2.55", "FSBP EC2.60", "CIS 7.0 6.8"),
        remedy="Turn private DNS on, span at least two zones, and name a security group that admits 443 from the VPC. "
        "A group of another stack is judged there.",
        judges=for_each(ENDPOINT, endpoint_serves_its_network),
        relations=(
            Relation(
                (*ENDPOINT, *VPC, *VPC_RANGE, *SECURITY_GROUP, *SECURITY_GROUP_RULE, *INGRESS_RULE),
                admit_https_of_their_network,
            ),
        ),
    ),
    Rule(
        id="NW-06",
        title="Endpoints serve the organization alone",
        severity="critical",
        sources=("data perimeter vpc_endpoint_policies", "NET-02"),
        remedy="Give the endpoint a policy with aws:PrincipalOrgID and aws:ResourceOrgID; list buckets of AWS by name. "
        "Whoever makes endpoints, by requests that carry no owner of a resource, names what they are made from by its "
        "sort, and by ec2:VpceServiceOwner whose services they lead to.",
        judges=for_each(ENDPOINT + ENDPOINT_POLICY, endpoint_serves_the_organization),
        exceptions={"experimentation": "advisory"},
    ),
)
