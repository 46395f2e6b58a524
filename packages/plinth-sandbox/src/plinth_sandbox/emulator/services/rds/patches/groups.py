"""Subnet groups and tags of RDS. moto accepts subnets of one zone, and the deletion of groups in use."""

from __future__ import annotations

from typing import Any

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.services.rds.patches import requests
from plinth_sandbox.emulator.store.record import Record

INSTANCE, CLUSTER = "DBInstance", "DBCluster"
SUBNETS = "DBSubnetGroup"
_SUBNETS_NAME = "DBSubnetGroupName"


def subnet_group(exchange: Exchange, name: str) -> Record:
    """Returns a subnet group. Raises AwsError if it does not exist."""
    record = exchange.kept(SUBNETS, {_SUBNETS_NAME: name.lower()})
    if record is None:
        raise AwsError("DBSubnetGroupNotFoundFault", f"DB subnet group '{name.lower()}' does not exist.")
    return record


def arn_of(exchange: Exchange, kind: str, name: str) -> str:
    """Returns the ARN of a resource of RDS in the account and the region of the call."""
    return f"arn:aws:rds:{exchange.call.region}:{exchange.call.account}:{kind}:{name}"


def tags_of(exchange: Exchange) -> dict[str, str]:
    """Returns the tags of a request."""
    return {tag["Key"]: tag.get("Value", "") for tag in exchange.call.parameters.get("Tags") or []}


def members_of(record: Record) -> dict[str, Any]:
    """Returns the security groups and the tags of a database as RDS describes them."""
    identifiers = record.values["VpcSecurityGroupIds"]
    return {
        "VpcSecurityGroups": [{"VpcSecurityGroupId": identifier, "Status": "active"} for identifier in identifiers],
        "TagList": [{"Key": key, "Value": value} for key, value in record.tags.items()],
    }


def changed_security_groups(exchange: Exchange, record: Record) -> dict[str, Any]:
    """Returns the security groups of a database that a change names. Raises AwsError for those that do not fit."""
    wanted = exchange.call.parameters.get("VpcSecurityGroupIds")
    if wanted is None:
        return {}
    vpc_id = subnet_group(exchange, record.values[_SUBNETS_NAME]).values["VpcId"]
    requests.check_groups(exchange.call, wanted, str(vpc_id))
    return {"VpcSecurityGroupIds": list(wanted)}


def _create_subnets(exchange: Exchange) -> Answer:
    given = exchange.call.parameters
    name = str(given[_SUBNETS_NAME]).lower()
    if exchange.kept(SUBNETS, {_SUBNETS_NAME: name}) is not None:
        raise AwsError("DBSubnetGroupAlreadyExists", "The DB subnet group already exists.")
    values = {
        _SUBNETS_NAME: name,
        "DBSubnetGroupDescription": given["DBSubnetGroupDescription"],
        **_covered(exchange),
        "SubnetGroupStatus": "Complete",
    }
    record = Record(exchange.place, SUBNETS, values, arn_of(exchange, "subgrp", name), tags_of(exchange))
    exchange.memory.store.add(record)
    return exchange.call.reply({SUBNETS: described(record)})


def _covered(exchange: Exchange) -> dict[str, Any]:
    found = requests.subnets(exchange.call, exchange.call.parameters["SubnetIds"])
    listed = [
        {
            "SubnetIdentifier": subnet.id,
            "SubnetAvailabilityZone": {"Name": subnet.availability_zone},
            "SubnetStatus": "Active",
        }
        for subnet in found
    ]
    return {"VpcId": found[0].vpc_id, "Subnets": listed}


def described(record: Record) -> dict[str, Any]:
    return {**record.values, f"{record.noun}Arn": record.arn}


def _describe_subnets(exchange: Exchange) -> Answer:
    name = exchange.call.parameters.get(_SUBNETS_NAME)
    found = [subnet_group(exchange, name)] if name else exchange.memory.store.records(exchange.place, SUBNETS)
    return exchange.call.reply({"DBSubnetGroups": [described(record) for record in found]})


def _modify_subnets(exchange: Exchange) -> Answer:
    given = exchange.call.parameters
    record = subnet_group(exchange, given[_SUBNETS_NAME])
    covered = _covered(exchange)
    if covered["VpcId"] != record.values["VpcId"]:
        raise AwsError("InvalidSubnet", "The specified subnets are not in the VPC of the DB subnet group.")
    record.values |= covered
    record.values["DBSubnetGroupDescription"] = given.get(
        "DBSubnetGroupDescription", record.values["DBSubnetGroupDescription"]
    )
    return exchange.call.reply({SUBNETS: described(record)})


def _delete_subnets(exchange: Exchange) -> Answer:
    record = subnet_group(exchange, exchange.call.parameters[_SUBNETS_NAME])
    if found := users(exchange, _SUBNETS_NAME, record.values[_SUBNETS_NAME]):
        message = (
            f"Cannot delete the subnet group '{record.values[_SUBNETS_NAME]}' because at least one database instance: "
            f"{found[0]} is still using it."
        )
        raise AwsError("InvalidDBSubnetGroupStateFault", message)
    exchange.memory.store.remove(record)
    return exchange.call.reply({})


def users(exchange: Exchange, member: str, name: str) -> list[str]:
    """Returns the names of the DB instances and clusters that use a group, which ``member`` of their values names."""
    store, place = exchange.memory.store, exchange.place
    return [
        str(record.values[f"{noun}Identifier"])
        for noun in (INSTANCE, CLUSTER)
        for record in store.records(place, noun)
        if record.values.get(member) == name
    ]


def _tagged(exchange: Exchange) -> Record:
    arn = str(exchange.call.parameters["ResourceName"])
    record = next((candidate for candidate in exchange.memory.store.everywhere() if candidate.arn == arn), None)
    if record is None or record.place != exchange.place:
        raise AwsError("DBInstanceNotFound", f"{arn} not found.")
    return record


def _add_tags(exchange: Exchange) -> Answer:
    _tagged(exchange).tags.update(tags_of(exchange))
    return exchange.call.reply({})


def _remove_tags(exchange: Exchange) -> Answer:
    record = _tagged(exchange)
    for key in exchange.call.parameters["TagKeys"]:
        record.tags.pop(key, None)
    return exchange.call.reply({})


def _list_tags(exchange: Exchange) -> Answer:
    return exchange.call.reply(
        {"TagList": [{"Key": key, "Value": value} for key, value in _tagged(exchange).tags.items()]}
    )


PATCHES: Patches = {
    "AddTagsToResource": _add_tags,
    "CreateDBSubnetGroup": _create_subnets,
    "DeleteDBSubnetGroup": _delete_subnets,
    "DescribeDBSubnetGroups": _describe_subnets,
    "ListTagsForResource": _list_tags,
    "ModifyDBSubnetGroup": _modify_subnets,
    "RemoveTagsFromResource": _remove_tags,
}
