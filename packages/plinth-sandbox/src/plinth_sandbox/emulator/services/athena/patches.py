"""Athena: updates of workgroups, errors for unknown ones, and several saved queries at once."""

from __future__ import annotations

from typing import Any

from moto.athena.models import athena_backends

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.store.record import now

_OF_A_NAMED_QUERY = ("NamedQueryId", "Name", "Description", "Database", "QueryString", "WorkGroup")


def _require(call: Call) -> Any:
    name = call.parameters["WorkGroup"]
    groups = athena_backends[call.account][call.region].work_groups
    if name not in groups:
        raise AwsError("InvalidRequestException", f"WorkGroup {name} is not found.")
    return groups[name]


def _create(exchange: Exchange) -> Answer:
    answer = exchange.below()
    if answer.succeeded:
        exchange.memory.notes("athena", exchange.call.account, exchange.call.region)[
            exchange.call.parameters["Name"]
        ] = now()
    return answer


def _get(exchange: Exchange) -> Answer:
    created = exchange.memory.notes("athena", exchange.call.account, exchange.call.region).get(
        _require(exchange.call).name
    )

    def restore_time(result: dict[str, Any]) -> None:
        # moto answers with the time of the request.
        result["WorkGroup"]["CreationTime"] = created or result["WorkGroup"]["CreationTime"]

    return exchange.amend(restore_time)


def _update(exchange: Exchange) -> Answer:
    group, parameters = _require(exchange.call), exchange.call.parameters
    group.description = parameters.get("Description", group.description)
    group.state = parameters.get("State", group.state)
    for name, value in parameters.get("ConfigurationUpdates", {}).items():
        if name.startswith("Remove"):
            if value:
                group.configuration.pop(name.removeprefix("Remove"), None)
        elif name == "ResultConfigurationUpdates":
            _update_results(group.configuration.setdefault("ResultConfiguration", {}), value)
        else:
            group.configuration[name] = value
    return exchange.call.reply({})


def _named_queries(exchange: Exchange) -> Answer:
    """Answers BatchGetNamedQuery with the saved queries of the store."""
    asked = exchange.call.parameters["NamedQueryIds"]
    known = {id_: exchange.kept("NamedQuery", {"NamedQueryId": id_}) for id_ in asked}
    found = [
        {member: one.values[member] for member in _OF_A_NAMED_QUERY if member in one.values}
        for one in known.values()
        if one is not None
    ]
    missing = [{"NamedQueryId": id_} for id_, one in known.items() if one is None]
    return exchange.call.reply({"NamedQueries": found, "UnprocessedNamedQueryIds": missing})


def _update_results(results: dict[str, Any], updates: dict[str, Any]) -> None:
    for name, value in updates.items():
        if not name.startswith("Remove"):
            results[name] = value
        elif value:
            results.pop(name.removeprefix("Remove"), None)


PATCHES: Patches = {
    "BatchGetNamedQuery": _named_queries,
    "CreateWorkGroup": _create,
    "GetWorkGroup": _get,
    "UpdateWorkGroup": _update,
}
