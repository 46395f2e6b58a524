"""Rules about endpoints: they serve their whole network, and the organization alone."""

from __future__ import annotations

from fnmatch import fnmatchcase

from policies.security.documents import Statement, statements
from policies.security.readers import UNKNOWN, Unknown, lacks
from policies.security.rule import Rule, Verdict, first, for_each, refuse
from policies.security.subject import Subject

ENDPOINT = ("aws:ec2/vpcEndpoint:VpcEndpoint",)
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

_WITHOUT_OWNER = frozenset({"ec2:createvpcendpoint"})
"""What a caller does in its own account by requests that name no owner of a resource (IAM User Guide, "AWS global
condition context keys")."""


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
    if _names_no_owner(statement):
        return None
    if statement.has_wildcard_resource and not statement.is_confined_by(_RESOURCE_KEYS):
        return refuse(
            "reaches resources of other organizations",
            fix="add a condition on aws:ResourceOrgID, and list buckets that AWS owns by name",
        )
    return None


def _names_no_owner(statement: Statement) -> bool:
    return bool(statement.actions) and _WITHOUT_OWNER.issuperset(statement.actions)


def _reads_what_aws_publishes(statement: Statement) -> bool:
    named = [any(fnmatchcase(arn, bucket) for bucket in _BUCKETS_OF_AWS) for arn in statement.resources]
    return bool(named) and all(named) and statement.actions == ["s3:getobject"]


RULES = (
    Rule(
        id="NW-05",
        title="Interface endpoints serve their whole network",
        severity="medium",
        sources=("FSBP EC2.10", "FSBP EC2.55", "FSBP EC2.60", "CIS 7.0 6.8"),
        remedy="Turn private DNS on, span at least two zones, and name a security group that admits 443 from the VPC.",
        judges=for_each(ENDPOINT, endpoint_serves_its_network),
    ),
    Rule(
        id="NW-06",
        title="Endpoints serve the organization alone",
        severity="critical",
        sources=("data perimeter vpc_endpoint_policies", "NET-02"),
        remedy="Give the endpoint a policy with aws:PrincipalOrgID and aws:ResourceOrgID; list buckets of AWS by name.",
        judges=for_each(ENDPOINT + ENDPOINT_POLICY, endpoint_serves_the_organization),
        exceptions={"experimentation": "advisory"},
    ),
)
