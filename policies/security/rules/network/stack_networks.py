"""Stack rules about networks: endpoints, flow logs, routes, zones and address ranges."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, ip_network

from policies.evaluation.readers import UNKNOWN, Properties, Unknown, is_missing
from policies.evaluation.resource import Resource, StackContext
from policies.evaluation.rule import CheckResult, Rule, StackCheck, Violation, for_each, violation
from policies.evaluation.stack import Stack, refers_to
from policies.security.rules.audit.logs import LOG_GROUP
from policies.security.rules.network.egress import GATEWAY_TARGETS, ROUTE, ROUTE_TABLE, reaches_the_internet
from policies.security.rules.network.endpoints import ENDPOINT, VPC
from policies.security.rules.network.networks import SUBNET, ipv4_range
from policies.security.rules.organization.accounts import STRICT_ENVIRONMENTS
from settings.types.kinds import ENVIRONMENTS, RELEASED_TO

FLOW_LOG = ("aws:ec2/flowLog:FlowLog",)
ALARM = ("aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/compositeAlarm:CompositeAlarm")
ASSOCIATION = ("aws:ec2/routeTableAssociation:RouteTableAssociation",)
ENDPOINT_ASSOCIATION = ("aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation",)
PROPAGATION = ("aws:ec2/vpnGatewayRoutePropagation:VpnGatewayRoutePropagation",)
OTHER_TARGETS = (
    *GATEWAY_TARGETS,
    "coreNetworkArn",
    "networkInterfaceId",
    "odbNetworkArn",
    "vpcPeeringConnectionId",
)
"""Route targets that are not endpoints. A network interface can belong to an instance that translates addresses."""


@dataclass(frozen=True, slots=True)
class LogDestination:
    """Property that names a resource's log group, and the prefix of the group that its service creates otherwise."""

    path: tuple[str, ...] = ()
    prefix: str = ""

    def group_of(self, writer: Resource) -> object:
        """Returns the group's name or ARN, or None if there is none or its name is not known yet."""
        named = writer.properties.value(*self.path) if self.path else None
        name = writer.properties.value("name")
        if not is_missing(named):
            return named
        return f"{self.prefix}{name}" if self.prefix and isinstance(name, str) else None


WRITERS: Mapping[str, LogDestination] = {
    "aws:apigateway/stage:Stage": LogDestination(("accessLogSettings", "destinationArn")),
    "aws:apigatewayv2/stage:Stage": LogDestination(("accessLogSettings", "destinationArn")),
    "aws:cloudtrail/trail:Trail": LogDestination(("cloudWatchLogsGroupArn",)),
    "aws:codebuild/project:Project": LogDestination(("logsConfig", "cloudwatchLogs", "groupName"), "/aws/codebuild/"),
    "aws:lambda/function:Function": LogDestination(("loggingConfig", "logGroup"), "/aws/lambda/"),
    "aws:route53/queryLog:QueryLog": LogDestination(("cloudwatchLogGroupArn",)),
    "aws:sagemaker/endpoint:Endpoint": LogDestination(prefix="/aws/sagemaker/Endpoints/"),
    "aws:emrserverless/application:Application": LogDestination(
        ("monitoringConfiguration", "cloudwatchLoggingConfiguration", "logGroupName")
    ),
    "aws:sfn/stateMachine:StateMachine": LogDestination(("loggingConfiguration", "logDestination")),
}
"""Types that write to a log group of their own. Studio and SageMaker jobs share groups that the service creates."""

GATEWAYS = frozenset({"s3", "dynamodb"})
COMMON_ENDPOINTS = frozenset(
    {"ecr.api", "ecr.dkr", "events", "kms", "logs", "monitoring", "secretsmanager", "sns", "sqs", "ssm", "sts"}
)
ENVIRONMENT_ENDPOINTS = COMMON_ENDPOINTS | {
    "athena", "glue", "lakeformation", "lambda", "sagemaker.api", "sagemaker.featurestore-runtime", "sagemaker.metrics",
    "sagemaker.runtime", "states",
}  # fmt: skip
ADMINISTRATION_ENDPOINTS = frozenset(
    {
        "access-analyzer", "cloudtrail", "config", "guardduty", "inspector2", "macie2", "network-firewall", "oam",
        "ram", "securityhub",
    }
)  # fmt: skip
API_ENDPOINTS = frozenset({"execute-api"})
"""Endpoint services for private APIs. Never shared, because an API names the endpoints through which it is called."""
LAKE_ENDPOINTS = frozenset({"athena", "glue", "lakeformation"})
REQUIRED_ENDPOINTS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(ENVIRONMENTS, ENVIRONMENT_ENDPOINTS),
    **dict.fromkeys(RELEASED_TO, ENVIRONMENT_ENDPOINTS | API_ENDPOINTS),
    "data-lake": COMMON_ENDPOINTS | LAKE_ENDPOINTS | {"sagemaker.featurestore-runtime"},
    "tooling": COMMON_ENDPOINTS
    | API_ENDPOINTS
    | {"apigateway", "application-autoscaling", "codebuild", "codepipeline", "git-codecommit"}
    | {"sagemaker.api", "sagemaker.runtime"},
    "governance": COMMON_ENDPOINTS
    | LAKE_ENDPOINTS
    | ADMINISTRATION_ENDPOINTS
    | {"autoscaling", "ec2", "eks", "eks-auth", "elasticloadbalancing", "emr-serverless", "sagemaker.api"},
}
"""Interface endpoints that a network needs, by kind of stack."""
SHARED_ENDPOINTS = (
    ENVIRONMENT_ENDPOINTS | REQUIRED_ENDPOINTS["data-lake"] | REQUIRED_ENDPOINTS["tooling"]
) - API_ENDPOINTS
"""Interface endpoints that the network account shares with all others. Endpoints for Studio and for governance are not
shared, because an organization may have neither."""
UNSHARED_ENDPOINTS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys((*RELEASED_TO, "tooling"), API_ENDPOINTS),
    "governance": ADMINISTRATION_ENDPOINTS | {"emr-serverless"},
}
"""Interface endpoints that a network keeps even if others are shared, because no other network calls those services."""
STUDIO_ENDPOINTS = frozenset({"elasticfilesystem", "notebook", "ssmmessages", "studio"})
"""Additional endpoint services for SageMaker Studio."""
TRACKING_ENDPOINTS = frozenset({"experiments"})
"""Additional endpoint services for experiment tracking. Never shared, because few networks call them."""
SPARK_ENDPOINTS = frozenset({"emr-serverless"})
"""Additional endpoint services for EMR Serverless. Never shared. Governance needs them too, because Spark applications
are deployed from there."""


CLUSTER_ENDPOINTS = frozenset({"ec2", "eks", "eks-auth", "elasticloadbalancing"})
"""Additional endpoint services for a private Kubernetes cluster in EKS Auto Mode, in the tooling network or shared with
it."""


def networks_have_their_endpoints(stack: Stack) -> Iterator[CheckResult]:
    """Checks that each network has the endpoints of its kind. An endpoint whose network or service is unknown does not
    count."""
    required = _required(stack.context)
    for vpc in stack.of(VPC):
        found = {_service(endpoint) for endpoint in stack.referring(ENDPOINT, "vpcId", vpc)}
        missing = ", ".join(sorted(required - found))
        if missing:
            yield (
                vpc,
                violation(
                    f"has no endpoints for {missing}", fix="add them, because the network has no other path to AWS"
                ),
            )


def _required(context: StackContext) -> frozenset[str]:
    """Returns the services a network needs endpoints for. With shared endpoints, these are gateway endpoints, which
    cannot be shared, and services that no other network calls."""
    interfaces = REQUIRED_ENDPOINTS.get(context.kind)
    cluster = CLUSTER_ENDPOINTS if context.cluster else frozenset()
    if context.shared_endpoints and context.kind == "network":
        return SHARED_ENDPOINTS | cluster
    if interfaces is None:
        return frozenset()
    if context.shared_endpoints:
        return GATEWAYS | UNSHARED_ENDPOINTS.get(context.kind, frozenset()) | _of_options(context)
    others = STUDIO_ENDPOINTS if context.studio else cluster if context.kind == "tooling" else frozenset()
    return GATEWAYS | interfaces | _of_options(context) | others


def _of_options(context: StackContext) -> frozenset[str]:
    wanted = (
        (context.tracking, TRACKING_ENDPOINTS),
        (context.spark, SPARK_ENDPOINTS),
        (context.data_api, API_ENDPOINTS),
    )
    return frozenset().union(*(endpoints for on, endpoints in wanted if on))


def _service(endpoint: Resource) -> str | None:
    name = str(endpoint.properties.text("serviceName"))
    found = re.fullmatch(r"(?:com\.amazonaws|aws\.sagemaker)\.[a-z0-9-]+\.(.+)", name)
    return found[1] if found else None


def networks_have_flow_logs(stack: Stack) -> Iterator[CheckResult]:
    for vpc in stack.of(VPC):
        logs = stack.referring(FLOW_LOG, "vpcId", vpc)
        if not any(log.properties.text("trafficType") in ("ALL", UNKNOWN) for log in logs):
            yield vpc, violation("has no flow log of all traffic", fix="add a flow log with trafficType ALL")


def writes_to_the_log_archive(resource: Resource) -> Violation | None:
    """Requires the log archive as destination, where principals of this account cannot delete records (AUD-03)."""
    if resource.properties.text("logDestinationType") not in ("s3", UNKNOWN):
        return violation("does not write to S3", fix="set logDestinationType to s3")
    bucket = resource.properties.text("logDestination")
    archive = f":::{resource.context.log_archive}"
    if isinstance(bucket, Unknown) or archive in (bucket or ""):
        return None
    return violation("does not write to the log archive", fix="name the log archive's bucket in logDestination")


def log_groups_belong_to_the_stack(stack: Stack) -> Iterator[CheckResult]:
    """Checks that log groups are created in the stack. A group that a service creates has no customer managed key
    and no retention."""
    for type_, log in WRITERS.items():
        for writer in stack.of((type_,)):
            group = log.group_of(writer)
            if group is not None and not any(_is_written_to(own, group, writer, log) for own in stack.of(LOG_GROUP)):
                yield (
                    writer,
                    violation(
                        "writes to a log group that the stack does not create", fix="create the group in this stack"
                    ),
                )


def _is_written_to(own: Resource, group: object, writer: Resource, log: LogDestination) -> bool:
    """Whether a writer's log group is this one: by name, by ARN with or without a stream suffix, or by dependency."""
    known = {own.properties.value("name"), own.properties.value("arn")}
    return str(group).removesuffix(":*") in known or own.urn in writer.sources.get(next(iter(log.path), ""), ())


def gateways_are_in_every_route_table(stack: Stack) -> Iterator[CheckResult]:
    """Checks that gateway endpoints are in each private route table. Without the route, a subnet cannot reach S3. Route
    tables that lead to the internet are exempt."""
    tables = [table for table in stack.of(ROUTE_TABLE) if _is_private(stack, table)]
    for vpc in stack.of(VPC):
        own = stack.referring(ENDPOINT, "vpcId", vpc)
        for gateway in (endpoint for endpoint in own if endpoint.properties.text("vpcEndpointType") == "Gateway"):
            used = [table for table in tables if table in stack.referring(ROUTE_TABLE, "vpcId", vpc)]
            if not all(_is_in_route_table(stack, gateway, table) for table in used):
                yield (
                    gateway,
                    violation("is missing from a route table", fix="name every private route table of the network"),
                )


def _is_private(stack: Stack, table: Resource) -> bool:
    routes = [route.properties for route in stack.referring(ROUTE, "routeTableId", table)]
    routes += table.properties.blocks("routes")
    used = stack.referring(ASSOCIATION, "routeTableId", table)
    made_together = any(route.value("gatewayId") is UNKNOWN for route in routes)
    return bool(used) and not made_together and not any(map(reaches_the_internet, routes))


def _is_in_route_table(stack: Stack, gateway: Resource, table: Resource) -> bool:
    links = stack.referring(ENDPOINT_ASSOCIATION, "vpcEndpointId", gateway)
    return refers_to(gateway, "routeTableIds", table) or any(refers_to(link, "routeTableId", table) for link in links)


def route_leads_to_endpoints(resource: Resource) -> Violation | None:
    """Checks that routes of development, pre-production and production lead only to endpoints (DEV-03)."""
    return _refuse_gateway(resource, _leads_to_a_gateway(resource, resource.properties))


def route_table_leads_to_endpoints(resource: Resource) -> Violation | None:
    propagates = resource.properties.value("propagatingVgws") not in (None, [], UNKNOWN)
    leads_to_gateway = any(_leads_to_a_gateway(resource, route) for route in resource.properties.blocks("routes"))
    return _refuse_gateway(resource, propagates or leads_to_gateway)


def propagates_no_routes(resource: Resource) -> Violation | None:
    return _refuse_gateway(resource, True)


def _leads_to_a_gateway(resource: Resource, route: Properties) -> bool:
    gateway = route.text("gatewayId")
    outside = isinstance(gateway, str) and not is_missing(gateway) and not gateway.startswith(("local", "vpce-"))
    transit_gateway = () if resource.context.shared_endpoints else ("transitGatewayId",)
    return outside or any(not is_missing(route.value(target)) for target in (*OTHER_TARGETS, *transit_gateway))


def _refuse_gateway(resource: Resource, leads_elsewhere: bool) -> Violation | None:
    if not leads_elsewhere or resource.context.kind not in STRICT_ENVIRONMENTS:
        return None
    return violation(
        "routes to a gateway", fix="route only to endpoints, and to the transit gateway if endpoints are shared"
    )


def has_actions(resource: Resource) -> Violation | None:
    if is_missing(resource.properties.value("alarmActions")):
        return violation("has no actions", fix="name a topic in alarmActions")
    if resource.properties.flag("actionsEnabled") is False:
        return violation("has its actions disabled", fix="set actionsEnabled to true")
    return None


def networks_span_zones(stack: Stack) -> Iterator[CheckResult]:
    for vpc in stack.of(VPC):
        zones = [_zone(subnet) for subnet in stack.referring(SUBNET, "vpcId", vpc)]
        if len(set(zones)) == 1 and UNKNOWN not in zones:
            yield vpc, violation("is in one zone", fix="give it subnets in at least two zones")


def _zone(subnet: Resource) -> object:
    zone = subnet.properties.value("availabilityZoneId")
    return subnet.properties.value("availabilityZone") if zone is None else zone


def ranges_do_not_overlap(stack: Stack) -> Iterator[CheckResult]:
    taken = [ip_network(cidr) for cidr in stack.context.taken_ranges]
    networks, given = stack.of(VPC), ipv4_range(stack.context.own_range)
    yield from _overlapping(networks, taken)
    for vpc in networks:
        own = ipv4_range(vpc.properties.text("cidrBlock"))
        if given is not None and own is not None and not own.subnet_of(given):
            yield (
                vpc,
                violation("has a range outside its block of the address plan", fix="use a range of its block"),
            )
    for vpc in networks:
        yield from _overlapping(stack.referring(SUBNET, "vpcId", vpc), [])


def _overlapping(resources: Sequence[Resource], taken: Sequence[object]) -> Iterator[CheckResult]:
    seen = list(taken)
    for resource in resources:
        own = ipv4_range(resource.properties.text("cidrBlock"))
        if own is not None and any(isinstance(other, IPv4Network) and own.overlaps(other) for other in seen):
            yield resource, violation("overlaps with another range", fix="use a free range of the address plan")
        seen.append(own)


RULES = (
    Rule(
        id="ST-01",
        title="Networks have the endpoints of their kind",
        severity="critical",
        sources=("NET-01", "DEV-03"),
        remedy="Add an endpoint for each service that workloads in this kind of account call.",
        stack_checks=(StackCheck((*VPC, *ENDPOINT), networks_have_their_endpoints),),
    ),
    Rule(
        id="ST-02",
        title="Traffic is logged, routes lead to endpoints, and alarms have actions",
        severity="high",
        sources=("FSBP EC2.6", "CIS 5.0 3.7", "CKV2_AWS_11", "DEV-03", "AUD-03"),
        remedy="Send a flow log of all traffic to the log archive. Create log groups in the stack of the resource that "
        "writes to them, except the groups that SageMaker creates for Studio and jobs. Name every private route table "
        "in gateway endpoints, and a topic in alarms. In development, pre-production and production, route only to "
        "endpoints, through a transit gateway if they are shared. The rule cannot see the contents of another stack's "
        "prefix list.",
        checks=for_each(ALARM, has_actions)
        | for_each(FLOW_LOG, writes_to_the_log_archive)
        | for_each(ROUTE, route_leads_to_endpoints)
        | for_each(ROUTE_TABLE, route_table_leads_to_endpoints)
        | for_each(PROPAGATION, propagates_no_routes),
        stack_checks=(
            StackCheck((*VPC, *FLOW_LOG), networks_have_flow_logs),
            StackCheck((*LOG_GROUP, *WRITERS), log_groups_belong_to_the_stack),
            StackCheck(
                (*VPC, *ENDPOINT, *ENDPOINT_ASSOCIATION, *ROUTE, *ROUTE_TABLE, *ASSOCIATION),
                gateways_are_in_every_route_table,
            ),
        ),
    ),
    Rule(
        id="ST-03",
        title="Networks span two zones, and address ranges do not overlap",
        severity="high",
        sources=("Well-Architected REL10-BP01", "NET-03"),
        remedy="Give the network subnets in two zones and a range from its account's block of the address plan. The "
        "blocks of the plan do not overlap.",
        stack_checks=(
            StackCheck((*VPC, *SUBNET), networks_span_zones),
            StackCheck((*VPC, *SUBNET), ranges_do_not_overlap),
        ),
    ),
)
