"""EKS Pod Identity: associations of roles with service accounts.

Sources: EKS API, CreatePodIdentityAssociation, UpdatePodIdentityAssociation; EKS User Guide, "Learn how EKS Pod
Identity grants pods access to AWS services" (read 2026-11-23).
"""

from __future__ import annotations

from typing import Any

from moto.moto_api._internal import mock_random

from plinth_sandbox.emulator.authorization.principals import role_of
from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Memory, Patches
from plinth_sandbox.emulator.preconditions.policy_documents import admits_service
from plinth_sandbox.emulator.services.eks.patches.clusters import cluster_of
from plinth_sandbox.emulator.store.record import Record, now

ASSOCIATION = "PodIdentityAssociation"
_SERVICE = "pods.eks.amazonaws.com"
_SUMMARY = ("clusterName", "namespace", "serviceAccount", "associationArn", "associationId")
_CHANGEABLE = ("disableSessionTags", "policy", "roleArn", "targetRoleArn")


def _create(exchange: Exchange) -> Answer:
    given, place = exchange.call.parameters, exchange.place
    name = cluster_of(exchange, str(given["clusterName"])).values["name"]
    names = {"clusterName": name, "namespace": given["namespace"], "serviceAccount": given["serviceAccount"]}
    found = exchange.kept(ASSOCIATION, names)
    if found is not None:
        message = f"Association already exists: {found.values['associationId']}"
        raise AwsError("ResourceInUseException", message)
    _check_role(exchange, str(given["roleArn"]))
    identifier = f"a-{mock_random.get_random_hex(17)}"
    arn = f"arn:aws:eks:{place.region}:{place.account}:podidentityassociation/{name}/{identifier}"
    values = {
        **names,
        "associationId": identifier,
        "associationArn": arn,
        "disableSessionTags": False,
        **_changes(given),
    }
    values |= _external_id(exchange, values)
    record = Record(place, ASSOCIATION, values, arn, dict(given.get("tags") or {}))
    exchange.memory.store.add(record)
    return exchange.call.reply({"association": _described(record)})


def _check_role(exchange: Exchange, arn: str) -> None:
    """Refuses a role that does not exist, is in another account, or does not trust EKS Pod Identity."""
    if role_of(arn) is None or arn.split(":")[4] != exchange.call.account:
        raise AwsError("InvalidParameterException", f"Role provided in the request does not exist: {arn}")
    if not admits_service(arn, _SERVICE):
        raise AwsError("InvalidParameterException", "Trust policy of role does not allow EKS Auth to assume the role")


def _external_id(exchange: Exchange, values: dict[str, Any]) -> dict[str, str]:
    """Returns the external id with which the role assumes a target role, whose trust policy can require it."""
    if not values.get("targetRoleArn"):
        return {}
    place = exchange.place
    parts = (place.region, place.account, values["clusterName"], values["namespace"], values["serviceAccount"])
    return {"externalId": "/".join(map(str, parts))}


def _changes(given: dict[str, Any]) -> dict[str, Any]:
    return {member: given[member] for member in _CHANGEABLE if given.get(member) is not None}


def association_of(memory: Memory, cluster: Record, namespace: str, service_account: str) -> Record | None:
    """Returns the association of a service account of a cluster."""
    names = {"clusterName": cluster.values["name"], "namespace": namespace, "serviceAccount": service_account}
    return memory.store.find(cluster.place, ASSOCIATION, names)


def _association(exchange: Exchange) -> Record:
    given = exchange.call.parameters
    name = cluster_of(exchange, str(given["clusterName"])).values["name"]
    found = exchange.kept(ASSOCIATION, {"clusterName": name, "associationId": given["associationId"]})
    if found is None:
        message = f"No pod identity association found with ID: {given['associationId']}"
        raise AwsError("ResourceNotFoundException", message)
    return found


def _described(record: Record) -> dict[str, Any]:
    moments = {"createdAt": record.created, "modifiedAt": record.changed}
    return {**record.values, **moments, "tags": dict(record.tags)}


def _describe(exchange: Exchange) -> Answer:
    return exchange.call.reply({"association": _described(_association(exchange))})


def _list(exchange: Exchange) -> Answer:
    given = exchange.call.parameters
    cluster_of(exchange, str(given["clusterName"]))
    wanted = {member: given[member] for member in ("clusterName", "namespace", "serviceAccount") if given.get(member)}
    found = [
        {member: record.values[member] for member in _SUMMARY}
        for record in exchange.memory.store.records(exchange.place, ASSOCIATION)
        if all(record.values[member] == value for member, value in wanted.items())
    ]
    return exchange.call.reply({"associations": found})


def _update(exchange: Exchange) -> Answer:
    record, changes = _association(exchange), _changes(exchange.call.parameters)
    if "roleArn" in changes:
        _check_role(exchange, str(changes["roleArn"]))
    record.values |= changes
    record.values |= _external_id(exchange, record.values)
    record.changed = now()
    return exchange.call.reply({"association": _described(record)})


def _delete(exchange: Exchange) -> Answer:
    record = _association(exchange)
    exchange.memory.store.remove(record)
    return exchange.call.reply({"association": _described(record)})


PATCHES: Patches = {
    "CreatePodIdentityAssociation": _create,
    "DeletePodIdentityAssociation": _delete,
    "DescribePodIdentityAssociation": _describe,
    "ListPodIdentityAssociations": _list,
    "UpdatePodIdentityAssociation": _update,
}
