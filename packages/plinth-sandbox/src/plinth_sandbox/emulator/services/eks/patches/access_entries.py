"""Access entries of EKS clusters and the access policies associated with them.

Sources: EKS API, CreateAccessEntry, UpdateAccessEntry, AssociateAccessPolicy; EKS User Guide, "Create access entries",
"Review access policy permissions" (read 2026-11-23).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from moto.moto_api._internal import mock_random

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.preconditions.policy_documents import identity_exists
from plinth_sandbox.emulator.store.record import Record, now

ENTRY, ASSOCIATION = "AccessEntry", "AssociatedAccessPolicy"
TYPES = frozenset({"EC2", "EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX", "HYBRID_LINUX", "HYPERPOD_LINUX", "STANDARD"})
ACCESS_POLICIES = (
    "AmazonEKSAdminPolicy",
    "AmazonEKSAdminViewPolicy",
    "AmazonEKSAutoNodePolicy",
    "AmazonEKSClusterAdminPolicy",
    "AmazonEKSEditPolicy",
    "AmazonEKSSecretReaderPolicy",
    "AmazonEKSViewPolicy",
)
"""The access policies that are not for a feature of another service."""
_POLICY = "arn:aws:eks::aws:cluster-access-policy/"
_PRINCIPAL = re.compile(r"arn:(aws):iam::(\d{12}):((?:role|user)/.+)")
_RESERVED_NAMES = ("system:", "eks:", "aws:", "amazon:", "iam:")
_INVALID = "InvalidParameterException"


def _cluster(exchange: Exchange) -> Record:
    """Returns the cluster of the request, whose access is managed by entries."""
    name = str(exchange.call.parameters["clusterName"])
    record = exchange.kept("Cluster", {"name": name})
    if record is None:
        raise AwsError("ResourceNotFoundException", f"No cluster found for name: {name}.")
    if record.values["accessConfig"]["authenticationMode"] == "CONFIG_MAP":
        modes = "[API, API_AND_CONFIG_MAP]"
        message = f"The cluster's authentication mode must be set to one of {modes} to perform this operation."
        raise AwsError("InvalidRequestException", message)
    return record


def _entry(exchange: Exchange) -> Record:
    """Returns the entry of the request. Raises AwsError if it does not exist."""
    cluster, principal = _cluster(exchange), exchange.call.parameters["principalArn"]
    found = exchange.kept(ENTRY, {"clusterName": cluster.values["name"], "principalArn": principal})
    if found is None:
        message = "could not be found. You can view your available access entries with 'list-access-entries'."
        raise AwsError("ResourceNotFoundException", f"The specified principalArn {message}")
    return found


def give_access(exchange: Exchange, cluster: Record, principal: str, type_: str, policy: str) -> None:
    """Creates the entry that EKS creates by itself, with an access policy for the whole cluster."""
    entry = _added(exchange, cluster, principal, type_, {})
    _associated(exchange, entry, f"{_POLICY}{policy}", {"type": "cluster"})


def _create(exchange: Exchange) -> Answer:
    given, cluster = exchange.call.parameters, _cluster(exchange)
    principal, type_ = str(given["principalArn"]), str(given.get("type") or "STANDARD")
    _check_principal(principal)
    _check_identity(given, type_)
    if exchange.kept(ENTRY, {"clusterName": cluster.values["name"], "principalArn": principal}) is not None:
        message = "The specified access entry resource is already in use on this cluster."
        raise AwsError("ResourceInUseException", message)
    return exchange.call.reply({"accessEntry": _described(_added(exchange, cluster, principal, type_, given))})


def _check_principal(arn: str) -> None:
    matched = _PRINCIPAL.fullmatch(arn)
    if matched is None:
        raise AwsError(_INVALID, "The principalArn parameter format is not valid")
    if ":role/aws-service-role/" in arn:
        message = (
            "The caller is not allowed to modify access entries with a principalArn value of a Service Linked Role"
        )
        raise AwsError(_INVALID, message)
    if not identity_exists(*matched.groups()):
        raise AwsError(_INVALID, "The specified principalArn is invalid: invalid principal.")


def _check_identity(given: dict[str, Any], type_: str) -> None:
    """Checks type, user name and groups, which become the identity of the principal in Kubernetes."""
    groups: Iterable[str] = given.get("kubernetesGroups") or []
    if type_ not in TYPES:
        raise AwsError(_INVALID, f"The access entry type {type_} is not valid")
    if type_ != "STANDARD" and (groups or given.get("username")):
        raise AwsError(_INVALID, f"An access entry of type {type_} has neither a user name nor groups")
    if any(group.startswith(_RESERVED_NAMES) for group in groups):
        raise AwsError(_INVALID, "The kubernetes group name starts with a reserved prefix")
    if str(given.get("username") or "").startswith(_RESERVED_NAMES):
        raise AwsError(_INVALID, "The username starts with a reserved prefix")


def _added(exchange: Exchange, cluster: Record, principal: str, type_: str, given: dict[str, Any]) -> Record:
    place, name = exchange.place, cluster.values["name"]
    _, _, _, _, account, identity = principal.split(":", 5)
    kind, _, identity = identity.partition("/")
    short = identity.rpartition("/")[2]
    arn = (
        f"arn:aws:eks:{place.region}:{place.account}:access-entry/{name}/{kind}/{account}/{short}/{mock_random.uuid4()}"
    )
    session = f"arn:aws:sts::{account}:assumed-role/{short}/{{{{SessionName}}}}"
    values = {
        "clusterName": name,
        "principalArn": principal,
        "accessEntryArn": arn,
        "kubernetesGroups": given.get("kubernetesGroups") or (["system:nodes"] if type_ != "STANDARD" else []),
        "type": type_,
        "username": given.get("username") or (session if kind == "role" else principal),
    }
    entry = Record(place, ENTRY, values, arn, dict(given.get("tags") or {}))
    exchange.memory.store.add(entry)
    return entry


def _described(entry: Record) -> dict[str, Any]:
    moments = {"createdAt": entry.created, "modifiedAt": entry.changed}
    return {**entry.values, **moments, "tags": dict(entry.tags)}


def _describe(exchange: Exchange) -> Answer:
    return exchange.call.reply({"accessEntry": _described(_entry(exchange))})


def _list(exchange: Exchange) -> Answer:
    given, name = exchange.call.parameters, _cluster(exchange).values["name"]
    policy = given.get("associatedPolicyArn")
    entries = [
        record
        for record in exchange.memory.store.records(exchange.place, ENTRY)
        if record.values["clusterName"] == name
    ]
    found = [
        entry.values["principalArn"]
        for entry in entries
        if policy is None
        or policy in [association.values["policyArn"] for association in _associations(exchange, entry)]
    ]
    return exchange.call.reply({"accessEntries": found})


def _update(exchange: Exchange) -> Answer:
    entry, given = _entry(exchange), exchange.call.parameters
    _check_identity(given, entry.values["type"])
    entry.values |= {
        member: given[member] for member in ("kubernetesGroups", "username") if given.get(member) is not None
    }
    entry.changed = now()
    return exchange.call.reply({"accessEntry": _described(entry)})


def _delete(exchange: Exchange) -> Answer:
    entry = _entry(exchange)
    for association in _associations(exchange, entry):
        exchange.memory.store.remove(association)
    exchange.memory.store.remove(entry)
    return exchange.call.reply({})


def _associate(exchange: Exchange) -> Answer:
    entry, given = _entry(exchange), exchange.call.parameters
    policy, scope = str(given["policyArn"]), given["accessScope"]
    if policy.removeprefix(_POLICY) not in ACCESS_POLICIES or not policy.startswith(_POLICY):
        raise AwsError(_INVALID, "The policyArn parameter format is not valid")
    if (scope.get("type") == "namespace") != bool(scope.get("namespaces")):
        raise AwsError(_INVALID, "The access scope has namespaces if and only if its type is namespace")
    found = next(
        (association for association in _associations(exchange, entry) if association.values["policyArn"] == policy),
        None,
    )
    if found is None:
        found = _associated(exchange, entry, policy, scope)
    found.values["accessScope"], found.changed = scope, now()
    return exchange.call.reply({**_names(entry), "associatedAccessPolicy": _association(found)})


def _associated(exchange: Exchange, entry: Record, policy: str, scope: dict[str, Any]) -> Record:
    values = {**_names(entry), "policyArn": policy, "accessScope": scope}
    association = Record(exchange.place, ASSOCIATION, values, f"{entry.arn}#{policy}")
    exchange.memory.store.add(association)
    return association


def _associations(exchange: Exchange, entry: Record) -> list[Record]:
    records = exchange.memory.store.records(exchange.place, ASSOCIATION)
    return [record for record in records if _names(record) == _names(entry)]


def _names(record: Record) -> dict[str, Any]:
    return {member: record.values[member] for member in ("clusterName", "principalArn")}


def _association(record: Record) -> dict[str, Any]:
    moments = {"associatedAt": record.created, "modifiedAt": record.changed}
    return {"policyArn": record.values["policyArn"], "accessScope": record.values["accessScope"], **moments}


def _list_associated(exchange: Exchange) -> Answer:
    entry = _entry(exchange)
    found = [_association(association) for association in _associations(exchange, entry)]
    return exchange.call.reply({**_names(entry), "associatedAccessPolicies": found})


def _disassociate(exchange: Exchange) -> Answer:
    entry, policy = _entry(exchange), exchange.call.parameters["policyArn"]
    found = next(
        (association for association in _associations(exchange, entry) if association.values["policyArn"] == policy),
        None,
    )
    if found is None:
        raise AwsError("ResourceNotFoundException", "The specified policyArn is not associated with the access entry")
    exchange.memory.store.remove(found)
    return exchange.call.reply({})


def _list_policies(exchange: Exchange) -> Answer:
    policies = [{"name": name, "arn": f"{_POLICY}{name}"} for name in ACCESS_POLICIES]
    return exchange.call.reply({"accessPolicies": policies})


PATCHES: Patches = {
    "AssociateAccessPolicy": _associate,
    "CreateAccessEntry": _create,
    "DeleteAccessEntry": _delete,
    "DescribeAccessEntry": _describe,
    "DisassociateAccessPolicy": _disassociate,
    "ListAccessEntries": _list,
    "ListAccessPolicies": _list_policies,
    "ListAssociatedAccessPolicies": _list_associated,
    "UpdateAccessEntry": _update,
}
