"""The operations of EKS that start, change and end control planes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.executors.task_runner import Outcome
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.eks.executor import entries
from plinth_sandbox.emulator.services.eks.executor.clusters import by_arn, cluster_of
from plinth_sandbox.emulator.services.eks.patches.clusters import CLUSTER, UPDATE, VERSION_UPDATES
from plinth_sandbox.emulator.services.sts.executor.web_tokens import CLUSTER_KEYS
from plinth_sandbox.emulator.store.record import Record
from plinth_sandbox.kubernetes.recipe import NEWEST_MINOR, OLDEST_EMULATED_MINOR

_ENDPOINT = ("endpoint", "certificateAuthority")


def _create(exchange: Exchange, runtime: Runtime) -> Answer:
    """Creates a cluster, which has no endpoint before its API server is ready."""
    _check_version(exchange, runtime)
    answer = exchange.below()
    record = exchange.kept(CLUSTER, {"name": exchange.call.parameters["name"]})
    if not answer.succeeded or record is None:
        return answer
    runtime.control_planes.want(cluster_of(record))
    if not runtime.control_planes.is_enabled:
        return answer
    for member in _ENDPOINT:
        record.values.pop(member, None)
    record.values["status"] = "CREATING"

    def begun(result: dict[str, Any]) -> None:
        result["cluster"] = {name: value for name, value in result["cluster"].items() if name not in _ENDPOINT}
        result["cluster"]["status"] = "CREATING"

    return _amended(exchange, answer, begun)


def _check_version(exchange: Exchange, runtime: Runtime) -> None:
    """Refuses versions that AWS supports and the program of the sandbox cannot emulate."""
    version = str(exchange.call.parameters.get("version") or f"1.{NEWEST_MINOR}")
    minor = version.partition(".")[2]
    known = minor.isdigit() and OLDEST_EMULATED_MINOR <= int(minor) <= NEWEST_MINOR
    if runtime.control_planes.is_enabled and not known:
        raise AwsError(
            "NotImplementedBySandbox",
            f"The sandbox runs Kubernetes 1.{OLDEST_EMULATED_MINOR} to 1.{NEWEST_MINOR}, not {version}",
        )


def _amended(exchange: Exchange, answer: Answer, change: Callable[[dict[str, Any]], None]) -> Answer:
    result = exchange.call.result(answer)
    result.pop("ResponseMetadata", None)
    change(result)
    return exchange.call.reply(result)


def _update_version(exchange: Exchange, runtime: Runtime) -> Answer:
    _require_active(exchange)
    _check_version(exchange, runtime)
    answer = exchange.below()
    record = exchange.kept(CLUSTER, {"name": exchange.call.parameters["name"]})
    if not answer.succeeded or record is None:
        return answer
    if runtime.control_planes.is_enabled:
        record.values["status"] = "UPDATING"
        _updates(exchange.memory.store.records(exchange.place, UPDATE), record, "InProgress")
    runtime.control_planes.want(cluster_of(record))
    return answer


def _updates(updates: list[Record], cluster: Record, status: str) -> None:
    """Sets the status of the last update of the version."""
    own = [update for update in updates if update.values["clusterName"] == cluster.values["name"]]
    versions = [update for update in own if update.values["type"] in VERSION_UPDATES]
    if versions:
        versions[-1].values["status"] = status


def _delete(exchange: Exchange, runtime: Runtime) -> Answer:
    _require_active(exchange)
    record = exchange.kept(CLUSTER, {"name": exchange.call.parameters["name"]})
    answer = exchange.below()
    if answer.succeeded and record is not None:
        runtime.control_planes.unwant(record.arn)
    return answer


def _require_active(exchange: Exchange) -> None:
    """Raises AwsError while the cluster is being created or changed."""
    name = str(exchange.call.parameters["name"])
    record = exchange.kept(CLUSTER, {"name": name})
    if record is not None and record.values["status"] in ("CREATING", "UPDATING"):
        message = f"Cannot perform the operation because cluster {name} currently has status {record.values['status']}"
        raise AwsError("ResourceInUseException", message)


def record_outcome(outcome: Outcome, runtime: Runtime) -> None:
    """Stores the endpoint of an API server that is ready, or why there is none."""
    record = by_arn(runtime.memory, outcome.run)
    if record is None or not _is_of(outcome, record):
        return  # deleted or upgraded while it started
    if outcome.state != "SUCCEEDED":
        record.values["status"] = "FAILED"
        issue = {"code": "InternalFailure", "message": outcome.message, "resourceIds": [record.arn]}
        record.values["health"] = {"issues": [issue]}
        return
    server, authority = str(outcome.left["server"]), str(outcome.left["authority"])
    record.values |= {"endpoint": server, "certificateAuthority": {"data": authority}, "status": "ACTIVE"}
    record.values[CLUSTER_KEYS] = outcome.left.get("keys")
    record.values.pop("health", None)
    _updates(runtime.memory.store.records(record.place, UPDATE), record, "Successful")
    runtime.control_planes.settle(record.arn, server, authority)


def _is_of(outcome: Outcome, record: Record) -> bool:
    """Returns whether an outcome is about the cluster with its present version."""
    cluster = cluster_of(record)
    return (outcome.left["identifier"], outcome.left["version"]) == (cluster.identifier, cluster.version)


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    "AssociateAccessPolicy": entries.associate,
    "CreateAccessEntry": entries.create,
    "CreateCluster": _create,
    "DeleteCluster": _delete,
    "UpdateAccessEntry": entries.update,
    "UpdateClusterConfig": entries.update_configuration,
    "UpdateClusterVersion": _update_version,
}
