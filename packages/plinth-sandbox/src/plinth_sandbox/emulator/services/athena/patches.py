"""Athena: updates and deletion of workgroups, errors for unknown ones, and several saved queries at once."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from moto.athena.models import athena_backends

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.store.record import Record, now

_PRIMARY = "primary"
"""The workgroup that every account has."""
_OF_A_NAMED_QUERY = ("NamedQueryId", "Name", "Description", "Database", "QueryString", "WorkGroup")


def _require(call: Call) -> Any:
    name = call.parameters.get("WorkGroup", _PRIMARY)
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


def _delete(exchange: Exchange) -> Answer:
    """Deletes a workgroup. Athena refuses one that has saved queries or executions, unless the call asks to delete
    them with it."""
    call = exchange.call
    name = _require(call).name
    if name == _PRIMARY:
        raise AwsError("InvalidRequestException", "The primary workgroup cannot be deleted.")
    backend = athena_backends[call.account][call.region]
    saved = _saved_in(exchange, name)
    executed = [
        id_ for id_, execution in backend.executions.items() if execution.workgroup and execution.workgroup.name == name
    ]
    if (saved or executed) and not call.parameters.get("RecursiveDeleteOption"):
        raise AwsError("InvalidRequestException", f"WorkGroup {name} is not empty")
    for record in saved:
        exchange.memory.store.remove(record)
    for id_ in executed:
        del backend.executions[id_]
    return exchange.below()


def _saved_in(exchange: Exchange, group: str) -> list[Record]:
    saved = exchange.memory.store.records(exchange.place, "NamedQuery")
    return [record for record in saved if record.values["WorkGroup"] == group]


def _save(exchange: Exchange) -> Answer:
    """Answers CreateNamedQuery of a workgroup that exists."""
    _require(exchange.call)
    return exchange.below()


def _list_saved(exchange: Exchange) -> Answer:
    """Answers ListNamedQueries of one workgroup, which is the primary one if the call names none."""
    call = exchange.call
    named = json.dumps({**call.parameters, "WorkGroup": _require(call).name}).encode()
    return exchange.below_with(replace(call, request=replace(call.request, body=named)))


def _named_queries(exchange: Exchange) -> Answer:
    """Answers BatchGetNamedQuery with the saved queries of the store."""
    asked = exchange.call.parameters["NamedQueryIds"]
    known = {id_: exchange.kept("NamedQuery", {"NamedQueryId": id_}) for id_ in asked}
    found = [
        {member: record.values[member] for member in _OF_A_NAMED_QUERY if member in record.values}
        for record in known.values()
        if record is not None
    ]
    missing = [{"NamedQueryId": id_} for id_, record in known.items() if record is None]
    return exchange.call.reply({"NamedQueries": found, "UnprocessedNamedQueryIds": missing})


def _update_results(results: dict[str, Any], updates: dict[str, Any]) -> None:
    for name, value in updates.items():
        if not name.startswith("Remove"):
            results[name] = value
        elif value:
            results.pop(name.removeprefix("Remove"), None)


PATCHES: Patches = {
    "BatchGetNamedQuery": _named_queries,
    "CreateNamedQuery": _save,
    "CreateWorkGroup": _create,
    "DeleteWorkGroup": _delete,
    "GetWorkGroup": _get,
    "ListNamedQueries": _list_saved,
    "UpdateWorkGroup": _update,
}
