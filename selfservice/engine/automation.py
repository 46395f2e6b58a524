"""The Pulumi engine, reached through the Automation API on the real project. Only workers import this module."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from copy import deepcopy
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from pulumi import automation
from pulumi.automation._stack import StackInitMode

from selfservice.engine import orphaned_processes
from selfservice.engine.backend import STATE_FORMAT, backend_of
from selfservice.engine.lock_owners import LockOwner
from selfservice.runner import rehearsals
from selfservice.runner.events import STACK_TYPE
from selfservice.runner.operation import Operation

_SIGNATURE = "4dabf18193072939515e22adb298388d"
"""Marks what is not plain data in a state, secrets among it."""


class ProjectWorkspace(automation.LocalWorkspace):
    """The project as it lies on disk, without a selected stack.

    Passing project or stack settings would rewrite Pulumi.yaml without ``stackConfigDir``. Selecting a stack would
    write one file that all workers of the project share (pulumi/pulumi#8186); every command names its stack instead.
    """

    def __init__(self, project_directory: Path, environment: Mapping[str, str] | None = None) -> None:
        super().__init__(work_dir=str(project_directory), env_vars=environment, pulumi_command=command())

    def select_stack(self, stack_name: str) -> None:
        """Does nothing: see the class."""

    def create_stack(self, stack_name: str) -> None:
        self.pulumi_command.run(["stack", "init", "--no-select", stack_name], self.work_dir, self.env_vars)

    def export_stack(self, stack_name: str) -> automation.Deployment:
        """The state as it lies in the backend, secrets as ciphertext: deciphering takes most of an export's time."""
        arguments = ["stack", "export", "--stack", stack_name]
        exported = json.loads(self.pulumi_command.run(arguments, self.work_dir, self.env_vars).stdout)
        return automation.Deployment(version=exported["version"], deployment=exported["deployment"])


_GARBAGE_COLLECTION = {"GOGC": "400"}
"""The engine is a Go program of short life. At Go's own setting (100) a sixth of its work is looking for garbage."""


class OperationWorkspace(ProjectWorkspace):
    """For a worker: what the state says is read once, by as few commands as the backend allows."""

    def export_stack(self, stack_name: str) -> automation.Deployment:
        """The state. In a folder of this machine it is read as it lies there, which spares a process."""
        backend = backend_of(Path(self.work_dir))
        deployment = backend.deployment(stack_name) if backend is not None else None
        if deployment is None:
            return super().export_stack(stack_name)
        return automation.Deployment(version=STATE_FORMAT, deployment=deepcopy(deployment))

    def existing_stacks(self) -> Collection[str] | None:
        """The stacks that the backend has; None if only a command of the engine can tell."""
        backend = backend_of(Path(self.work_dir))
        return None if backend is None else backend.stacks()

    def stack_outputs(self, stack_name: str) -> automation.OutputMap:
        """From the state, which is one command instead of two, and secret ones stay secret."""
        outputs = outputs_of(self.export_stack(stack_name))
        return {name: automation.OutputValue(value, secret=_is_secret(value)) for name, value in outputs.items()}


class OperationStack(automation.Stack):
    """For a worker, which learns from the events and the state how its operation ended, not from the history."""

    def info(self, show_secrets: bool = True) -> automation.UpdateSummary:  # noqa: ARG002 (the overridden signature)
        """Spare the command that the Automation API ends every operation with; no field of its answer is read."""
        now = datetime.now(UTC)
        return automation.UpdateSummary(
            kind="update", start_time=now, message="", environment={}, config={}, result="succeeded"
        )


@cache
def command() -> automation.PulumiCommand:
    """The engine's command line. Each new instance asks it for its version."""
    return automation.PulumiCommand()


def open_stack(operation: Operation, variables: Mapping[str, str]) -> automation.Stack:
    """The operation's stack, which need not exist yet. The engine's processes have the ``variables`` too."""
    environment = {
        **_GARBAGE_COLLECTION,
        **orphaned_processes.operation_variable(operation.lock_path),
        **rehearsals.variables(operation.rehearsal_file),
        **variables,
    }
    workspace = OperationWorkspace(operation.project_directory, environment)
    return OperationStack(operation.stack, workspace, StackInitMode.SELECT)


def state_of(stack: automation.Stack, upstream: Iterable[str]) -> automation.Deployment:
    """What the backend holds. A new stack is initialised, with those that it reads: a preview may ask for them."""
    assert isinstance(stack.workspace, OperationWorkspace)
    made = stack.workspace.existing_stacks()
    if made is None or stack.name in made:
        with suppress(automation.StackNotFoundError):
            return stack.export_stack()
    known = {summary.name for summary in stack.workspace.list_stacks()} if made is None else made
    for name in upstream:
        # Where another worker was faster, it exists or is just being made.
        with suppress(automation.StackAlreadyExistsError, automation.ConcurrentUpdateError):
            if name not in known:
                stack.workspace.create_stack(name)
    try:
        stack.workspace.create_stack(stack.name)
    except automation.StackAlreadyExistsError:
        return stack.export_stack()
    return automation.Deployment()


def deployed(name: str, stack: automation.Stack) -> list[Mapping[str, Any]]:
    """The resources of another stack of the same project; none where it does not exist yet."""
    try:
        return resources_of(stack.workspace.export_stack(name))
    except automation.StackNotFoundError:
        return []


def break_locks(stack: automation.Stack, owners: Iterable[LockOwner]) -> None:
    """Remove the locks of processes that are gone, and as far as the backend lets us, no others."""
    files = [owner.lock_file for owner in owners]
    if None in files:
        stack.cancel()
    for file in filter(None, files):
        file.unlink(missing_ok=True)


def resources_of(state: automation.Deployment) -> list[Mapping[str, Any]]:
    """The resources recorded in an exported state."""
    return list((state.deployment or {}).get("resources") or [])


def count(stack: automation.Stack) -> int:
    """How many resources the stack holds now; 0 where even that cannot be read any more."""
    try:
        return len(resources_of(stack.export_stack()))
    except automation.CommandError:
        return 0


def outputs_of(state: automation.Deployment) -> Mapping[str, Any]:
    """The stack's outputs as last written; a secret one is its ciphertext."""
    stack = next((r for r in resources_of(state) if r["type"] == STACK_TYPE), {})
    return dict(stack.get("outputs") or {})


def _is_secret(value: object) -> bool:
    return isinstance(value, Mapping) and _SIGNATURE in value


def pending_operations_of(state: automation.Deployment) -> list[Mapping[str, Any]]:
    """What the engine had begun, and not finished, when the state was last written."""
    return list((state.deployment or {}).get("pending_operations") or [])


def protected(resources: Iterable[Mapping[str, Any]]) -> list[str]:
    """The resources that refuse to be deleted."""
    return [resource["urn"] for resource in resources if resource.get("protect")]


def account_ids(outputs: Mapping[str, Any]) -> tuple[str, ...]:
    """The AWS accounts that a stack's outputs name: ``accounts`` (kind -> id) and every ``..account_id``."""
    named = {value for key, value in outputs.items() if key.endswith("account_id") and isinstance(value, str)}
    accounts = outputs.get("accounts")
    if isinstance(accounts, Mapping):
        named.update(str(value) for value in accounts.values())
    return tuple(sorted(named))


def log(line: str) -> None:
    """Keep what the engine says; a worker's standard output is its log."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def last_words(error: Exception) -> str:
    """What a failed command said on its standard error, without the envelope that the Automation API adds."""
    _, _, said = str(error).rpartition("\n stderr: ")
    lines = [line.strip() for line in (said or str(error)).splitlines() if line.strip()]
    return "\n".join(lines).removeprefix("error: ")
