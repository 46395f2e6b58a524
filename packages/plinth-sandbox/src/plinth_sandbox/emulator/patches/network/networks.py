"""EC2: members of security group rules, VPC endpoints and flow logs that moto loses."""

from __future__ import annotations

import inspect
from typing import Any

from moto.ec2.models import ec2_backends
from moto.ec2.models.security_groups import SecurityGroup, SecurityGroupRule
from moto.ec2.models.vpcs import VPCEndPoint

from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches


def patch_moto() -> None:
    """Makes moto keep the description of every rule and the owner of a rule's group. It keeps descriptions of CIDR
    rules only."""
    create = SecurityGroupRule.__init__
    parameters = inspect.signature(create)

    def create_described(self: SecurityGroupRule, *values: Any, **members: Any) -> None:
        create(self, *values, **members)
        self.prefix_list = parameters.bind(self, *values, **members).arguments.get("prefix_list_id") or {}

    SecurityGroupRule.__init__ = create_described
    # Class attributes also serve rules of default groups that existed before this patch.
    SecurityGroupRule.prefix_list = {}
    SecurityGroupRule.description = property(lambda rule: _target(rule).get("Description"))
    SecurityGroupRule.group_owner_id = property(lambda rule: rule.owner_id)
    _describe_prefix_lists()


def _describe_prefix_lists() -> None:
    """Keeps rules with the same ports apart, and describes their prefix lists. moto merges such rules and lists bare
    ids."""
    flatten = SecurityGroup._flattened_rules

    def flatten_described(self: SecurityGroup, rules: list[SecurityGroupRule]) -> list[Any]:
        described = {(*_ports(rule), rule.prefix_list_id): rule.prefix_list for rule in rules if rule.prefix_list_id}
        views: list[Any] = flatten(self, rules)
        for view in views:
            view.prefix_list_ids = [
                described[(*_ports(view), listed["PrefixListId"])] for listed in view.prefix_list_ids
            ]
        return views

    SecurityGroup._flattened_rules = flatten_described


def _ports(rule: Any) -> tuple[Any, ...]:
    return (rule.ip_protocol, rule.from_port, rule.to_port)


def _target(rule: SecurityGroupRule) -> dict[str, str]:
    return next((part for part in (rule.ip_range, rule.source_group, rule.prefix_list) if part), {})


def _modify_rules(exchange: Exchange) -> Answer:
    """Modifies rules. moto changes CIDR rules only, and refuses rules for all protocols."""
    backend = ec2_backends[exchange.call.account][exchange.call.region]
    group = backend.get_security_group_from_id(exchange.call.parameters["GroupId"])
    wanted = {
        change["SecurityGroupRuleId"]: change["SecurityGroupRule"]
        for change in exchange.call.parameters["SecurityGroupRules"]
    }
    rules = {rule_id: group.get_rule(rule_id) for rule_id in wanted} if group else {}
    if not rules or any(rule is None for rule in rules.values()):
        return exchange.below()
    for rule_id, rule in rules.items():
        _change(rule, wanted[rule_id])
    return exchange.call.reply({"Return": True})


def _change(rule: SecurityGroupRule, wanted: dict[str, Any]) -> None:
    rule.ip_protocol = wanted["IpProtocol"]
    ports = (None, None) if rule.ip_protocol == "-1" else (wanted.get("FromPort"), wanted.get("ToPort"))
    rule.from_port, rule.to_port = ports
    described = {"Description": wanted["Description"]} if wanted.get("Description") else {}
    rule.ip_range = {name: wanted[source] for name, source in _ADDRESSES.items() if source in wanted}
    rule.source_group = {"GroupId": wanted["ReferencedGroupId"]} if "ReferencedGroupId" in wanted else {}
    rule.prefix_list = {"PrefixListId": wanted["PrefixListId"]} if "PrefixListId" in wanted else {}
    rule.prefix_list_id = wanted.get("PrefixListId")
    _target(rule).update(described)


_ADDRESSES = {"CidrIp": "CidrIpv4", "CidrIpv6": "CidrIpv6"}


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
    "ModifySecurityGroupRules": _modify_rules,
    "ModifyVpcEndpoint": _modify_endpoint,
}
