"""The operations of RDS that start, change and end PostgreSQL servers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.executors.task_runner import Outcome
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Memory
from plinth_sandbox.emulator.services.rds.executor import tokens
from plinth_sandbox.emulator.services.rds.executor.databases import EXECUTOR, Database, Rules
from plinth_sandbox.emulator.services.rds.executor.programs import MAJOR_VERSION
from plinth_sandbox.emulator.services.rds.executor.server import Master
from plinth_sandbox.emulator.services.rds.patches import requests
from plinth_sandbox.emulator.services.rds.patches.groups import INSTANCE, PARAMETERS
from plinth_sandbox.emulator.services.rds.patches.instances import PASSWORD, described
from plinth_sandbox.emulator.store.record import Record

_FORCED_TLS = "rds.force_ssl"


def by_arn(memory: Memory, arn: str) -> Record | None:
    found = (one for one in memory.store.everywhere() if (one.place.service, one.noun) == (EXECUTOR, INSTANCE))
    return next((one for one in found if one.arn == arn), None)


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

    return Rules(requires_tls, is_allowed)


def _requires_tls(memory: Memory, record: Record) -> bool:
    """Returns the parameter of the instance's group. It is on by default since PostgreSQL 15."""
    name = record.values["DBParameterGroupName"]
    group = memory.store.find(record.place, PARAMETERS, {"DBParameterGroupName": name})
    own = (group.values["parameters"] if group else {}).get(_FORCED_TLS)
    return own is None or str(own["ParameterValue"]) == "1"


def _create(exchange: Exchange, runtime: Runtime) -> Answer:
    """Creates an instance, which has no endpoint before its server is ready."""
    if not runtime.databases.is_enabled:
        return exchange.below()
    version = requests.version_of(exchange.call.parameters)
    if version.partition(".")[0] != MAJOR_VERSION:
        raise AwsError("NotImplementedBySandbox", f"The sandbox runs PostgreSQL {MAJOR_VERSION}, not {version}")
    answer = exchange.below()
    record = exchange.kept(INSTANCE, {"DBInstanceIdentifier": _name(exchange)})
    if not answer.succeeded or record is None:
        return answer
    record.values.pop("Endpoint")
    record.values["DBInstanceStatus"] = "creating"
    runtime.databases.want(_database(record), _rules(record.arn, runtime))
    return exchange.call.reply({INSTANCE: described(exchange, record)})


def _name(exchange: Exchange) -> str:
    return str(exchange.call.parameters["DBInstanceIdentifier"]).lower()


def _database(record: Record) -> Database:
    return Database(
        arn=record.arn,
        account=record.place.account,
        region=record.place.region,
        resource_id=str(record.values["DbiResourceId"]),
        master=_master(record),
    )


def _master(record: Record) -> Master:
    values = record.values
    return Master(str(values["MasterUsername"]), str(values[PASSWORD]), values.get("DBName"))


def _modify(exchange: Exchange, runtime: Runtime) -> Answer:
    record = exchange.kept(INSTANCE, {"DBInstanceIdentifier": _name(exchange)})
    if record is not None and record.values["DBInstanceStatus"] != "available":
        raise AwsError("InvalidDBInstanceState", "Database instance is not in available state.")
    before = None if record is None else record.values[PASSWORD]
    answer = exchange.below()
    if answer.succeeded and record is not None and record.values[PASSWORD] != before:
        runtime.databases.set_master(record.arn, _master(record))
    return answer


def _delete(exchange: Exchange, runtime: Runtime) -> Answer:
    record = exchange.kept(INSTANCE, {"DBInstanceIdentifier": _name(exchange)})
    answer = exchange.below()
    if answer.succeeded and record is not None:
        runtime.databases.unwant(record.arn)
    return answer


def record_outcome(outcome: Outcome, runtime: Runtime) -> None:
    """Stores the endpoint of a server that is ready, or that there is none."""
    record = by_arn(runtime.memory, outcome.run)
    if record is None or record.values["DbiResourceId"] != outcome.left["resource_id"]:
        return  # deleted while it started
    if outcome.state != "SUCCEEDED":
        record.values["DBInstanceStatus"] = "failed"
        return
    endpoint = {"Address": outcome.left["address"], "Port": outcome.left["port"], "HostedZoneId": "Z29XKXDKYMONMX"}
    record.values |= {"Endpoint": endpoint, "DBInstanceStatus": "available"}
    runtime.databases.settle(record.arn, int(outcome.left["port"]))


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    "CreateDBInstance": _create,
    "DeleteDBInstance": _delete,
    "ModifyDBInstance": _modify,
}
