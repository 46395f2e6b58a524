"""Subnet groups and parameter groups of RDS. moto accepts subnets of one zone, parameters that no engine has, and the
deletion of groups in use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.services.rds.patches import requests
from plinth_sandbox.emulator.store.record import Record

INSTANCE = "DBInstance"
SUBNETS, PARAMETERS = "DBSubnetGroup", "DBParameterGroup"
_SUBNETS_NAME, _PARAMETERS_NAME = "DBSubnetGroupName", "DBParameterGroupName"
DEFAULT = "default."
"""Prefix of the names of parameter groups that RDS provides."""
KNOWN: Mapping[str, tuple[str, frozenset[str] | None]] = {
    "log_connections": ("dynamic", frozenset({"0", "1"})),
    "log_disconnections": ("dynamic", frozenset({"0", "1"})),
    "log_min_duration_statement": ("dynamic", None),
    "log_statement": ("dynamic", frozenset({"none", "ddl", "mod", "all"})),
    "max_connections": ("static", None),
    "rds.force_ssl": ("dynamic", frozenset({"0", "1"})),
    "shared_preload_libraries": ("static", None),
    "work_mem": ("dynamic", None),
}
"""Parameters of PostgreSQL that this emulation knows: when they apply, and their values (None: any)."""


def subnet_group(exchange: Exchange, name: str) -> Record:
    """Returns a subnet group. Raises AwsError if it does not exist."""
    record = exchange.kept(SUBNETS, {_SUBNETS_NAME: name.lower()})
    if record is None:
        raise AwsError("DBSubnetGroupNotFoundFault", f"DB subnet group '{name.lower()}' does not exist.")
    return record


def parameter_group(exchange: Exchange, name: str) -> Record:
    """Returns a parameter group. Raises AwsError if it does not exist."""
    record = exchange.kept(PARAMETERS, {_PARAMETERS_NAME: name.lower()})
    if record is None:
        raise AwsError("DBParameterGroupNotFound", f"DBParameterGroup not found: {name.lower()}")
    return record


def families() -> set[str]:
    return {f"{requests.ENGINE}{major}" for major in requests.VERSIONS}


def _arn(exchange: Exchange, kind: str, name: str) -> str:
    return f"arn:aws:rds:{exchange.call.region}:{exchange.call.account}:{kind}:{name}"


def _tags(exchange: Exchange) -> dict[str, str]:
    return {one["Key"]: one.get("Value", "") for one in exchange.call.parameters.get("Tags") or []}


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
    record = Record(exchange.place, SUBNETS, values, _arn(exchange, "subgrp", name), _tags(exchange))
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
    if users := _users(exchange, _SUBNETS_NAME, record.values[_SUBNETS_NAME]):
        message = (
            f"Cannot delete the subnet group '{record.values[_SUBNETS_NAME]}' because at least one database instance: "
            f"{users[0]} is still using it."
        )
        raise AwsError("InvalidDBSubnetGroupStateFault", message)
    exchange.memory.store.remove(record)
    return exchange.call.reply({})


def _users(exchange: Exchange, member: str, name: str) -> list[str]:
    instances = exchange.memory.store.records(exchange.place, INSTANCE)
    return [str(one.values["DBInstanceIdentifier"]) for one in instances if one.values.get(member) == name]


def _create_parameters(exchange: Exchange) -> Answer:
    given = exchange.call.parameters
    name, family = str(given[_PARAMETERS_NAME]).lower(), str(given["DBParameterGroupFamily"])
    requests.check_identifier(name, _PARAMETERS_NAME)
    if exchange.kept(PARAMETERS, {_PARAMETERS_NAME: name}) is not None:
        raise AwsError("DBParameterGroupAlreadyExists", f"Parameter group {name} already exists")
    if family not in families():
        raise AwsError("InvalidParameterValue", f"ParameterGroupFamily {family} is not a valid parameter group family")
    values = {
        _PARAMETERS_NAME: name,
        "DBParameterGroupFamily": family,
        "Description": given["Description"],
        "parameters": {},
    }
    record = Record(exchange.place, PARAMETERS, values, _arn(exchange, "pg", name), _tags(exchange))
    exchange.memory.store.add(record)
    return exchange.call.reply({PARAMETERS: described(record)})


def _describe_parameter_groups(exchange: Exchange) -> Answer:
    name = exchange.call.parameters.get(_PARAMETERS_NAME)
    found = [parameter_group(exchange, name)] if name else exchange.memory.store.records(exchange.place, PARAMETERS)
    return exchange.call.reply({"DBParameterGroups": [described(record) for record in found]})


def _modify_parameters(exchange: Exchange) -> Answer:
    given = exchange.call.parameters
    record = parameter_group(exchange, given[_PARAMETERS_NAME])
    changed = {str(one["ParameterName"]): one for one in given["Parameters"]}
    for name, parameter in changed.items():
        _check_parameter(name, parameter)
    record.values["parameters"] |= changed
    return exchange.call.reply({_PARAMETERS_NAME: record.values[_PARAMETERS_NAME]})


def _check_parameter(name: str, parameter: Mapping[str, Any]) -> None:
    if name not in KNOWN:
        raise AwsError("InvalidParameterValue", f"Could not find parameter with name: {name}")
    applies, allowed = KNOWN[name]
    value = str(parameter.get("ParameterValue"))
    if allowed is not None and value not in allowed:
        message = f"Invalid parameter value: {value} for: {name} allowed values are: {','.join(sorted(allowed))}"
        raise AwsError("InvalidParameterValue", message)
    if applies == "static" and parameter.get("ApplyMethod") == "immediate":
        message = "cannot use immediate apply method for static parameter"
        raise AwsError("InvalidParameterCombination", message)


def _describe_parameters(exchange: Exchange) -> Answer:
    """Returns the parameters that somebody set, for every source: this emulation does not know the defaults of AWS."""
    given = exchange.call.parameters
    record = parameter_group(exchange, given[_PARAMETERS_NAME])
    found = record.values["parameters"].values() if given.get("Source", "user") == "user" else ()
    listed = [
        {**one, "Source": "user", "ApplyType": KNOWN[one["ParameterName"]][0], "IsModifiable": True} for one in found
    ]
    return exchange.call.reply({"Parameters": listed})


def _reset_parameters(exchange: Exchange) -> Answer:
    given = exchange.call.parameters
    record = parameter_group(exchange, given[_PARAMETERS_NAME])
    everything = bool(given.get("ResetAllParameters"))
    names = list(record.values["parameters"]) if everything else [one["ParameterName"] for one in given["Parameters"]]
    for name in names:
        record.values["parameters"].pop(name, None)
    return exchange.call.reply({_PARAMETERS_NAME: record.values[_PARAMETERS_NAME]})


def _delete_parameters(exchange: Exchange) -> Answer:
    record = parameter_group(exchange, exchange.call.parameters[_PARAMETERS_NAME])
    name = str(record.values[_PARAMETERS_NAME])
    if _users(exchange, _PARAMETERS_NAME, name):
        message = (
            f"One or more database instances are still members of this parameter group {name}, so the group cannot be "
            "deleted"
        )
        raise AwsError("InvalidDBParameterGroupState", message)
    exchange.memory.store.remove(record)
    return exchange.call.reply({})


def _tagged(exchange: Exchange) -> Record:
    name = str(exchange.call.parameters["ResourceName"])
    store = exchange.memory.store
    for noun in (INSTANCE, SUBNETS, PARAMETERS):
        for record in store.records(exchange.place, noun):
            if record.arn == name:
                return record
    raise AwsError("DBInstanceNotFound", f"{name} not found.")


def _add_tags(exchange: Exchange) -> Answer:
    _tagged(exchange).tags.update(_tags(exchange))
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
    "CreateDBParameterGroup": _create_parameters,
    "CreateDBSubnetGroup": _create_subnets,
    "DeleteDBParameterGroup": _delete_parameters,
    "DeleteDBSubnetGroup": _delete_subnets,
    "DescribeDBParameterGroups": _describe_parameter_groups,
    "DescribeDBParameters": _describe_parameters,
    "DescribeDBSubnetGroups": _describe_subnets,
    "ListTagsForResource": _list_tags,
    "ModifyDBParameterGroup": _modify_parameters,
    "ModifyDBSubnetGroup": _modify_subnets,
    "RemoveTagsFromResource": _remove_tags,
    "ResetDBParameterGroup": _reset_parameters,
}
