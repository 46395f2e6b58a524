"""Rules about a network as a whole: its endpoints, its record, its zones and its addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Network, ip_network

from policies.security.readers import UNKNOWN, lacks
from policies.security.rule import Judgement, Relation, Rule, Verdict, for_each, refuse
from policies.security.rules.endpoints import ENDPOINT
from policies.security.rules.network import ROUTE_TABLE, SUBNET
from policies.security.stack import Stack, names
from policies.security.subject import Subject, Surroundings
from settings.kinds import ENVIRONMENTS

VPC = ("aws:ec2/vpc:Vpc",)
FLOW_LOG = ("aws:ec2/flowLog:FlowLog",)
ALARM = ("aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/compositeAlarm:CompositeAlarm")
ASSOCIATION = ("aws:ec2/routeTableAssociation:RouteTableAssociation",)

GATEWAYS = frozenset({"s3", "dynamodb"})
EVERYWHERE = frozenset(
    {"ecr.api", "ecr.dkr", "events", "kms", "logs", "monitoring", "secretsmanager", "sns", "sqs", "ssm", "sts"}
)
CHAIN = EVERYWHERE | {
    "athena", "glue", "lakeformation", "lambda", "sagemaker.api", "sagemaker.featurestore-runtime", "sagemaker.metrics",
    "sagemaker.runtime", "states",
}  # fmt: skip
ADMINISTRATION = frozenset(
    {
        "access-analyzer", "cloudtrail", "config", "guardduty", "inspector2", "macie2", "network-firewall", "ram",
        "securityhub",
    }
)  # fmt: skip
LAKE = frozenset({"athena", "glue", "lakeformation"})
REQUIRED: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(ENVIRONMENTS, CHAIN),
    "data-lake": EVERYWHERE | LAKE,
    "tooling": EVERYWHERE | {"codebuild", "codepipeline", "git-codecommit", "sagemaker.api"},
    "governance": EVERYWHERE
    | LAKE
    | ADMINISTRATION
    | {"autoscaling", "ec2", "eks", "eks-auth", "elasticloadbalancing", "sagemaker.api"},
}
"""Interfaces that a network needs, by what its account is for."""
SHARED = CHAIN | REQUIRED["data-lake"] | REQUIRED["tooling"]
"""Interfaces of the one network that all others reach AWS through. Studio and governance may be nowhere."""
UNSHARED: Mapping[str, frozenset[str]] = {"governance": ADMINISTRATION}
"""Interfaces of a network's own although the others are shared, because nobody else calls those services."""
STUDIO = frozenset({"elasticfilesystem", "notebook", "ssmmessages", "studio"})
"""Beside them, where there is a Studio."""


def have_their_endpoints(stack: Stack) -> Iterator[Judgement]:
    """The critical link: an endpoint whose network or service nobody can tell is no endpoint of this network."""
    required = _required(stack.surroundings)
    for vpc in stack.of(VPC):
        found = {_service(endpoint) for endpoint in stack.naming(ENDPOINT, "vpcId", vpc)}
        missing = ", ".join(sorted(required - found))
        if missing:
            yield (
                vpc,
                refuse(f"lacks endpoints of {missing}", fix="add them: nothing else reaches AWS"),
            )


def _required(surroundings: Surroundings) -> frozenset[str]:
    """With shared endpoints a network has its gateways, which cannot be shared, and what it alone calls."""
    interfaces = REQUIRED.get(surroundings.kind)
    if surroundings.shared_endpoints and surroundings.kind == "network":
        return SHARED
    if interfaces is None:
        return frozenset()
    if surroundings.shared_endpoints:
        return GATEWAYS | UNSHARED.get(surroundings.kind, frozenset())
    return GATEWAYS | interfaces | (STUDIO if surroundings.studio else frozenset())


def _service(endpoint: Subject) -> str | None:
    name = str(endpoint.properties.text("serviceName"))
    found = re.fullmatch(r"(?:com\.amazonaws|aws\.sagemaker)\.[a-z0-9-]+\.(.+)", name)
    return found[1] if found else None


def are_on_record(stack: Stack) -> Iterator[Judgement]:
    for vpc in stack.of(VPC):
        logs = stack.naming(FLOW_LOG, "vpcId", vpc)
        if not any(log.properties.text("trafficType") in ("ALL", UNKNOWN) for log in logs):
            yield vpc, refuse("leaves no record of its traffic", fix="add a flow log with trafficType ALL")


def gateways_are_on_every_way(stack: Stack) -> Iterator[Judgement]:
    """Traffic to S3 of a subnet whose table lacks the gateway's route goes nowhere."""
    if stack.surroundings.internet_egress:  # Its networks have subnets that are for the way out alone.
        return
    tables = [table for table in stack.of(ROUTE_TABLE) if stack.naming(ASSOCIATION, "routeTableId", table)]
    for vpc in stack.of(VPC):
        own = stack.naming(ENDPOINT, "vpcId", vpc)
        for gateway in (endpoint for endpoint in own if endpoint.properties.text("vpcEndpointType") == "Gateway"):
            used = [table for table in tables if table in stack.naming(ROUTE_TABLE, "vpcId", vpc)]
            if not all(names(gateway, "routeTableIds", table) for table in used):
                yield gateway, refuse("is missing in a route table", fix="name every route table of the network")


def tells_somebody(subject: Subject) -> Verdict:
    if lacks(subject.properties.value("alarmActions")):
        return refuse("tells nobody", fix="name a topic in alarmActions")
    return None


def span_zones(stack: Stack) -> Iterator[Judgement]:
    for vpc in stack.of(VPC):
        zones = [_zone(subnet) for subnet in stack.naming(SUBNET, "vpcId", vpc)]
        if len(set(zones)) == 1 and UNKNOWN not in zones:
            yield vpc, refuse("stands in one zone", fix="give it subnets in at least two zones")


def _zone(subnet: Subject) -> object:
    zone = subnet.properties.value("availabilityZoneId")
    return subnet.properties.value("availabilityZone") if zone is None else zone


def have_addresses_of_their_own(stack: Stack) -> Iterator[Judgement]:
    taken = [ip_network(cidr) for cidr in stack.surroundings.taken_ranges]
    networks = stack.of(VPC)
    yield from _overlapping(networks, taken)
    for vpc in networks:
        yield from _overlapping(stack.naming(SUBNET, "vpcId", vpc), [])


def _overlapping(subjects: Sequence[Subject], taken: Sequence[object]) -> Iterator[Judgement]:
    seen = list(taken)
    for subject in subjects:
        own = _range(subject)
        if own is not None and any(isinstance(other, IPv4Network) and own.overlaps(other) for other in seen):
            yield subject, refuse("has addresses that something else has", fix="take a range of the address plan")
        seen.append(own)


def _range(subject: Subject) -> IPv4Network | None:
    try:
        return IPv4Network(str(subject.properties.text("cidrBlock")))
    except ValueError:
        return None  # Unknown, or the provider refuses it.


RULES = (
    Rule(
        id="ST-01",
        title="Networks have the endpoints of their kind",
        severity="critical",
        sources=("NET-01", "DEV-03"),
        remedy="Add an endpoint for each service that work in this kind of account calls.",
        relations=(Relation((*VPC, *ENDPOINT), have_their_endpoints),),
    ),
    Rule(
        id="ST-02",
        title="Traffic is on record, gateways are on every way, alarms reach somebody",
        severity="high",
        sources=("FSBP EC2.6", "CIS 5.0 3.7", "CKV2_AWS_11"),
        remedy="Add a flow log of all traffic, name every route table in gateway endpoints, and a topic in alarms.",
        judges=for_each(ALARM, tells_somebody),
        relations=(
            Relation((*VPC, *FLOW_LOG), are_on_record),
            Relation((*VPC, *ENDPOINT, *ROUTE_TABLE, *ASSOCIATION), gateways_are_on_every_way),
        ),
    ),
    Rule(
        id="ST-03",
        title="Networks span zones, and addresses belong to one network",
        severity="high",
        sources=("Well-Architected REL10-BP01", "NET-03"),
        remedy="Give the network subnets in two zones, and ranges of the address plan that nobody else has.",
        relations=(Relation((*VPC, *SUBNET), span_zones), Relation((*VPC, *SUBNET), have_addresses_of_their_own)),
    ),
)
