"""The Pulumi engine through the Automation API, on the real project. Only workers import this module at the top."""

from __future__ import annotations

import json
import os
import sys
import sysconfig
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
from selfservice.engine.backend import (
    STATE_FORMAT,
    backend_of,
    has_encryption_key,
    outputs_in,
    secrets_provider,
    share_secrets_provider,
)
from selfservice.engine.differences import SIGNATURE
from selfservice.engine.locks.backend_locks import remove_locks
from selfservice.engine.locks.lock_owners import LockOwner
from selfservice.engine.locks.recorded_command import RecordedCommand
from selfservice.operations import policy_inputs
from selfservice.operations.operation import Operation


class ProjectWorkspace(automation.LocalWorkspace):
    """The project on disk, without a selected stack.

    Passing project or stack settings would rewrite Pulumi.yaml without ``stackConfigDir``. Selecting a stack would
    write one file that all workers of the project share (pulumi/pulumi#8186); every command names its stack instead.
    """

    def __init__(self, project_directory: Path, environment: Mapping[str, str] | None = None) -> None:
        super().__init__(work_dir=str(project_directory), env_vars=environment, pulumi_command=command())

    def select_stack(self, stack_name: str) -> None:
        """Does nothing: see the class."""

    def create_stack(self, stack_name: str) -> None:
        """Creates a stack with the secrets provider of its file. ``stack init`` alone would ask for a passphrase."""
        share_secrets_provider(Path(self.work_dir), stack_name)
        provider = secrets_provider(Path(self.work_dir), stack_name)
        chosen = [] if provider is None else [f"--secrets-provider={provider}"]
        self.pulumi_command.run(["stack", "init", "--no-select", *chosen, stack_name], self.work_dir, self.env_vars)

    def export_stack(self, stack_name: str) -> automation.Deployment:
        """Returns the state with encrypted secrets. Decryption would take most of the time of an export."""
        arguments = ["stack", "export", "--stack", stack_name]
        exported = json.loads(self.pulumi_command.run(arguments, self.work_dir, self.env_vars).stdout)
        return automation.Deployment(version=exported["version"], deployment=exported["deployment"])


_GARBAGE_COLLECTION = {"GOGC": "400"}
"""Settings of the Go runtime. With the default (100), a sixth of the engine's work is garbage collection."""


class OperationWorkspace(ProjectWorkspace):
    """The workspace of a worker, which reads the state with as few engine commands as the backend allows."""

    def export_stack(self, stack_name: str) -> automation.Deployment:
        """Returns the state. A state in a local folder is read directly, which saves a process."""
        backend = backend_of(Path(self.work_dir))
        deployment = backend.deployment(stack_name) if backend is not None else None
        if deployment is None:
            return super().export_stack(stack_name)
        return automation.Deployment(version=STATE_FORMAT, deployment=deepcopy(deployment))

    def create_stack(self, stack_name: str) -> None:
        """Creates a stack without resources. A state in a local folder is written directly, which saves a process."""
        directory = Path(self.work_dir)
        backend = backend_of(directory) if has_encryption_key(directory, stack_name) else None
        if backend is None or not backend.initialize(stack_name):
            super().create_stack(stack_name)

    def existing_stacks(self) -> Collection[str] | None:
        """Returns the stacks of the backend; None if only an engine command can list them."""
        backend = backend_of(Path(self.work_dir))
        return None if backend is None else backend.stacks()

    def known_outputs(self, stack_name: str) -> Mapping[str, Any]:
        """Returns the outputs from the state, with encrypted secrets; none if the stack does not exist."""
        backend = backend_of(Path(self.work_dir))
        if backend is not None and backend.deployment(stack_name) is not None:
            return backend.outputs(stack_name)
        try:
            return outputs_of(self.export_stack(stack_name))
        except automation.StackNotFoundError:
            return {}

    def stack_outputs(self, stack_name: str) -> automation.OutputMap:
        """Returns the outputs from the state: one command instead of two, and secrets stay encrypted."""
        outputs = outputs_of(self.export_stack(stack_name))
        return {name: automation.OutputValue(value, secret=_is_secret(value)) for name, value in outputs.items()}


class OperationStack(automation.Stack):
    """The stack of a worker, which takes the result from events and state instead of the history."""

    def info(self, show_secrets: bool = True) -> automation.UpdateSummary:  # noqa: ARG002 (the overridden signature)
        """Returns a constant instead of running the command at the end of every operation; nothing reads its fields."""
        now = datetime.now(UTC)
        return automation.UpdateSummary(
            kind="update", start_time=now, message="", environment={}, config={}, result="succeeded"
        )

    def history(
        self, page_size: int | None = None, page: int | None = None, show_secrets: bool = True
    ) -> list[automation.UpdateSummary]:
        """Returns the history. The last entry in a local folder is read directly, which saves a process. It has kind
        and config, and nothing else of it is read."""
        backend = backend_of(Path(self.workspace.work_dir))
        reads_last = backend is not None and page_size == 1 and page in (None, 1) and not show_secrets
        last = backend.last_update(self.name) if backend is not None and reads_last else None
        if last is None:
            return super().history(page_size, page, show_secrets)
        if not last:
            return []
        config = {key: config_value(value) for key, value in last["config"].items()}
        now = datetime.now(UTC)
        return [
            automation.UpdateSummary(
                kind=last["kind"], start_time=now, message="", environment={}, config=config, result=""
            )
        ]


def config_value(value: object) -> dict[str, Any]:
    """Returns a value of the history in the form in which ``pulumi stack history --json`` prints it."""
    if _has_secret(value):
        return {"secret": True}
    return {"secret": False, "value": value if isinstance(value, str) else json.dumps(value)}


def _has_secret(value: object) -> bool:
    """Returns whether a value is encrypted, or contains an encrypted one."""
    if isinstance(value, Mapping):
        return set(value) == {"secure"} or any(map(_has_secret, value.values()))
    return isinstance(value, list) and any(map(_has_secret, value))


@cache
def command() -> automation.PulumiCommand:
    """Returns the engine's command line. It is cached, because each new instance runs ``pulumi version``."""
    return RecordedCommand()


def open_stack(operation: Operation, variables: Mapping[str, str]) -> automation.Stack:
    """Returns the operation's stack, which need not exist yet. The engine's processes get the ``variables`` too."""
    environment = {
        "PATH": _path(),
        **_GARBAGE_COLLECTION,
        **orphaned_processes.operation_variable(operation.lock_path),
        **policy_inputs.rehearsal(operation.rehearsal_file),
        **variables,
    }
    share_secrets_provider(operation.project_directory, operation.stack)
    workspace = OperationWorkspace(operation.project_directory, environment)
    return OperationStack(operation.stack, workspace, StackInitMode.SELECT)


def _path() -> str:
    """Returns the PATH of the engine's processes. It ends with the folder of this installation's commands, because the
    kubeconfig of stacks in a cluster runs ``plinth``."""
    return os.pathsep.join(filter(None, (os.environ.get("PATH"), sysconfig.get_path("scripts"))))


def state_of(stack: automation.Stack, upstream: Iterable[str]) -> automation.Deployment:
    """Returns the state. Initialises a new stack and its upstream stacks: a preview may request their outputs."""
    assert isinstance(stack.workspace, OperationWorkspace)
    made = stack.workspace.existing_stacks()
    if made is None or stack.name in made:
        with suppress(automation.StackNotFoundError):
            return stack.export_stack()
    known = {summary.name for summary in stack.workspace.list_stacks()} if made is None else made
    for name in upstream:
        # Another worker may have created the stack, or may be creating it.
        with suppress(automation.StackAlreadyExistsError, automation.ConcurrentUpdateError):
            if name not in known:
                stack.workspace.create_stack(name)
    try:
        stack.workspace.create_stack(stack.name)
    except automation.StackAlreadyExistsError:
        return stack.export_stack()
    return automation.Deployment()


def deployed(name: str, stack: automation.Stack) -> list[Mapping[str, Any]]:
    """Returns the resources of another stack of the project; an empty list if it does not exist."""
    try:
        return resources_of(stack.workspace.export_stack(name))
    except automation.StackNotFoundError:
        return []


def break_locks(stack: automation.Stack, owners: Iterable[LockOwner]) -> None:
    """Removes the locks of processes that no longer exist. Other backends than folders and buckets of S3 can only
    remove all locks of a stack."""
    locks = list(owners)
    if any(owner.lock_file is None and owner.lock_object is None for owner in locks):
        stack.cancel()
    remove_locks(locks)


def resources_of(state: automation.Deployment) -> list[Mapping[str, Any]]:
    """Returns the resources of an exported state."""
    return list((state.deployment or {}).get("resources") or [])


def count(stack: automation.Stack) -> int:
    """Returns the number of resources of the stack; 0 if the state cannot be read."""
    try:
        return len(resources_of(stack.export_stack()))
    except automation.CommandError:
        return 0


def outputs_of(state: automation.Deployment) -> Mapping[str, Any]:
    """Returns the stack outputs of a state, with encrypted secrets."""
    return outputs_in(state.deployment or {})


def _is_secret(value: object) -> bool:
    return isinstance(value, Mapping) and SIGNATURE in value


def pending_operations_of(state: automation.Deployment) -> list[Mapping[str, Any]]:
    """Returns the operations that the engine had started but not finished when it wrote the state."""
    return list((state.deployment or {}).get("pending_operations") or [])


def protected(resources: Iterable[Mapping[str, Any]]) -> list[str]:
    """Returns the URNs of the protected resources."""
    return [resource["urn"] for resource in resources if resource.get("protect")]


def account_ids(outputs: Mapping[str, Any]) -> tuple[str, ...]:
    """Returns the account ids in stack outputs: the values of ``accounts`` and of every ``…account_id``."""
    named = {value for key, value in outputs.items() if key.endswith("account_id") and isinstance(value, str)}
    accounts = outputs.get("accounts")
    if isinstance(accounts, Mapping):
        named.update(str(value) for value in accounts.values())
    return tuple(sorted(named))


def log(line: str) -> None:
    """Writes a line of the engine to the log, which is the worker's standard output."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def last_words(error: Exception) -> str:
    """Returns the standard error of a failed command, without the text that the Automation API adds."""
    _, _, said = str(error).rpartition("\n stderr: ")
    lines = [line.strip() for line in (said or str(error)).splitlines() if line.strip()]
    return "\n".join(lines).removeprefix("error: ")
