"""SageMaker notebook instances: state transitions. An instance can be changed and deleted only when stopped.

The fallback store keeps the instance. Starting and stopping complete at once.
"""

from __future__ import annotations

from typing import Any

from moto.moto_api._internal import mock_random

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.store.record import Record

_REMOVED = {
    "DisassociateAdditionalCodeRepositories": "AdditionalCodeRepositories",
    "DisassociateDefaultCodeRepository": "DefaultCodeRepository",
    "DisassociateLifecycleConfig": "LifecycleConfigName",
}
"""Members of an instance by the update member that removes them."""


def _instance(exchange: Exchange) -> Record:
    name = {"NotebookInstanceName": exchange.call.parameters["NotebookInstanceName"]}
    instance = exchange.kept("NotebookInstance", name)
    if instance is None:
        raise AwsError("ValidationException", "RecordNotFound")
    return instance


def _create(exchange: Exchange) -> Answer:
    """Creates an instance. Without a subnet, it has no interface in a VPC and needs direct internet access (SageMaker
    API, CreateNotebookInstance: DirectInternetAccess)."""
    given = exchange.call.parameters
    if given.get("DirectInternetAccess") == "Disabled" and not given.get("SubnetId"):
        raise AwsError("ValidationException", "DirectInternetAccess can be Disabled only where SubnetId is given.")
    _require_scripts(exchange)
    answer = exchange.below()
    if answer.succeeded and given.get("SubnetId"):
        card = "".join(mock_random.choice("0123456789abcdef") for _ in range(17))
        values = _instance(exchange).values
        values |= {"NetworkInterfaceId": f"eni-{card}", "SecurityGroups": given.get("SecurityGroupIds", [])}
    return answer


def _require_scripts(exchange: Exchange) -> None:
    name = exchange.call.parameters.get("LifecycleConfigName")
    known = {"NotebookInstanceLifecycleConfigName": name}
    if name and exchange.kept("NotebookInstanceLifecycleConfig", known) is None:
        raise AwsError("ValidationException", f"Notebook Instance Lifecycle Config {name} does not exist.")


def _describe(exchange: Exchange) -> Answer:
    _instance(exchange)
    return exchange.below()


def _start(exchange: Exchange) -> Answer:
    instance = _instance(exchange)
    _require(instance, "Stopped", "Failed")
    instance.values["NotebookInstanceStatus"] = "InService"
    return exchange.call.reply({})


def _stop(exchange: Exchange) -> Answer:
    instance = _instance(exchange)
    _require(instance, "InService")
    instance.values["NotebookInstanceStatus"] = "Stopped"
    return exchange.call.reply({})


def _update(exchange: Exchange) -> Answer:
    instance, given = _instance(exchange), exchange.call.parameters
    _require(instance, "Stopped", "Failed")
    _require_scripts(exchange)
    if given.get("VolumeSizeInGB", instance.values["VolumeSizeInGB"]) < instance.values["VolumeSizeInGB"]:
        raise AwsError("ValidationException", "The volume of a notebook instance cannot become smaller.")
    answer = exchange.below()
    for member, what in _REMOVED.items():
        if instance.values.pop(member, False):
            instance.values.pop(what, None)
    return answer


def _delete(exchange: Exchange) -> Answer:
    _require(_instance(exchange), "Stopped", "Failed")
    return exchange.below()


def _require(instance: Record, *states: str) -> None:
    state: Any = instance.values["NotebookInstanceStatus"]
    if state not in states:
        message = f"Status ({state}) not in ([{', '.join(states)}]) for Notebook Instance ({instance.arn})"
        raise AwsError("ValidationException", message)


PATCHES: Patches = {
    "CreateNotebookInstance": _create,
    "DeleteNotebookInstance": _delete,
    "DescribeNotebookInstance": _describe,
    "StartNotebookInstance": _start,
    "StopNotebookInstance": _stop,
    "UpdateNotebookInstance": _update,
}
