"""How many resources an account has of a kind that a quota limits, and the error beyond it.

Sources: EC2 API, "Error codes"; IAM API, CreateRole; S3 API, "Error responses"; APIs of Network Firewall, EventBridge,
CloudTrail and SageMaker (read 2026-11-26).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.patches.patch import Memory
from plinth_sandbox.emulator.quotas.increases import value_of
from plinth_sandbox.emulator.quotas.table import BY_CODE, TRAILS_PER_REGION
from plinth_sandbox.emulator.store.record import Place

Limit = Callable[[Call, Memory], None]
"""Raises AwsError if the request would exceed a quota."""
_GONE = ("deleted", "failed")


def _most(code: str, call: Call, memory: Memory) -> int:
    return value_of(memory, call.account, call.region, BY_CODE[code])


# EC2


def _ec2(call: Call) -> Any:
    from moto.ec2.models import ec2_backends  # takes a second to import

    return ec2_backends[call.account][call.region]


def _vpcs(call: Call, memory: Memory) -> None:
    if len(_ec2(call).vpcs) >= _most("L-F678F1CE", call, memory):
        raise AwsError("VpcLimitExceeded", "The maximum number of VPCs has been reached.")


def _internet_gateways(call: Call, memory: Memory) -> None:
    """AWS raises this quota together with that of VPCs, and has no increase for it alone."""
    most = max(_most("L-A4707A72", call, memory), _most("L-F678F1CE", call, memory))
    if len(_ec2(call).internet_gateways) >= most:
        raise AwsError("InternetGatewayLimitExceeded", "The maximum number of internet gateways has been reached.")


def _addresses(call: Call, memory: Memory) -> None:
    if len(_ec2(call).addresses) >= _most("L-0263D0A3", call, memory):
        raise AwsError("AddressLimitExceeded", "The maximum number of addresses has been reached.")


def _nat_gateways(call: Call, memory: Memory) -> None:
    backend = _ec2(call)
    zones = {subnet.id: zone for zone, subnets in backend.subnets.items() for subnet in subnets.values()}
    zone = zones.get(str(call.parameters.get("SubnetId")))
    there = [
        nat_gateway
        for nat_gateway in backend.nat_gateways.values()
        if nat_gateway.state not in _GONE and zones.get(nat_gateway.subnet_id) == zone
    ]
    if zone is not None and len(there) >= _most("L-FE5A380F", call, memory):
        raise AwsError("NatGatewayLimitExceeded", "The maximum number of NAT Gateways has been reached.")


def _endpoints(call: Call, memory: Memory) -> None:
    """Refuses a gateway endpoint beyond those of the region, and another endpoint beyond those of its VPC."""
    present = [endpoint for endpoint in _ec2(call).vpc_end_points.values() if endpoint.state not in _GONE]
    if call.parameters.get("VpcEndpointType", "Gateway") == "Gateway":
        like, code = [endpoint for endpoint in present if endpoint.vpc_endpoint_type == "Gateway"], "L-1B52E74A"
    else:
        vpc = call.parameters.get("VpcId")
        like = [endpoint for endpoint in present if endpoint.vpc_endpoint_type != "Gateway" and endpoint.vpc_id == vpc]
        code = "L-29B6F2EB"
    if len(like) >= _most(code, call, memory):
        raise AwsError("VpcEndpointLimitExceeded", "The maximum number of VPC endpoints has been reached.")


# Other services


def _iam(name: str, code: str, count: Callable[[Any], int]) -> Limit:
    def check(call: Call, memory: Memory) -> None:
        from moto.iam.models import iam_backends

        most = _most(code, call, memory)
        if count(iam_backends[call.account]["aws"]) >= most:
            raise AwsError("LimitExceeded", f"Cannot exceed quota for {name}: {most}", status=409)

    return check


def _own_policies(backend: Any) -> int:
    return sum(1 for arn in backend.managed_policies if ":iam::aws:" not in arn)


def _buckets(call: Call, memory: Memory) -> None:
    from moto.s3.models import s3_backends

    if len(s3_backends[call.account]["aws"].buckets) >= _most("L-DC2B2D3D", call, memory):
        raise AwsError("TooManyBuckets", "You have attempted to create more buckets than allowed", status=400)


def _firewall(noun: str, code: str) -> Limit:
    def check(call: Call, memory: Memory) -> None:
        place = Place(call.account, call.region, "network-firewall")
        type_ = call.parameters.get("Type")
        like = [record for record in memory.store.records(place, noun) if record.values.get("Type") == type_]
        held = "L-EAE8E19E" if type_ == "STATELESS" else code
        if len(like) >= _most(held, call, memory):
            raise AwsError("LimitExceededException", f"You have reached the limit of {noun} resources in your account.")

    return check


def _rules(call: Call, memory: Memory) -> None:
    from moto.events.models import events_backends

    buses = events_backends[call.account][call.region].event_buses
    bus = buses.get(str(call.parameters.get("EventBusName") or "default").rpartition("/")[2])
    if bus is None or call.parameters["Name"] in bus.rules:
        return
    if len(bus.rules) >= _most("L-244521F2", call, memory):
        raise AwsError("LimitExceededException", "The requested resource exceeds the maximum number allowed.")


def _trails(call: Call, _: Memory) -> None:
    from moto.cloudtrail.models import cloudtrail_backends

    if len(cloudtrail_backends[call.account][call.region].trails) >= TRAILS_PER_REGION:
        message = f"User: {call.account} already has {TRAILS_PER_REGION} trails in {call.region}."
        raise AwsError("MaximumNumberOfTrailsExceededException", message)


LIMITS: Mapping[tuple[str, str], Limit] = {
    ("cloudtrail", "CreateTrail"): _trails,
    ("ec2", "AllocateAddress"): _addresses,
    ("ec2", "CreateDefaultVpc"): _vpcs,
    ("ec2", "CreateInternetGateway"): _internet_gateways,
    ("ec2", "CreateNatGateway"): _nat_gateways,
    ("ec2", "CreateVpc"): _vpcs,
    ("ec2", "CreateVpcEndpoint"): _endpoints,
    ("events", "PutRule"): _rules,
    ("iam", "CreatePolicy"): _iam("PoliciesPerAccount", "L-E95E4862", _own_policies),
    ("iam", "CreateRole"): _iam("RolesPerAccount", "L-FE177D64", lambda backend: len(backend.roles)),
    ("network-firewall", "CreateFirewall"): _firewall("Firewall", "L-DE163D32"),
    ("network-firewall", "CreateFirewallPolicy"): _firewall("FirewallPolicy", "L-0814492B"),
    ("network-firewall", "CreateRuleGroup"): _firewall("RuleGroup", "L-2D7A0EE2"),
    ("s3", "CreateBucket"): _buckets,
}
"""Limits by service and operation. moto has that of resource policies of CloudWatch Logs."""
