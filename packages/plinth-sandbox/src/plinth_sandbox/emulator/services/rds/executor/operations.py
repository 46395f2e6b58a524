"""The operations of RDS that start, change and end PostgreSQL servers: one for each DB instance, and one for each DB
cluster, whatever the number of its instances."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.executors.task_runner import Outcome
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Memory
from plinth_sandbox.emulator.services.rds.executor import tokens
from plinth_sandbox.emulator.services.rds.executor.databases import EXECUTOR, Database, Rules, Snapshot
from plinth_sandbox.emulator.services.rds.executor.programs import MAJOR_VERSION
from plinth_sandbox.emulator.services.rds.executor.server import Master
from plinth_sandbox.emulator.services.rds.patches import clusters, instances, requests, restores
from plinth_sandbox.emulator.services.rds.patches.groups import CLUSTER, INSTANCE
from plinth_sandbox.emulator.services.rds.patches.master_users import PASSWORD
from plinth_sandbox.emulator.services.rds.patches.parameter_groups import OF_CLUSTERS, OF_INSTANCES
from plinth_sandbox.emulator.store.record import Record

_FORCED_TLS = "rds.force_ssl"
_SERVED = ((EXECUTOR, INSTANCE), (EXECUTOR, CLUSTER))
_TLS_FROM = {INSTANCE: 15, CLUSTER: 17}
"""First major version of PostgreSQL whose databases refuse connections without TLS by default."""


def by_arn(memory: Memory, arn: str) -> Record | None:
    found = (record for record in memory.store.everywhere() if (record.place.service, record.noun) in _SERVED)
    return next((record for record in found if record.arn == arn), None)


def _rules(arn: str, runtime: Runtime) -> Rules:
    """Returns what a server asks the emulator, which answers while no call runs."""

    def requires_tls() -> bool:
        with runtime.outside.lock:
            record = by_arn(runtime.memory, arn)
            return record is None or _requires_tls(runtime.memory, record)

    def is_allowed(user: str, token: str) -> bool:
        with runtime.outside.lock:
            record = by_arn(runtime.memory, arn)
            if record is None or not record.values["IAMDatabaseAuthenticationEnabled"]:
                return False
            return tokens.is_allowed(token, user, record, runtime.memory, runtime.databases.authentication)

    def has_capacity() -> bool:
        with runtime.outside.lock:
            record = by_arn(runtime.memory, arn)
            return record is not None and (record.noun == INSTANCE or _has_members(runtime.memory, record))

    return Rules(requires_tls, is_allowed, has_capacity)


def _has_members(memory: Memory, cluster: Record) -> bool:
    name = cluster.values["DBClusterIdentifier"]
    members = memory.store.records(cluster.place, INSTANCE)
    return any(member.values.get("DBClusterIdentifier") == name for member in members)


def _requires_tls(memory: Memory, record: Record) -> bool:
    """Returns the parameter of the database's group, or else the default of its version."""
    kind = OF_CLUSTERS if record.noun == CLUSTER else OF_INSTANCES
    group = memory.store.find(record.place, kind.noun, {kind.name: record.values[kind.name]})
    own = (group.values["parameters"] if group else {}).get(_FORCED_TLS)
    if own is None:
        return int(str(record.values["EngineVersion"]).partition(".")[0]) >= _TLS_FROM[record.noun]
    return str(own["ParameterValue"]) == "1"


def _create(exchange: Exchange, runtime: Runtime) -> Answer:
    """Creates an instance, which has no endpoint before its server is ready. One of a cluster has no server of its
    own."""
    if not runtime.databases.is_enabled or exchange.call.parameters.get("DBClusterIdentifier"):
        return exchange.below()
    version = requests.version_of(exchange.call.parameters)
    if version.partition(".")[0] != MAJOR_VERSION:
        raise AwsError("NotImplementedBySandbox", f"The sandbox runs PostgreSQL {MAJOR_VERSION}, not {version}")
    answer = exchange.below()
    record = _record(exchange, INSTANCE)
    if not answer.succeeded or record is None:
        return answer
    record.values.pop("Endpoint")
    record.values["DBInstanceStatus"] = "creating"
    runtime.databases.want(_database(record), _rules(record.arn, runtime))
    return exchange.call.reply({INSTANCE: instances.described(exchange, record)})


def _create_cluster(exchange: Exchange, runtime: Runtime) -> Answer:
    """Creates a cluster. The server is the only one that the sandbox has, whatever the version of the cluster."""
    answer = exchange.below()
    record = _record(exchange, CLUSTER)
    if not runtime.databases.is_enabled or not answer.succeeded or record is None:
        return answer
    record.values["Status"] = "creating"
    runtime.databases.want(_database(record), _rules(record.arn, runtime))
    return exchange.call.reply({CLUSTER: clusters.described(exchange, record)})


def _restore(exchange: Exchange, runtime: Runtime) -> Answer:
    """Creates an instance from a snapshot, whose server starts with a copy of the data."""
    answer = exchange.below()
    record = _record(exchange, INSTANCE)
    if not runtime.databases.is_enabled or not answer.succeeded or record is None:
        return answer
    record.values.pop("Endpoint")
    record.values["DBInstanceStatus"] = "creating"
    snapshot = restores.snapshot_of(exchange, str(exchange.call.parameters["DBSnapshotIdentifier"]))
    database = replace(_database(record), origin=_snapshot(snapshot).folder)
    runtime.databases.want(database, _rules(record.arn, runtime))
    return exchange.call.reply({INSTANCE: instances.described(exchange, record)})


def _create_snapshot(exchange: Exchange, runtime: Runtime) -> Answer:
    """Creates a snapshot, which is not available before the data of the instance are copied."""
    instance = _record(exchange, INSTANCE)
    if instance is not None and instance.values["DBInstanceStatus"] != "available":
        raise AwsError("InvalidDBInstanceState", "Database instance is not in available state.")
    answer = exchange.below()
    if not runtime.databases.is_enabled or not answer.succeeded or instance is None:
        return answer
    snapshot = _copied(exchange, str(exchange.call.parameters["DBSnapshotIdentifier"]))
    runtime.databases.keep(instance.arn, _snapshot(snapshot))
    return exchange.call.reply({restores.SNAPSHOT: instances.SNAPSHOTS.described_as(snapshot)})


def _copied(exchange: Exchange, name: str) -> Record:
    """Returns a new snapshot, whose data are not complete yet."""
    record = restores.snapshot_of(exchange, name)
    record.values["Status"] = "creating"
    return record


def _delete_snapshot(exchange: Exchange, runtime: Runtime) -> Answer:
    record = restores.snapshot_of(exchange, str(exchange.call.parameters["DBSnapshotIdentifier"]))
    answer = exchange.below()
    if answer.succeeded:
        runtime.databases.forget(record.arn)
    return answer


def _snapshot(record: Record) -> Snapshot:
    folder = f"{record.values['DbiResourceId']}-{record.values['DBSnapshotIdentifier']}"
    return Snapshot(record.arn, record.place.account, record.place.region, folder)


def _record(exchange: Exchange, noun: str) -> Record | None:
    member = f"{noun}Identifier"
    return exchange.kept(noun, {member: str(exchange.call.parameters[member]).lower()})


def _database(record: Record) -> Database:
    return Database(
        arn=record.arn,
        account=record.place.account,
        region=record.place.region,
        resource_id=tokens.resource_id_of(record),
        master=_master(record),
    )


def _master(record: Record) -> Master:
    values = record.values
    database = values.get("DatabaseName" if record.noun == CLUSTER else "DBName")
    return Master(str(values["MasterUsername"]), str(values[PASSWORD]), database)


def _changing(noun: str, status: str, error: tuple[str, str]) -> Callable[[Exchange, Runtime], Answer]:
    """Returns the operation that changes a database of one kind, and the password of its server with it."""

    def modify(exchange: Exchange, runtime: Runtime) -> Answer:
        record = _record(exchange, noun)
        if record is not None and record.values[status] != "available":
            raise AwsError(*error)
        before = None if record is None else record.values.get(PASSWORD)
        answer = exchange.below()
        if answer.succeeded and record is not None and record.values.get(PASSWORD) != before:
            runtime.databases.set_master(record.arn, _master(record))
        return answer

    return modify


def _deleting(noun: str) -> Callable[[Exchange, Runtime], Answer]:
    """Returns the operation that deletes a database of one kind, and its server with it."""

    def delete(exchange: Exchange, runtime: Runtime) -> Answer:
        record = _record(exchange, noun)
        answer = exchange.below()
        if answer.succeeded and record is not None:
            runtime.databases.unwant(record.arn, _final_snapshot(exchange, runtime, noun))
        return answer

    return delete


def _final_snapshot(exchange: Exchange, runtime: Runtime, noun: str) -> Snapshot | None:
    """Returns the last snapshot of a deleted instance. Those of clusters keep no data."""
    name = exchange.call.parameters.get("FinalDBSnapshotIdentifier")
    if noun != INSTANCE or not name or not runtime.databases.is_enabled:
        return None
    return _snapshot(_copied(exchange, str(name)))


def record_outcome(outcome: Outcome, runtime: Runtime) -> None:
    """Stores the endpoint of a server that is ready, or that there is none, or whether a snapshot has its data."""
    if "snapshot" in outcome.left:
        _record_snapshot(outcome, runtime)
        return
    record = by_arn(runtime.memory, outcome.run)
    if record is None or tokens.resource_id_of(record) != outcome.left["resource_id"]:
        return  # deleted while it started
    status = "Status" if record.noun == CLUSTER else "DBInstanceStatus"
    if outcome.state != "SUCCEEDED":
        record.values[status] = "failed"
        return
    address, port = outcome.left["address"], outcome.left["port"]
    if record.noun == CLUSTER:
        record.values |= {"Endpoint": address, "ReaderEndpoint": address, "Port": port}
    else:
        record.values["Endpoint"] = {"Address": address, "Port": port, "HostedZoneId": "Z29XKXDKYMONMX"}
    record.values[status] = "available"
    runtime.databases.settle(record.arn, int(port))


def _record_snapshot(outcome: Outcome, runtime: Runtime) -> None:
    found = (candidate for candidate in runtime.memory.store.everywhere() if candidate.noun == restores.SNAPSHOT)
    record = next((candidate for candidate in found if candidate.arn == outcome.run), None)
    if record is not None and _snapshot(record).folder == outcome.left["snapshot"]:
        record.values["Status"] = "available" if outcome.state == "SUCCEEDED" else "failed"
        runtime.databases.settle_snapshot(record.arn)


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    "CreateDBCluster": _create_cluster,
    "CreateDBInstance": _create,
    "CreateDBSnapshot": _create_snapshot,
    "DeleteDBCluster": _deleting(CLUSTER),
    "DeleteDBInstance": _deleting(INSTANCE),
    "DeleteDBSnapshot": _delete_snapshot,
    "ModifyDBCluster": _changing(
        CLUSTER, "Status", ("InvalidDBClusterStateFault", "DB cluster is not in available state.")
    ),
    "ModifyDBInstance": _changing(
        INSTANCE, "DBInstanceStatus", ("InvalidDBInstanceState", "Database instance is not in available state.")
    ),
    "RestoreDBInstanceFromDBSnapshot": _restore,
}
