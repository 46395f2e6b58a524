"""Glue: updates of jobs, crawlers, triggers and connections, and deletion of connections."""

from __future__ import annotations

from typing import Any

from botocore import xform_name
from moto.glue.models import Action, FakeConnection, FakeCrawler, FakeJob, GlueBackend, Predicate, glue_backends

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches

_QUEUING = "JobRunQueuingEnabled"
_OF_A_CONNECTION = ("ConnectionType", "MatchCriteria")
_DEFAULTS_OF_A_JOB = {"ExecutionClass": "STANDARD", "ExecutionProperty": {}, "DefaultArguments": {}, _QUEUING: False}


def patch_moto() -> None:
    """Makes moto keep job members that it does not know."""
    describe = FakeJob.as_dict

    def whole(self: FakeJob) -> dict[str, Any]:
        return {**describe(self), _QUEUING: getattr(self, "job_run_queuing_enabled", False)}

    FakeJob.as_dict = whole


def _create_job(exchange: Exchange) -> Answer:
    answer = exchange.below()
    if answer.succeeded:
        parameters = exchange.call.parameters
        _backend(exchange).get_job(parameters["Name"]).job_run_queuing_enabled = parameters.get(_QUEUING, False)
    return answer


def _update_job(exchange: Exchange) -> Answer:
    """Replaces the definition. Members that the new one omits are removed (AWS Glue API, "UpdateJob")."""
    name, update = exchange.call.parameters["JobName"], exchange.call.parameters["JobUpdate"]
    job: FakeJob = _backend(exchange).get_job(name)
    for member in job.as_dict():
        if member not in ("Name", "CreatedOn", "LastModifiedOn"):
            setattr(job, xform_name(member), update.get(member, _DEFAULTS_OF_A_JOB.get(member)))
    return exchange.call.reply({"JobName": name})


def _update_crawler(exchange: Exchange) -> Answer:
    parameters = exchange.call.parameters
    crawler: FakeCrawler = _backend(exchange).get_crawler(parameters["Name"])
    for member, value in parameters.items():
        if member != "Name" and hasattr(crawler, xform_name(member)):
            setattr(crawler, xform_name(member), value)
    crawler.version += 1
    return exchange.call.reply({})


def _update_trigger(exchange: Exchange) -> Answer:
    name, update = exchange.call.parameters["Name"], exchange.call.parameters["TriggerUpdate"]
    trigger = _backend(exchange).get_trigger(name)
    trigger.description = update.get("Description", trigger.description)
    trigger.schedule = update.get("Schedule", trigger.schedule)
    trigger.event_batching_condition = update.get("EventBatchingCondition", trigger.event_batching_condition)
    if "Actions" in update:
        trigger.actions = [Action(action) for action in update["Actions"]]
    if "Predicate" in update:
        trigger.predicate = Predicate(update["Predicate"])
    return exchange.call.reply({"Trigger": trigger.as_dict()})


def _get_connection(exchange: Exchange) -> Answer:
    def complete(result: dict[str, Any]) -> None:
        given = _connection(exchange, exchange.call.parameters["Name"]).connection_input
        result["Connection"] |= {name: given[name] for name in _OF_A_CONNECTION if name in given}

    return exchange.amend(complete)


def _update_connection(exchange: Exchange) -> Answer:
    name, given = exchange.call.parameters["Name"], exchange.call.parameters["ConnectionInput"]
    connection = _connection(exchange, name)
    connection.connection_input = given
    connection.description = given.get("Description")
    connection.connection_properties = given.get("ConnectionProperties", {})
    return exchange.call.reply({})


def _delete_connection(exchange: Exchange) -> Answer:
    name = exchange.call.parameters["ConnectionName"]
    _connection(exchange, name)
    del _backend(exchange).connections[name]
    return exchange.call.reply({})


def _connection(exchange: Exchange, name: str) -> FakeConnection:
    connections: dict[str, FakeConnection] = _backend(exchange).connections
    if name not in connections:
        raise AwsError("EntityNotFoundException", f"Connection {name} not found.")
    return connections[name]


def _backend(exchange: Exchange) -> GlueBackend:
    return glue_backends[exchange.call.account][exchange.call.region]


PATCHES: Patches = {
    "CreateJob": _create_job,
    "DeleteConnection": _delete_connection,
    "GetConnection": _get_connection,
    "UpdateConnection": _update_connection,
    "UpdateCrawler": _update_crawler,
    "UpdateJob": _update_job,
    "UpdateTrigger": _update_trigger,
}
