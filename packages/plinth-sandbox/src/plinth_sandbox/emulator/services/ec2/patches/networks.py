"""EC2: members of VPC endpoints and flow logs that moto loses."""

from __future__ import annotations

from moto.ec2.models import ec2_backends
from moto.ec2.models.vpcs import VPCEndPoint

from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches


def _endpoints(call: Call, identifiers: list[str]) -> list[VPCEndPoint]:
    known = ec2_backends[call.account][call.region].vpc_end_points
    return [known[identifier] for identifier in identifiers if identifier in known]


def _create_endpoint(exchange: Exchange) -> Answer:
    """Sets defaults that moto omits: an endpoint without a type is a gateway, and gateways have no private DNS
    names."""
    answer = exchange.below()
    if not answer.succeeded or exchange.call.parameters.get("VpcEndpointType", "Gateway") != "Gateway":
        return answer
    described = exchange.call.result(answer)["VpcEndpoint"]
    (endpoint,) = _endpoints(exchange.call, [described["VpcEndpointId"]])
    endpoint.vpc_endpoint_type, endpoint.private_dns_enabled = "Gateway", False
    return exchange.call.reply({"VpcEndpoint": described | {"VpcEndpointType": "Gateway", "PrivateDnsEnabled": False}})


def _modify_endpoint(exchange: Exchange) -> Answer:
    """Modifies an endpoint. moto records a gateway's route tables without adding routes, and ignores private DNS and a
    policy reset."""
    answer = exchange.below()
    for endpoint in _endpoints(exchange.call, [exchange.call.parameters["VpcEndpointId"]]) if answer.succeeded else []:
        if "PrivateDnsEnabled" in exchange.call.parameters:
            endpoint.private_dns_enabled = exchange.call.parameters["PrivateDnsEnabled"]
        if exchange.call.parameters.get("ResetPolicy"):
            endpoint.policy_document = VPCEndPoint.DEFAULT_POLICY
        if endpoint.destination_prefix_list_id:
            _reroute(exchange.call, endpoint)
    return answer


def _reroute(call: Call, endpoint: VPCEndPoint) -> None:
    backend, prefix_list = ec2_backends[call.account][call.region], endpoint.destination_prefix_list_id
    for table in call.parameters.get("AddRouteTableIds", []):
        backend.create_route(table, None, gateway_id=endpoint.id, destination_prefix_list_id=prefix_list)
    for table in call.parameters.get("RemoveRouteTableIds", []):
        backend.delete_route(table, prefix_list)


def _delete_endpoints(exchange: Exchange) -> Answer:
    """Removes deleted endpoints at once. moto keeps them forever; in AWS they are gone after minutes."""
    answer = exchange.below()
    if answer.succeeded:
        for endpoint in _endpoints(exchange.call, exchange.call.parameters["VpcEndpointIds"]):
            del ec2_backends[exchange.call.account][exchange.call.region].vpc_end_points[endpoint.id]
    return answer


def _create_flow_logs(exchange: Exchange) -> Answer:
    """Resolves log group ARNs. moto looks up the log group by name only, and reports a failed delivery for an ARN."""
    answer = exchange.below()
    name = exchange.call.parameters.get("LogDestination", "").partition(":log-group:")[2].removesuffix(":*")
    if answer.succeeded and name:
        for identifier in exchange.call.result(answer)["FlowLogIds"]:
            flow_log = ec2_backends[exchange.call.account][exchange.call.region].flow_logs[identifier]
            flow_log.log_group_name = name
            flow_log.deliver_logs_status, flow_log.deliver_logs_error_message = "SUCCESS", None
    return answer


PATCHES: Patches = {
    "CreateFlowLogs": _create_flow_logs,
    "CreateVpcEndpoint": _create_endpoint,
    "DeleteVpcEndpoints": _delete_endpoints,
    "ModifyVpcEndpoint": _modify_endpoint,
}
