"""Cases of policies/security/rules/network/stack_networks.py."""

from __future__ import annotations

from typing import Any

from policies.evaluation.readers import UNKNOWN
from policies.security.rules.network import stack_networks as rules
from tests.policies.case import Case, Member, Situation, StackCase, but, stack_context

GATEWAYS = {"dynamodb", "s3"}
SUBNET_TYPES = ("aws:ec2/subnet:Subnet", "aws:ec2/defaultSubnet:DefaultSubnet")
ROUTE_TABLE = ("aws:ec2/routeTable:RouteTable", "aws:ec2/defaultRouteTable:DefaultRouteTable")
ALARM = ("aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/compositeAlarm:CompositeAlarm")
OTHER_TARGETS = (
    "carrierGatewayId",
    "egressOnlyGatewayId",
    "localGatewayId",
    "natGatewayId",
    "coreNetworkArn",
    "networkInterfaceId",
    "odbNetworkArn",
    "vpcPeeringConnectionId",
)


VPC, SUBNET, TABLE = "aws:ec2/vpc:Vpc", SUBNET_TYPES[0], ROUTE_TABLE[0]
ENDPOINT, FLOW_LOG, ASSOCIATION = (
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    "aws:ec2/flowLog:FlowLog",
    "aws:ec2/routeTableAssociation:RouteTableAssociation",
)
ROUTE, LINK = "aws:ec2/route:Route", "aws:ec2/vpcEndpointRouteTableAssociation:VpcEndpointRouteTableAssociation"

ALARMS = [
    Case(
        rule="ST-02",
        type=type_,
        compliant=Situation(inputs={"alarmActions": ["arn:aws:sns:eu-west-1:111111111111:alarms"]}),
        refused={"has no actions": but({"alarmActions": []}), "is muted": but({"actionsEnabled": False})},
        accepted={"is not muted": but({"actionsEnabled": True})},
    )
    for type_ in ALARM
]
ARCHIVE = "arn:aws:s3:::acme-log-archive-111111111111-eu-west-1-an"
DESTINATIONS = [
    Case(
        rule="ST-02",
        type=type_,
        compliant=Situation(
            inputs={"logDestinationType": "s3", "logDestination": ARCHIVE},
            context=stack_context(log_archive="acme-log-archive-"),
        ),
        refused={
            "stays in a log group": but({"logDestinationType": "cloud-watch-logs"}),
            "goes to a bucket of its own": but({"logDestination": "arn:aws:s3:::acme-flows-111111111111-eu-west-1-an"}),
        },
        accepted={
            "goes to a folder of the archive": but({"logDestination": f"{ARCHIVE}/flows/"}),
            "writes to a bucket while the log archive is unknown": but(
                {"logDestination": "arn:aws:s3:::flows"}, log_archive=""
            ),
        },
    )
    for type_ in ("aws:ec2/flowLog:FlowLog",)
]
STRICT = ("development", "preproduction", "production")
LOOSE = {
    f"leads there in {kind}": {"kind": kind} for kind in ("experimentation", "network", "tooling", "data-lake", "audit")
}
"""Kinds whose routes only NW-01 checks."""
TARGETS = (*OTHER_TARGETS, "transitGatewayId")
ROUTES = [
    Case(
        rule="ST-02",
        type=type_,
        compliant=Situation(inputs={"gatewayId": "vpce-1"}),
        optional=frozenset({"gatewayId"}),
        refused={
            **{f"leads to {target}": but({"gatewayId": "", target: "thing-1"}) for target in TARGETS},
            **{f"leads to premises in {kind}": but({"gatewayId": "vgw-1"}, kind=kind) for kind in STRICT},
            "leads to a gateway that is made with it": but({"gatewayId": "", "transitGatewayId": UNKNOWN}),
        },
        accepted={
            **{what: but({"gatewayId": "vgw-1"}, **kind) for what, kind in LOOSE.items()},
            "stays in the network": but({"gatewayId": "local"}),
            "leads to a firewall": but({"gatewayId": "", "vpcEndpointId": "vpce-1"}),
            "leads to shared endpoints": but({"transitGatewayId": "tgw-1"}, shared_endpoints=True),
        },
    )
    for type_ in ("aws:ec2/route:Route",)
]
TABLES_OF_CHAINS = [
    Case(
        rule="ST-02",
        type=type_,
        compliant=Situation(inputs={"routes": [{"gatewayId": "local"}], "propagatingVgws": []}),
        optional=frozenset({"routes", "routes.0", "routes.0.gatewayId", "propagatingVgws"}),
        refused={
            "learns routes": but({"propagatingVgws": ["vgw-1"]}),
            "leads to another network": but({"routes": [{"gatewayId": "local"}, {"vpcPeeringConnectionId": "pcx-1"}]}),
        },
        accepted={"learns routes in experimentation": but({"propagatingVgws": ["vgw-1"]}, kind="experimentation")},
    )
    for type_ in ROUTE_TABLE
]
PROPAGATIONS = [
    Case(
        rule="ST-02",
        type=type_,
        compliant=Situation(inputs={}, context=stack_context(kind="experimentation")),
        refused={f"learns routes in {kind}": but(kind=kind) for kind in STRICT},
    )
    for type_ in ("aws:ec2/vpnGatewayRoutePropagation:VpnGatewayRoutePropagation",)
]


def networks(rule: str, what: str, members: dict[str, Member], *refused: str, **declared: Any) -> StackCase:
    return StackCase(
        rule=rule, type=VPC, what=what, members=members, refused=frozenset(refused), context=stack_context(**declared)
    )


def prefix_of(service: str) -> str:
    return "aws.sagemaker" if service in rules.STUDIO_ENDPOINTS else "com.amazonaws"


def endpoints(services: set[str] | frozenset[str], vpc: object = "vpc-1", **sources: str) -> dict[str, Member]:
    return {
        service: Member(
            type=ENDPOINT,
            inputs={
                "vpcId": vpc,
                "serviceName": f"{prefix_of(service)}.eu-west-1.{service}",
                "vpcEndpointType": "Gateway" if service in GATEWAYS else "Interface",
            },
            sources=sources,
        )
        for service in services
    }


NETWORK = {"network": Member(inputs={"id": "vpc-1"})}
IN_DEVELOPMENT = GATEWAYS | rules.ENVIRONMENT_ENDPOINTS
ALL = IN_DEVELOPMENT | rules.API_ENDPOINTS
OF_TOOLING = GATEWAYS | rules.REQUIRED_ENDPOINTS["tooling"]
ENDPOINTS = [
    networks("ST-01", "a network with its endpoints", {**NETWORK, **endpoints(ALL)}),
    networks(
        "ST-01",
        "endpoints that are made with their network",
        {"network": Member(inputs={"id": UNKNOWN}), **endpoints(ALL, UNKNOWN, vpcId="network")},
    ),
    networks("ST-01", "endpoints of an unknown network", {**NETWORK, **endpoints(ALL, UNKNOWN)}, "network"),
    networks("ST-01", "endpoints of another network", {**NETWORK, **endpoints(ALL, "vpc-2")}, "network"),
    networks("ST-01", "a network without the gateway of S3", {**NETWORK, **endpoints(ALL - {"s3"})}, "network"),
    networks("ST-01", "a network without logs", {**NETWORK, **endpoints(ALL - {"logs"})}, "network"),
    networks("ST-01", "a Studio without its own endpoints", {**NETWORK, **endpoints(ALL)}, "network", studio=True),
    networks(
        "ST-01", "a Studio with its endpoints", {**NETWORK, **endpoints(ALL | rules.STUDIO_ENDPOINTS)}, studio=True
    ),
    networks("ST-01", "cluster in another account", {**NETWORK, **endpoints(ALL)}, cluster=True),
    networks(
        "ST-01",
        "cluster without its endpoints",
        {**NETWORK, **endpoints(OF_TOOLING)},
        "network",
        kind="tooling",
        cluster=True,
    ),
    networks(
        "ST-01",
        "cluster with its endpoints",
        {**NETWORK, **endpoints(OF_TOOLING | rules.CLUSTER_ENDPOINTS)},
        kind="tooling",
        cluster=True,
    ),
    networks("ST-01", "tooling without a cluster", {**NETWORK, **endpoints(OF_TOOLING)}, kind="tooling"),
    networks(
        "ST-01",
        "cluster without its endpoints where they are shared",
        {**NETWORK, **endpoints(rules.SHARED_ENDPOINTS)},
        "network",
        kind="network",
        shared_endpoints=True,
        cluster=True,
    ),
    networks(
        "ST-01",
        "cluster with its endpoints where they are shared",
        {**NETWORK, **endpoints(rules.SHARED_ENDPOINTS | rules.CLUSTER_ENDPOINTS)},
        kind="network",
        shared_endpoints=True,
        cluster=True,
    ),
    networks("ST-01", "tracking without its endpoint", {**NETWORK, **endpoints(ALL)}, "network", tracking=True),
    networks("ST-01", "Spark without its endpoint", {**NETWORK, **endpoints(ALL)}, "network", spark=True),
    networks("ST-01", "Spark with its endpoint", {**NETWORK, **endpoints(ALL | rules.SPARK_ENDPOINTS)}, spark=True),
    networks("ST-01", "production without an endpoint for APIs", {**NETWORK, **endpoints(IN_DEVELOPMENT)}, "network"),
    networks("ST-01", "development without APIs", {**NETWORK, **endpoints(IN_DEVELOPMENT)}, kind="development"),
    networks(
        "ST-01",
        "an API without its endpoint",
        {**NETWORK, **endpoints(IN_DEVELOPMENT)},
        "network",
        kind="development",
        data_api=True,
    ),
    networks("ST-01", "an API with its endpoint", {**NETWORK, **endpoints(ALL)}, kind="development", data_api=True),
    networks(
        "ST-01", "tracking with its endpoint", {**NETWORK, **endpoints(ALL | rules.TRACKING_ENDPOINTS)}, tracking=True
    ),
    networks(
        "ST-01",
        "tracking without its endpoint where others are shared",
        {**NETWORK, **endpoints(GATEWAYS)},
        "network",
        shared_endpoints=True,
        tracking=True,
    ),
    networks(
        "ST-01",
        "an endpoint of another account's service",
        {
            **NETWORK,
            **endpoints(ALL - {"kms"}),
            "kms": Member(type=ENDPOINT, inputs={"vpcId": "vpc-1", "serviceName": "com.somebody.eu-west-1.kms"}),
        },
        "network",
    ),
    networks(
        "ST-01",
        "the network that shares its endpoints",
        {**NETWORK, **endpoints(rules.SHARED_ENDPOINTS)},
        kind="network",
        shared_endpoints=True,
    ),
    networks(
        "ST-01",
        "the network that shares all but one of its endpoints",
        {**NETWORK, **endpoints(rules.SHARED_ENDPOINTS - {"codebuild"})},
        "network",
        kind="network",
        shared_endpoints=True,
    ),
    networks("ST-01", "a network account that shares nothing", NETWORK, kind="network"),
    networks(
        "ST-01",
        "a network of shared endpoints",
        {**NETWORK, **endpoints(GATEWAYS | rules.API_ENDPOINTS)},
        shared_endpoints=True,
    ),
    networks(
        "ST-01",
        "a network of shared endpoints without that of its APIs",
        {**NETWORK, **endpoints(GATEWAYS)},
        "network",
        shared_endpoints=True,
    ),
    networks(
        "ST-01",
        "a network that governs, with shared endpoints and those of its own",
        {**NETWORK, **endpoints(GATEWAYS | rules.ADMINISTRATION_ENDPOINTS | rules.SPARK_ENDPOINTS)},
        kind="governance",
        shared_endpoints=True,
    ),
    networks(
        "ST-01",
        "a network that governs, with shared endpoints alone",
        {**NETWORK, **endpoints(GATEWAYS)},
        "network",
        kind="governance",
        shared_endpoints=True,
    ),
    networks("ST-01", "a network of shared endpoints without gateways", NETWORK, "network", shared_endpoints=True),
    networks(
        "ST-01",
        "a network whose endpoints are shared, but not declared",
        {**NETWORK, **endpoints(GATEWAYS)},
        "network",
    ),
    networks("ST-01", "a network of a kind that needs none", NETWORK, kind="network"),
    *(
        networks(
            "ST-01",
            f"a network of {kind} with the endpoints of its kind",
            {**NETWORK, **endpoints(GATEWAYS | needed)},
            kind=kind,
        )
        for kind, needed in rules.REQUIRED_ENDPOINTS.items()
    ),
]


def log(vpc: object, traffic: object) -> Member:
    return Member(type=FLOW_LOG, inputs={"vpcId": vpc, "trafficType": traffic})


TABLES = {
    "private": Member(type=TABLE, inputs={"id": "rtb-1", "vpcId": "vpc-1"}),
    "associated": Member(type=ASSOCIATION, inputs={"routeTableId": "rtb-1"}),
    "log": log("vpc-1", "ALL"),
}


def gateway(*tables: object, kind: str = "Gateway") -> Member:
    return Member(type=ENDPOINT, inputs={"vpcId": "vpc-1", "vpcEndpointType": kind, "routeTableIds": list(tables)})


RECORDS = [
    networks("ST-02", "a network on record", {**NETWORK, "log": log("vpc-1", "ALL")}),
    networks("ST-02", "a network on record as the deployment will say", {**NETWORK, "log": log("vpc-1", UNKNOWN)}),
    networks(
        "ST-02", "a network of which only refusals are on record", {**NETWORK, "log": log("vpc-1", "REJECT")}, "network"
    ),
    networks(
        "ST-02",
        "a network without a flow log next to one with a flow log",
        {**NETWORK, "log": log("vpc-2", "ALL")},
        "network",
    ),
    networks(
        "ST-02",
        "a network with two records",
        {**NETWORK, "first": log("vpc-1", "REJECT"), "second": log("vpc-1", "ALL")},
    ),
    networks("ST-02", "a gateway on every way", {**NETWORK, **TABLES, "gateway": gateway("rtb-1")}),
    networks("ST-02", "a gateway on no way", {**NETWORK, **TABLES, "gateway": gateway("rtb-2")}, "gateway"),
    networks(
        "ST-02",
        "a gateway in one of two route tables",
        {
            **NETWORK,
            **TABLES,
            "second": Member(type=TABLE, inputs={"id": "rtb-2", "vpcId": "vpc-1"}),
            "associated-second": Member(type=ASSOCIATION, inputs={"routeTableId": "rtb-2"}),
            "gateway": gateway("rtb-1"),
        },
        "gateway",
    ),
    networks(
        "ST-02", "an interface, which is on no way", {**NETWORK, **TABLES, "interface": gateway(kind="Interface")}
    ),
    networks(
        "ST-02",
        "a gateway next to a route table that nothing uses",
        {**NETWORK, "log": TABLES["log"], "private": TABLES["private"], "gateway": gateway()},
    ),
    networks(
        "ST-02",
        "a gateway next to a route table of another network",
        {
            **NETWORK,
            **TABLES,
            "private": Member(type=TABLE, inputs={"id": "rtb-1", "vpcId": "vpc-2"}),
            "gateway": gateway(),
        },
    ),
    networks(
        "ST-02",
        "a gateway that is linked to its way",
        {
            **NETWORK,
            **TABLES,
            "gateway": Member(type=ENDPOINT, inputs={"id": "vpce-1", "vpcId": "vpc-1", "vpcEndpointType": "Gateway"}),
            "link": Member(type=LINK, inputs={"vpcEndpointId": "vpce-1", "routeTableId": "rtb-1"}),
        },
    ),
    networks(
        "ST-02",
        "a gateway that is linked to another way",
        {
            **NETWORK,
            **TABLES,
            "gateway": Member(type=ENDPOINT, inputs={"id": "vpce-1", "vpcId": "vpc-1", "vpcEndpointType": "Gateway"}),
            "other": Member(type=LINK, inputs={"vpcEndpointId": "vpce-1", "routeTableId": "rtb-2"}),
            "another": Member(type=LINK, inputs={"vpcEndpointId": "vpce-2", "routeTableId": "rtb-1"}),
        },
        "gateway",
    ),
    networks(
        "ST-02",
        "a gateway next to an egress route table",
        {
            **NETWORK,
            **TABLES,
            "out": Member(type=ROUTE, inputs={"routeTableId": "rtb-1", "natGatewayId": UNKNOWN}),
            "gateway": gateway(),
        },
    ),
    networks(
        "ST-02",
        "a gateway next to an egress route table that is created with its gateway",
        {
            **NETWORK,
            **TABLES,
            "out": Member(type=ROUTE, inputs={"routeTableId": "rtb-1", "gatewayId": UNKNOWN}),
            "in": Member(type=ROUTE, inputs={"routeTableId": "rtb-1", "vpcEndpointId": UNKNOWN}),
            "gateway": gateway(),
        },
    ),
    networks(
        "ST-02",
        "a gateway next to an egress route table with an inline route",
        {
            **NETWORK,
            **TABLES,
            "private": Member(type=TABLE, inputs={"id": "rtb-1", "vpcId": "vpc-1", "routes": [{"gatewayId": "igw-1"}]}),
            "gateway": gateway(),
        },
    ),
    networks(
        "ST-02",
        "a gateway next to a route table of a firewall",
        {
            **NETWORK,
            **TABLES,
            "in": Member(type=ROUTE, inputs={"routeTableId": "rtb-1", "vpcEndpointId": "vpce-9"}),
            "gateway": gateway(),
        },
        "gateway",
        internet_egress=True,
    ),
]
GROUP, FUNCTION, MACHINE, ENDPOINT_OF_MODELS = (
    "aws:cloudwatch/logGroup:LogGroup",
    "aws:lambda/function:Function",
    "aws:sfn/stateMachine:StateMachine",
    "aws:sagemaker/endpoint:Endpoint",
)
GROUP_ARN = "arn:aws:logs:eu-west-1:111111111111:log-group:/plinth/steps"


def group(name: object, arn: object = UNKNOWN) -> dict[str, Member]:
    return {"group": Member(type=GROUP, inputs={"name": name, "arn": arn})}


def steps(destination: object, **sources: str) -> dict[str, Member]:
    inputs = {"name": "steps", "loggingConfiguration": {"logDestination": destination}}
    return {"steps": Member(type=MACHINE, inputs=inputs, sources=sources)}


def writer(type_: str, **inputs: object) -> dict[str, Member]:
    return {"writer": Member(type=type_, inputs=inputs)}


LOGS = [
    networks("ST-02", "a group that its writer names by ARN", {**group("/a", GROUP_ARN), **steps(GROUP_ARN)}),
    networks("ST-02", "a group with its streams", {**group("/a", GROUP_ARN), **steps(f"{GROUP_ARN}:*")}),
    networks("ST-02", "a group of another stack", {**group("/a", GROUP_ARN[:-1]), **steps(GROUP_ARN)}, "steps"),
    networks(
        "ST-02",
        "a group that is made with its writer",
        {**group(UNKNOWN), **steps(UNKNOWN, loggingConfiguration="group")},
    ),
    networks("ST-02", "an unknown group", {**group(UNKNOWN), **steps(UNKNOWN)}, "steps"),
    networks("ST-02", "no group at all", writer(MACHINE, name="steps")),
    networks("ST-02", "a group of a function", {**group("/aws/lambda/check"), **writer(FUNCTION, name="check")}),
    networks("ST-02", "a function without a group", writer(FUNCTION, name="check"), "writer"),
    networks("ST-02", "a function with an unknown name", writer(FUNCTION, name=UNKNOWN)),
    networks(
        "ST-02",
        "a function that names another group",
        {**group("/aws/lambda/check"), **writer(FUNCTION, name="check", loggingConfig={"logGroup": "/other"})},
        "writer",
    ),
    networks(
        "ST-02",
        "a function that names its group",
        {**group("/plinth/check"), **writer(FUNCTION, name="check", loggingConfig={"logGroup": "/plinth/check"})},
    ),
    networks(
        "ST-02",
        "a group of an endpoint",
        {**group("/aws/sagemaker/Endpoints/scoring"), **writer(ENDPOINT_OF_MODELS, name="scoring")},
    ),
    networks("ST-02", "an endpoint without a group", writer(ENDPOINT_OF_MODELS, name="scoring"), "writer"),
]


def subnet(cidr: object, zone: object = "euw1-az1", *, key: str = "availabilityZoneId", vpc: str = "vpc-1") -> Member:
    return Member(type=SUBNET, inputs={"vpcId": vpc, "cidrBlock": cidr, key: zone})


HERE = {"network": Member(inputs={"id": "vpc-1", "cidrBlock": "10.1.0.0/19"})}
PLACES = [
    networks(
        "ST-03", "a network in two zones", {**HERE, "a": subnet("10.1.0.0/24"), "b": subnet("10.1.1.0/24", "euw1-az2")}
    ),
    networks(
        "ST-03", "a network in one zone", {**HERE, "a": subnet("10.1.0.0/24"), "b": subnet("10.1.1.0/24")}, "network"
    ),
    networks(
        "ST-03",
        "a network in one zone by its name",
        {
            **HERE,
            "a": subnet("10.1.0.0/24", "eu-west-1a", key="availabilityZone"),
            "b": subnet("10.1.1.0/24", "eu-west-1a", key="availabilityZone"),
        },
        "network",
    ),
    networks(
        "ST-03",
        "a network in two zones by their names",
        {
            **HERE,
            "a": subnet("10.1.0.0/24", "eu-west-1a", key="availabilityZone"),
            "b": subnet("10.1.1.0/24", "eu-west-1b", key="availabilityZone"),
        },
    ),
    networks(
        "ST-03",
        "a network in unknown zones",
        {**HERE, "a": subnet("10.1.0.0/24", UNKNOWN), "b": subnet("10.1.1.0/24", UNKNOWN)},
    ),
    networks(
        "ST-03",
        "a network in one zone next to another network's subnets",
        {**HERE, "a": subnet("10.1.0.0/24"), "b": subnet("10.1.1.0/24", "euw1-az2", vpc="vpc-2")},
        "network",
    ),
    networks("ST-03", "a network without subnets", HERE),
    networks(
        "ST-03",
        "subnets with the same addresses",
        {**HERE, "a": subnet("10.1.0.0/23"), "b": subnet("10.1.1.0/24", "euw1-az2")},
        "b",
    ),
    networks(
        "ST-03",
        "subnets with unknown addresses",
        {**HERE, "a": subnet(UNKNOWN), "b": subnet(UNKNOWN, "euw1-az2")},
    ),
    networks(
        "ST-03",
        "a network with addresses of headquarters",
        HERE,
        "network",
        taken_ranges=("10.200.0.0/16", "10.1.0.0/16"),
    ),
    networks("ST-03", "a network in its part of the plan", HERE, own_range="10.1.0.0/19"),
    networks("ST-03", "a network in a part of its part", HERE, own_range="10.1.0.0/16"),
    networks("ST-03", "a network in another's part of the plan", HERE, "network", own_range="10.1.32.0/19"),
    networks("ST-03", "a network that is wider than its part", HERE, "network", own_range="10.1.0.0/21"),
    networks(
        "ST-03",
        "a network with an unknown range",
        {"network": Member(inputs={"id": "vpc-1", "cidrBlock": UNKNOWN})},
        own_range="10.1.0.0/21",
    ),
    networks("ST-03", "a network next to a reserved range", HERE, taken_ranges=("10.200.0.0/16",)),
    networks(
        "ST-03",
        "two networks with the same addresses",
        {**HERE, "second": Member(inputs={"id": "vpc-2", "cidrBlock": "10.1.16.0/20"})},
        "second",
    ),
]

CASES = [*ALARMS, *DESTINATIONS, *ROUTES, *TABLES_OF_CHAINS, *PROPAGATIONS]
STACK_CASES = [*ENDPOINTS, *RECORDS, *LOGS, *PLACES]
