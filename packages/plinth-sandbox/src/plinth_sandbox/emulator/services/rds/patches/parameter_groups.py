"""Parameter groups of DB instances and of DB clusters. moto accepts parameters that no engine has, and the deletion of
groups in use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.services.rds.patches import cluster_requests, requests
from plinth_sandbox.emulator.services.rds.patches.groups import arn_of, described, tags_of, users
from plinth_sandbox.emulator.store.record import Record

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


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of parameter groups."""

    noun: str
    """Name of the kind in operations, and of its records."""
    arn: str
    """Kind in ARNs."""
    engine: str
    """Beginning of the names of families, before the major version."""
    versions: Mapping[str, object]
    """Mapping with the major versions as keys."""

    @property
    def name(self) -> str:
        """Member with the name of a group."""
        return f"{self.noun}Name"

    def default(self, version: str) -> str:
        """Returns the name of the group that RDS provides for a version."""
        return f"{DEFAULT}{self.family(version)}"

    def family(self, version: str) -> str:
        return f"{self.engine}{version.partition('.')[0]}"


OF_INSTANCES = Kind("DBParameterGroup", "pg", requests.ENGINE, requests.VERSIONS)
OF_CLUSTERS = Kind("DBClusterParameterGroup", "cluster-pg", cluster_requests.ENGINE, cluster_requests.VERSIONS)


def fitting(exchange: Exchange, kind: Kind, name: str | None, version: str) -> str:
    """Returns the name of the group of a database. Raises AwsError if it is of another version, or does not exist."""
    family = kind.family(version)
    if name is None or name == kind.default(version):
        return kind.default(version)
    group = _group(exchange, kind, name)
    if group.values["DBParameterGroupFamily"] != family:
        message = (
            f"The parameter group {name} with DBParameterGroupFamily {group.values['DBParameterGroupFamily']} can't be "
            f"used for this instance. Please use a parameter group with DBParameterGroupFamily {family}."
        )
        raise AwsError("InvalidParameterCombination", message)
    return str(group.values[kind.name])


def _group(exchange: Exchange, kind: Kind, name: str) -> Record:
    record = exchange.kept(kind.noun, {kind.name: name.lower()})
    if record is None:
        raise AwsError("DBParameterGroupNotFound", f"{kind.noun} not found: {name.lower()}")
    return record


def _create(exchange: Exchange, kind: Kind) -> Answer:
    given = exchange.call.parameters
    name, family = str(given[kind.name]).lower(), str(given["DBParameterGroupFamily"])
    requests.check_identifier(name, kind.name)
    if exchange.kept(kind.noun, {kind.name: name}) is not None:
        raise AwsError("DBParameterGroupAlreadyExists", f"Parameter group {name} already exists")
    if family not in {kind.family(major) for major in kind.versions}:
        raise AwsError("InvalidParameterValue", f"ParameterGroupFamily {family} is not a valid parameter group family")
    values = {
        kind.name: name,
        "DBParameterGroupFamily": family,
        "Description": given["Description"],
        "parameters": {},
    }
    record = Record(exchange.place, kind.noun, values, arn_of(exchange, kind.arn, name), tags_of(exchange))
    exchange.memory.store.add(record)
    return exchange.call.reply({kind.noun: described(record)})


def _describe(exchange: Exchange, kind: Kind) -> Answer:
    name = exchange.call.parameters.get(kind.name)
    found = [_group(exchange, kind, name)] if name else exchange.memory.store.records(exchange.place, kind.noun)
    return exchange.call.reply({f"{kind.noun}s": [described(record) for record in found]})


def _modify(exchange: Exchange, kind: Kind) -> Answer:
    given = exchange.call.parameters
    record = _group(exchange, kind, given[kind.name])
    changed = {str(entry["ParameterName"]): entry for entry in given["Parameters"]}
    for name, parameter in changed.items():
        _check_parameter(name, parameter)
    record.values["parameters"] |= changed
    return exchange.call.reply({kind.name: record.values[kind.name]})


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


def _describe_parameters(exchange: Exchange, kind: Kind) -> Answer:
    """Returns the parameters that somebody set, for every source: this emulation does not know the defaults of AWS."""
    given = exchange.call.parameters
    record = _group(exchange, kind, given[kind.name])
    found = record.values["parameters"].values() if given.get("Source", "user") == "user" else ()
    listed = [
        {**parameter, "Source": "user", "ApplyType": KNOWN[parameter["ParameterName"]][0], "IsModifiable": True}
        for parameter in found
    ]
    return exchange.call.reply({"Parameters": listed})


def _reset(exchange: Exchange, kind: Kind) -> Answer:
    given = exchange.call.parameters
    record = _group(exchange, kind, given[kind.name])
    everything = bool(given.get("ResetAllParameters"))
    names = (
        list(record.values["parameters"])
        if everything
        else [parameter["ParameterName"] for parameter in given["Parameters"]]
    )
    for name in names:
        record.values["parameters"].pop(name, None)
    return exchange.call.reply({kind.name: record.values[kind.name]})


def _delete(exchange: Exchange, kind: Kind) -> Answer:
    record = _group(exchange, kind, exchange.call.parameters[kind.name])
    name = str(record.values[kind.name])
    if users(exchange, kind.name, name):
        message = (
            f"One or more database instances are still members of this parameter group {name}, so the group cannot be "
            "deleted"
        )
        raise AwsError("InvalidDBParameterGroupState", message)
    exchange.memory.store.remove(record)
    return exchange.call.reply({})


def _of(kind: Kind, patch: Callable[[Exchange, Kind], Answer]) -> Callable[[Exchange], Answer]:
    return lambda exchange: patch(exchange, kind)


def _patches(kind: Kind) -> Patches:
    return {
        f"Create{kind.noun}": _of(kind, _create),
        f"Delete{kind.noun}": _of(kind, _delete),
        f"Describe{kind.noun}s": _of(kind, _describe),
        f"Describe{kind.noun.removesuffix('ParameterGroup')}Parameters": _of(kind, _describe_parameters),
        f"Modify{kind.noun}": _of(kind, _modify),
        f"Reset{kind.noun}": _of(kind, _reset),
    }


PATCHES: Patches = {**_patches(OF_INSTANCES), **_patches(OF_CLUSTERS)}
