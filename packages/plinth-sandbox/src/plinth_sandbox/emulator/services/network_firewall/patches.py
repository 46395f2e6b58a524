"""Network Firewall: rule groups, policies, firewalls with their endpoints, and logging."""

from __future__ import annotations

from typing import Any

from moto.ec2.models import ec2_backends
from moto.moto_api._internal import mock_random

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patch, Patches
from plinth_sandbox.emulator.services.kms.checks import key_exists
from plinth_sandbox.emulator.store.projection import tags_from
from plinth_sandbox.emulator.store.record import Record

_KINDS = {"RuleGroup": "stateful-rulegroup", "FirewallPolicy": "firewall-policy", "Firewall": "firewall"}
"""Resource type in the ARN by noun. Stateless rule groups have a different one."""
_PROTECTIONS = ("DeleteProtection", "FirewallPolicyChangeProtection", "SubnetChangeProtection")
_OWN_KEY = "AWS_OWNED_KMS_KEY"
"""Type of key that encrypts what names none (API reference, ``EncryptionConfiguration``)."""


def _find(exchange: Exchange, noun: str) -> Record:
    parameters = exchange.call.parameters
    names = {member: parameters[member] for member in (f"{noun}Arn", f"{noun}Name") if member in parameters}
    found = exchange.kept(noun, names)
    if found is None:
        named = ", ".join(map(str, names.values()))
        raise AwsError("ResourceNotFoundException", f"{noun} {named} does not exist.")
    return found


def _create(exchange: Exchange, noun: str) -> Record:
    """Creates a record. Names are unique per noun."""
    call = exchange.call
    place, name = exchange.place, call.parameters[f"{noun}Name"]
    if exchange.memory.store.find(place, noun, {f"{noun}Name": name}):
        raise AwsError("InvalidRequestException", f"A resource with the name {name} already exists.")
    kind = "stateless-rulegroup" if call.parameters.get("Type") == "STATELESS" else _KINDS[noun]
    identifier = str(mock_random.uuid4())
    _check_encryption(call)
    values = {
        "EncryptionConfiguration": {"Type": _OWN_KEY},
        **{member: value for member, value in call.parameters.items() if member != "Tags"},
        f"{noun}Arn": f"arn:aws:network-firewall:{place.region}:{place.account}:{kind}/{name}",
        f"{noun}Id": identifier,
        "UpdateToken": str(mock_random.uuid4()),
    }
    record = Record(place, noun, values, values[f"{noun}Arn"], tags_from(call.parameters.get("Tags")))
    exchange.memory.store.add(record)
    return record


def _check_encryption(call: Call) -> None:
    """Refuses a customer managed key that does not exist, in the words of the service (aws/aws-cdk issue 30586)."""
    wanted = call.parameters.get("EncryptionConfiguration") or {}
    if wanted.get("Type", _OWN_KEY) == _OWN_KEY:
        return
    if not key_exists(str(wanted.get("KeyId")), call.account, call.region):
        raise AwsError("InvalidRequestException", "Given KMS key is misconfigured.")


def _tags(record: Record) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in record.tags.items()]


def _response(record: Record) -> dict[str, Any]:
    """Returns the description of a rule group or policy, without its rules."""
    content = {record.noun, "Rules", "UpdateToken"}
    status = {f"{record.noun}Status": "ACTIVE", "Tags": _tags(record)}
    return {**{member: value for member, value in record.values.items() if member not in content}, **status}


def _answer(exchange: Exchange, record: Record) -> Answer:
    said = {"UpdateToken": record.values["UpdateToken"], f"{record.noun}Response": _response(record)}
    return exchange.call.reply({**said, record.noun: record.values.get(record.noun)})


def _change(exchange: Exchange, record: Record) -> Record:
    """Changes a record. An outdated update token is refused, because the record was changed in the meantime."""
    given = dict(exchange.call.parameters)
    if given.pop("UpdateToken", record.values["UpdateToken"]) != record.values["UpdateToken"]:
        raise AwsError("InvalidTokenException", "The update token is out of date; describe the resource again.")
    _check_encryption(exchange.call)
    record.values |= {**given, "UpdateToken": str(mock_random.uuid4())}
    return record


def _on(noun: str) -> dict[str, Patch]:
    """Returns the patches for a noun. Rule groups and policies work alike."""

    def remove(exchange: Exchange) -> Answer:
        record = _find(exchange, noun)
        exchange.memory.store.remove(record)
        return exchange.call.reply({f"{noun}Response": _response(record)})

    return {
        f"Create{noun}": lambda exchange: _answer(exchange, _create(exchange, noun)),
        f"Describe{noun}": lambda exchange: _answer(exchange, _find(exchange, noun)),
        f"Update{noun}": lambda exchange: _answer(exchange, _change(exchange, _find(exchange, noun))),
        f"Delete{noun}": remove,
    }


def _create_firewall(exchange: Exchange) -> Answer:
    record = _create(exchange, "Firewall")
    record.values = dict.fromkeys(_PROTECTIONS, False) | record.values
    subnets = [mapping["SubnetId"] for mapping in record.values["SubnetMappings"]]
    record.values["Attachments"] = dict(_attachment(exchange.call, record, subnet) for subnet in subnets)
    return _firewall(exchange, record)


def _attachment(call: Call, record: Record, subnet: str) -> tuple[str, dict[str, str]]:
    """Returns the endpoint in the subnet's zone, which is the target of routes to the firewall."""
    network = ec2_backends[call.account][call.region]
    endpoint = network.create_vpc_endpoint(
        record.values["VpcId"],
        f"com.amazonaws.vpce.{call.region}.vpce-svc-{record.values['FirewallId'][:8]}",
        "GatewayLoadBalancer",
        policy_document=None,
        route_table_ids=[],
        subnet_ids=[subnet],
    )
    zone = network.get_subnet(subnet).availability_zone
    return zone, {"SubnetId": subnet, "EndpointId": endpoint.id, "Status": "READY"}


def _firewall(exchange: Exchange, record: Record) -> Answer:
    hidden = ("Attachments", "LoggingConfiguration", "Tags", "UpdateToken")
    status = {
        "Status": "READY",
        "ConfigurationSyncStateSummary": "IN_SYNC",
        "SyncStates": {zone: {"Attachment": attachment} for zone, attachment in record.values["Attachments"].items()},
    }
    described = {member: value for member, value in record.values.items() if member not in hidden}
    return exchange.call.reply(
        {
            "UpdateToken": record.values["UpdateToken"],
            "Firewall": {**described, "Tags": _tags(record)},
            "FirewallStatus": status,
        }
    )


def _change_firewall(exchange: Exchange) -> Answer:
    record = _change(exchange, _find(exchange, "Firewall"))
    return exchange.call.reply({**exchange.call.parameters, "UpdateToken": record.values["UpdateToken"]})


def _refuse_protected(record: Record, protection: str, change: str) -> None:
    """Refuses a change while the firewall's protection from it is on (API reference, ``Firewall``)."""
    if record.values[protection]:
        raise AwsError("InvalidOperationException", f"Unable to fulfill request because the firewall has {change}.")


def _associate_policy(exchange: Exchange) -> Answer:
    _refuse_protected(_find(exchange, "Firewall"), "FirewallPolicyChangeProtection", "policy change protection")
    return _change_firewall(exchange)


def _delete_firewall(exchange: Exchange) -> Answer:
    record = _find(exchange, "Firewall")
    _refuse_protected(record, "DeleteProtection", "delete protection")
    exchange.memory.store.remove(record)
    network = ec2_backends[exchange.call.account][exchange.call.region]
    for attachment in record.values["Attachments"].values():
        del network.vpc_end_points[attachment["EndpointId"]]
    return _firewall(exchange, record)


def _set_logging(exchange: Exchange) -> Answer:
    record = _find(exchange, "Firewall")
    record.values["LoggingConfiguration"] = exchange.call.parameters.get("LoggingConfiguration")
    return _logging(exchange)


def _logging(exchange: Exchange) -> Answer:
    record = _find(exchange, "Firewall")
    return exchange.call.reply(
        {"FirewallArn": record.arn, "LoggingConfiguration": record.values.get("LoggingConfiguration")}
    )


def _firewalls(exchange: Exchange) -> Answer:
    networks = exchange.call.parameters.get("VpcIds")
    known = [record.values for record in exchange.memory.store.records(exchange.place, "Firewall")]
    listed = [values for values in known if not networks or values["VpcId"] in networks]
    members = ("FirewallName", "FirewallArn")
    return exchange.call.reply({"Firewalls": [{member: values[member] for member in members} for values in listed]})


PATCHES: Patches = {
    **_on("RuleGroup"),
    **_on("FirewallPolicy"),
    "AssociateFirewallPolicy": _associate_policy,
    "CreateFirewall": _create_firewall,
    "DeleteFirewall": _delete_firewall,
    "DescribeFirewall": lambda exchange: _firewall(exchange, _find(exchange, "Firewall")),
    "DescribeLoggingConfiguration": _logging,
    "ListFirewalls": _firewalls,
    "UpdateFirewallDeleteProtection": _change_firewall,
    "UpdateFirewallDescription": _change_firewall,
    "UpdateFirewallEncryptionConfiguration": _change_firewall,
    "UpdateFirewallPolicyChangeProtection": _change_firewall,
    "UpdateLoggingConfiguration": _set_logging,
    "UpdateSubnetChangeProtection": _change_firewall,
}
