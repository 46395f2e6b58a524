"""Rules about a network as a whole: its endpoints, its record, its ways, its zones and its addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, ip_network

from policies.security.inputs.readers import UNKNOWN, Properties, Unknown, lacks
from policies.security.inputs.stack import Stack, names
from policies.security.inputs.subject import Subject, Surroundings
from policies.security.rule import Judgement, Relation, Rule, Verdict, for_each, refuse
from policies.security.rules.audit.logs import LOG_GROUP
from policies.security.rules.network.egress import OUTSIDE, ROUTE, ROUTE_TABLE, reaches_the_internet
from policies.security.rules.network.endpoints import ENDPOINT, VPC
from policies.security.rules.network.networks import SUBNET, ipv4_range
from policies.security.rules.organization.accounts import STRICT_ENVIRONMENTS
from settings.types.kinds import ENVIRONMENTS

FLOW_LOG = ("aws:ec2/flowLog:FlowLog",)
ALARM = ("aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/compositeAlarm:CompositeAlarm")
ASSOCIATION = ("aws:ec2/routeTableAssociation:RouteTableAssociation",)
ENDPOINT_ASSOCIATION = ("aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation",)
PROPAGATION = ("aws:ec2/vpnGatewayRoutePropagation:VpnGatewayRoutePropagation",)
ELSEWHERE = (
    *OUTSIDE,
    "coreNetworkArn",
    "networkInterfaceId",
    "odbNetworkArn",
    "vpcPeeringConnectionId",
)
"""Where a route of a network leads that has no business but with endpoints. A network interface may be a machine that
translates addresses."""


@dataclass(frozen=True, slots=True)
class Log:
    """Where something names the log group that it writes to, and the one that its service makes for it otherwise."""

    path: tuple[str, ...] = ()
    made: str = ""

    def group_of(self, writer: Subject) -> object:
        """The group's name or ARN; None where there is none, or the name that it is made from is not known yet."""
        named = writer.properties.value(*self.path) if self.path else None
        name = writer.properties.value("name")
        if not lacks(named):
            return named
        return f"{self.made}{name}" if self.made and isinstance(name, str) else None


WRITERS: Mapping[str, Log] = {
    "aws:apigateway/stage:Stage": Log(("accessLogSettings", "destinationArn")),
    "aws:apigatewayv2/stage:Stage": Log(("accessLogSettings", "destinationArn")),
    "aws:cloudtrail/trail:Trail": Log(("cloudWatchLogsGroupArn",)),
    "aws:codebuild/project:Project": Log(("logsConfig", "cloudwatchLogs", "groupName"), "/aws/codebuild/"),
    "aws:lambda/function:Function": Log(("loggingConfig", "logGroup"), "/aws/lambda/"),
    "aws:route53/queryLog:QueryLog": Log(("cloudwatchLogGroupArn",)),
    "aws:sagemaker/endpoint:Endpoint": Log(made="/aws/sagemaker/Endpoints/"),
    "aws:emrserverless/application:Application": Log(
        ("monitoringConfiguration", "cloudwatchLoggingConfiguration", "logGroupName")
    ),
    "aws:sfn/stateMachine:StateMachine": Log(("loggingConfiguration", "logDestination")),
}
"""What writes to a log group of its own. Studio and jobs of SageMaker share groups that the service makes."""

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
    "data-lake": EVERYWHERE | LAKE | {"sagemaker.featurestore-runtime"},
    "tooling": EVERYWHERE | {"codebuild", "codepipeline", "git-codecommit", "sagemaker.api"},
    "governance": EVERYWHERE
    | LAKE
    | ADMINISTRATION
    | {"autoscaling", "ec2", "eks", "eks-auth", "elasticloadbalancing", "emr-serverless", "sagemaker.api"},
}
"""Interfaces that a network needs, by what its account is for."""
SHARED = CHAIN | REQUIRED["data-lake"] | REQUIRED["tooling"]
"""Interfaces of the one network that all others reach AWS through. Studio and governance may be nowhere."""
UNSHARED: Mapping[str, frozenset[str]] = {"governance": ADMINISTRATION | {"emr-serverless"}}
"""Interfaces of a network's own although the others are shared, because nobody else calls those services."""
STUDIO = frozenset({"elasticfilesystem", "notebook", "ssmmessages", "studio"})
"""Beside them, where there is a Studio."""
TRACKING = frozenset({"experiments"})
"""Beside them, where runs are tracked; never shared, because few networks call it."""
SPARK = frozenset({"emr-serverless"})
"""The same of Spark, which is deployed from where the organization is governed."""
DATA_API = frozenset({"execute-api"})
"""The same of private APIs."""


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
        return GATEWAYS | UNSHARED.get(surroundings.kind, frozenset()) | _of_options(surroundings)
    return GATEWAYS | interfaces | _of_options(surroundings) | (STUDIO if surroundings.studio else frozenset())


def _of_options(surroundings: Surroundings) -> frozenset[str]:
    wanted = ((surroundings.tracking, TRACKING), (surroundings.spark, SPARK), (surroundings.data_api, DATA_API))
    return frozenset().union(*(endpoints for on, endpoints in wanted if on))


def _service(endpoint: Subject) -> str | None:
    name = str(endpoint.properties.text("serviceName"))
    found = re.fullmatch(r"(?:com\.amazonaws|aws\.sagemaker)\.[a-z0-9-]+\.(.+)", name)
    return found[1] if found else None


def are_on_record(stack: Stack) -> Iterator[Judgement]:
    for vpc in stack.of(VPC):
        logs = stack.naming(FLOW_LOG, "vpcId", vpc)
        if not any(log.properties.text("trafficType") in ("ALL", UNKNOWN) for log in logs):
            yield vpc, refuse("leaves no record of its traffic", fix="add a flow log with trafficType ALL")


def goes_to_the_archive(subject: Subject) -> Verdict:
    """Where nobody of the own account can take a record back (AUD-03)."""
    if subject.properties.text("logDestinationType") not in ("s3", UNKNOWN):
        return refuse("keeps its record in the own account", fix="set logDestinationType to s3")
    bucket = subject.properties.text("logDestination")
    archive = f":::{subject.surroundings.log_archive}"
    if isinstance(bucket, Unknown) or archive in (bucket or ""):
        return None
    return refuse("keeps its record elsewhere", fix="name the log archive's bucket in logDestination")


def write_to_groups_of_the_stack(stack: Stack) -> Iterator[Judgement]:
    """A group that a service makes by itself has no key of ours and keeps its records for ever."""
    for type_, log in WRITERS.items():
        for writer in stack.of((type_,)):
            group = log.group_of(writer)
            if group is not None and not any(_is_written_to(own, group, writer, log) for own in stack.of(LOG_GROUP)):
                yield writer, refuse("writes to a log group of nobody", fix="make the group in this stack")


def _is_written_to(own: Subject, group: object, writer: Subject, log: Log) -> bool:
    """By name, by ARN with or without the streams that it may end in, or by what the property is made from."""
    known = {own.properties.value("name"), own.properties.value("arn")}
    return str(group).removesuffix(":*") in known or own.urn in writer.sources.get(next(iter(log.path), ""), ())


def gateways_are_on_every_way(stack: Stack) -> Iterator[Judgement]:
    """Traffic to S3 of a subnet whose table lacks the gateway's route goes nowhere. Tables that lead to the internet
    are for the way out alone."""
    tables = [table for table in stack.of(ROUTE_TABLE) if _is_private(stack, table)]
    for vpc in stack.of(VPC):
        own = stack.naming(ENDPOINT, "vpcId", vpc)
        for gateway in (endpoint for endpoint in own if endpoint.properties.text("vpcEndpointType") == "Gateway"):
            used = [table for table in tables if table in stack.naming(ROUTE_TABLE, "vpcId", vpc)]
            if not all(_is_on_the_way(stack, gateway, table) for table in used):
                yield gateway, refuse("is missing in a route table", fix="name every route table of the network")


def _is_private(stack: Stack, table: Subject) -> bool:
    routes = [route.properties for route in stack.naming(ROUTE, "routeTableId", table)]
    routes += table.properties.blocks("routes")
    used = stack.naming(ASSOCIATION, "routeTableId", table)
    made_together = any(route.value("gatewayId") is UNKNOWN for route in routes)
    return bool(used) and not made_together and not any(map(reaches_the_internet, routes))


def _is_on_the_way(stack: Stack, gateway: Subject, table: Subject) -> bool:
    links = stack.naming(ENDPOINT_ASSOCIATION, "vpcEndpointId", gateway)
    return names(gateway, "routeTableIds", table) or any(names(link, "routeTableId", table) for link in links)


def leads_to_endpoints(subject: Subject) -> Verdict:
    """Of the environments that production is made in: nothing but what answers for AWS (DEV-03)."""
    return _refuse_gateway(subject, _leads_elsewhere(subject, subject.properties))


def tables_lead_to_endpoints(subject: Subject) -> Verdict:
    learns = subject.properties.value("propagatingVgws") not in (None, [], UNKNOWN)
    elsewhere = any(_leads_elsewhere(subject, route) for route in subject.properties.blocks("routes"))
    return _refuse_gateway(subject, learns or elsewhere)


def learns_no_routes(subject: Subject) -> Verdict:
    return _refuse_gateway(subject, True)


def _leads_elsewhere(subject: Subject, route: Properties) -> bool:
    gateway = route.text("gatewayId")
    outside = isinstance(gateway, str) and not lacks(gateway) and not gateway.startswith(("local", "vpce-"))
    hub = () if subject.surroundings.shared_endpoints else ("transitGatewayId",)
    return outside or any(not lacks(route.value(target)) for target in (*ELSEWHERE, *hub))


def _refuse_gateway(subject: Subject, leads_elsewhere: bool) -> Verdict:
    if not leads_elsewhere or subject.surroundings.kind not in STRICT_ENVIRONMENTS:
        return None
    return refuse("leads to a gateway", fix="leave routes to endpoints, and to the transit gateway if they are shared")


def tells_somebody(subject: Subject) -> Verdict:
    if lacks(subject.properties.value("alarmActions")):
        return refuse("tells nobody", fix="name a topic in alarmActions")
    if subject.properties.flag("actionsEnabled") is False:
        return refuse("is muted", fix="set actionsEnabled to true")
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
    networks, given = stack.of(VPC), ipv4_range(stack.surroundings.own_range)
    yield from _overlapping(networks, taken)
    for vpc in networks:
        own = ipv4_range(vpc.properties.text("cidrBlock"))
        if given is not None and own is not None and not own.subnet_of(given):
            yield (
                vpc,
                refuse("stands outside its part of the address plan", fix="take the range that it has there"),
            )
    for vpc in networks:
        yield from _overlapping(stack.naming(SUBNET, "vpcId", vpc), [])


def _overlapping(subjects: Sequence[Subject], taken: Sequence[object]) -> Iterator[Judgement]:
    seen = list(taken)
    for subject in subjects:
        own = ipv4_range(subject.properties.text("cidrBlock"))
        if own is not None and any(isinstance(other, IPv4Network) and own.overlaps(other) for other in seen):
            yield subject, refuse("has addresses that something else has", fix="take a range of the address plan")
        seen.append(own)


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
        title="Traffic and logs are on record, ways lead to endpoints, alarms reach somebody",
        severity="high",
        sources=("FSBP EC2.6", "CIS 5.0 3.7", "CKV2_AWS_11", "DEV-03", "AUD-03"),
        remedy="Send a flow log of all traffic to the log archive; make the log group of whatever writes to one in the "
        "same stack, but for the groups that SageMaker makes for Studio and jobs; name every private route table in "
        "gateway endpoints, and in alarms a topic. Route tables of development, pre-production and production lead to "
        "endpoints alone, through a transit gateway if they are shared. What a prefix list of another stack holds is "
        "not known here.",
        judges=for_each(ALARM, tells_somebody)
        | for_each(FLOW_LOG, goes_to_the_archive)
        | for_each(ROUTE, leads_to_endpoints)
        | for_each(ROUTE_TABLE, tables_lead_to_endpoints)
        | for_each(PROPAGATION, learns_no_routes),
        relations=(
            Relation((*VPC, *FLOW_LOG), are_on_record),
            Relation((*LOG_GROUP, *WRITERS), write_to_groups_of_the_stack),
            Relation(
                (*VPC, *ENDPOINT, *ENDPOINT_ASSOCIATION, *ROUTE, *ROUTE_TABLE, *ASSOCIATION), gateways_are_on_every_way
            ),
        ),
    ),
    Rule(
        id="ST-03",
        title="Networks span zones, and addresses belong to one network",
        severity="high",
        sources=("Well-Architected REL10-BP01", "NET-03"),
        remedy="Give the network subnets in two zones, and the range that the address plan has for its account: parts "
        "of the plan do not overlap, so that no other network has it.",
        relations=(Relation((*VPC, *SUBNET), span_zones), Relation((*VPC, *SUBNET), have_addresses_of_their_own)),
    ),
)
