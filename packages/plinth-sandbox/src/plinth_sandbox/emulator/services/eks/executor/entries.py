"""Rules of EKS for access entries and authentication modes, beyond those that the emulator patches check.

Sources: EKS User Guide, "Create access entries", "Associate access policies with access entries" and "Change
authentication mode to use access entries" (read 2026-11-23).
"""

from __future__ import annotations

import re

from plinth_sandbox.emulator.authorization.principals import role_of
from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.eks.executor.clusters import PRINCIPAL_ID, cluster_of
from plinth_sandbox.emulator.services.eks.patches.access_entries import ENTRY
from plinth_sandbox.emulator.services.eks.patches.clusters import CLUSTER
from plinth_sandbox.emulator.store.record import Record

_INVALID = "InvalidParameterException"
_MODES = ("CONFIG_MAP", "API_AND_CONFIG_MAP", "API")
"""Authentication modes in the order in which a cluster can pass them."""
_SESSION = re.compile(r"\{\{SessionName(Raw)?\}\}")
_NODE_POLICY = "AmazonEKSAutoNodePolicy"


def create(exchange: Exchange, _: Runtime) -> Answer:
    """Creates an entry for the principal that has the ARN now. Another one with the same name is not admitted."""
    _check_username(str(exchange.call.parameters.get("username") or ""))
    answer = exchange.below()
    entry = _entry(exchange)
    role = role_of(str(exchange.call.parameters["principalArn"]))
    if answer.succeeded and entry is not None and role is not None:
        entry.values[PRINCIPAL_ID] = str(role.id)
    return answer


def update(exchange: Exchange, _: Runtime) -> Answer:
    _check_username(str(exchange.call.parameters.get("username") or ""))
    return exchange.below()


def associate(exchange: Exchange, _: Runtime) -> Answer:
    """Associates an access policy with an entry of a person or program. Nodes have the permissions of their type."""
    entry, policy = _entry(exchange), str(exchange.call.parameters["policyArn"]).rpartition("/")[2]
    kind = "STANDARD" if entry is None else str(entry.values["type"])
    if kind != "STANDARD" and (kind, policy) != ("EC2", _NODE_POLICY):
        raise AwsError("InvalidRequestException", f"An access policy cannot be associated with an entry of type {kind}")
    return exchange.below()


def update_configuration(exchange: Exchange, runtime: Runtime) -> Answer:
    """Changes the configuration of a cluster. Its authentication mode only goes forward, one step at a time.

    The control plane starts again if the cluster gets or loses its node.
    """
    given = exchange.call.parameters
    cluster = exchange.kept(CLUSTER, {"name": given["name"]})
    wanted = (given.get("accessConfig") or {}).get("authenticationMode")
    if cluster is not None and wanted:
        current = str(cluster.values["accessConfig"]["authenticationMode"])
        if _MODES.index(wanted) - _MODES.index(current) not in (0, 1):
            raise AwsError(_INVALID, f"Unsupported authentication mode update from {current} to {wanted}")
    before = None if cluster is None else cluster_of(cluster).node
    answer = exchange.below()
    if cluster is not None and runtime.control_planes.has_nodes and cluster_of(cluster).node != before:
        runtime.control_planes.want(cluster_of(cluster))
    return answer


def _entry(exchange: Exchange) -> Record | None:
    given = exchange.call.parameters
    return exchange.kept(ENTRY, {"clusterName": given["clusterName"], "principalArn": given["principalArn"]})


def _check_username(username: str) -> None:
    """Refuses a name in which the session's name could look like the name of another user."""
    found = _SESSION.search(username)
    if found is not None and ":" not in username[: found.start()]:
        raise AwsError(_INVALID, f"The username {username} must have a colon before {found[0]}")
