"""Notebook instances, which can be changed and deleted only when stopped (SageMaker API, UpdateNotebookInstance and
DeleteNotebookInstance)."""

from __future__ import annotations

from typing import Any

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties

LOOK_SECONDS = 0.5
"""Seconds between two checks whether the instance has stopped."""

_SET = {
    "instanceType": "InstanceType",
    "roleArn": "RoleArn",
    "rootAccess": "RootAccess",
    "volumeSize": "VolumeSizeInGB",
}
_ATTACHED = {
    "additionalCodeRepositories": ("AdditionalCodeRepositories", "DisassociateAdditionalCodeRepositories"),
    "defaultCodeRepository": ("DefaultCodeRepository", "DisassociateDefaultCodeRepository"),
    "lifecycleConfigName": ("LifecycleConfigName", "DisassociateLifecycleConfig"),
}
"""Pairs of members of an update: the one that sets a value, and the one that removes it."""
_METADATA, _METADATA_VERSION = "instanceMetadataServiceConfiguration", "minimumInstanceMetadataServiceVersion"

CHANGEABLE = (*_SET, *_ATTACHED, _METADATA)
"""Properties of an instance that can be updated."""


def change_notebook_instance(caller: Caller, known: Properties) -> None:
    """Stops the instance, changes it, and starts it again if it was running."""
    name = known["name"]
    ran = _stop(caller, name)
    caller.aws("update_notebook_instance", NotebookInstanceName=name, **_changes(known))
    _wait_until_stopped(caller, name)
    if ran:
        caller.aws("start_notebook_instance", NotebookInstanceName=name)


def _changes(known: Properties) -> dict[str, Any]:
    changes = {member: known[name] for name, member in _SET.items() if known.get(name) is not None}
    for name, (gives, takes_away) in _ATTACHED.items():
        changes |= {gives: known[name]} if known.get(name) else {takes_away: True}
    if version := (known.get(_METADATA) or {}).get(_METADATA_VERSION):
        changes["InstanceMetadataServiceConfiguration"] = {"MinimumInstanceMetadataServiceVersion": version}
    return changes


def delete_notebook_instance(caller: Caller, known: Properties) -> None:
    """Stops and deletes the instance. Nothing is stopped if it is already gone."""
    name = known["name"]
    _stop(caller, name)
    caller.aws("delete_notebook_instance", NotebookInstanceName=name)


def _stop(caller: Caller, name: str) -> bool:
    """Stops the instance and returns whether it was running."""
    if _status(caller, name) != "InService":
        return False
    caller.aws("stop_notebook_instance", NotebookInstanceName=name)
    _wait_until_stopped(caller, name)
    return True


def _wait_until_stopped(caller: Caller, name: str) -> None:
    while _status(caller, name) not in ("Stopped", "Failed"):
        caller.pause(LOOK_SECONDS)


def _status(caller: Caller, name: str) -> str:
    return str(caller.aws("describe_notebook_instance", NotebookInstanceName=name)["NotebookInstanceStatus"])
