"""Operations on resources that the engine began and whose result it did not receive from the provider plugin.

If a plugin ends in the middle of a call, AWS may have performed the call. The engine nevertheless reports that the
operation failed, and removes it from the pending operations of the state. A state with pending operations cannot be
imported either: ``pulumi stack import`` removes them (pulumi/pkg/cmd/pulumi/stack/io.go, version 3.220). Therefore they
are kept in a file of the machine until recovery has resolved them.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from selfservice.engine.differences import SIGNATURE

if TYPE_CHECKING:
    from pulumi.automation.events import EngineEvent, StepEventMetadata

PendingOperation = Mapping[str, Any]
"""An operation in the form of a state: its ``type`` and its ``resource``."""

_TYPES = {
    "create": "creating",
    "create-replacement": "creating",
    "update": "updating",
    "delete": "deleting",
    "delete-replaced": "deleting",
}
"""The type of a pending operation, by step of the engine (pulumi/pkg/backend/snapshot.go, BeginMutation)."""

_NO_ANSWER = re.compile(
    r"error reading from server: |connection error: desc = |transport is closing|closing transport due to: "
    r"|the connection is draining|keepalive ping failed|no active streams left to process"
)
"""Beginnings of the engine's messages about a call to a plugin whose connection ended (google.golang.org/grpc,
internal/transport/http2_client.go and transport.go, version 1.72). Messages of the AWS provider begin otherwise."""
_MARKUP = re.compile(r"<\{%[^%]*%\}>")


class UnansweredOperations:
    """The unanswered operations of one stack. The caller holds the stack lock ``lock_path``.

    During an update, the object receives the engine's events. Every operation is written to the file when it begins, so
    that it is known even if the plugin, the worker and the engine are killed one after another.
    """

    def __init__(self, lock_path: Path) -> None:
        self._file = lock_path.parent.parent / "unanswered" / f"{lock_path.name}.jsonl"
        self._without_answer: set[str] = set()
        self.failed = False
        """Whether an operation of this run failed because its plugin gave no answer."""

    def __call__(self, event: EngineEvent) -> None:
        if event.resource_pre_event is not None:
            self._begin(event.resource_pre_event.metadata)
        elif event.res_outputs_event is not None:
            self._end(event.res_outputs_event.metadata)
        elif event.diagnostic_event is not None:
            said = event.diagnostic_event
            message = _MARKUP.sub("", said.message).strip().removeprefix("error: ")
            if said.severity == "error" and said.urn and _NO_ANSWER.match(message):
                self._without_answer.add(said.urn)
        elif event.res_op_failed_event is not None:
            metadata = event.res_op_failed_event.metadata
            if metadata.urn not in self._without_answer:
                self._end(metadata)
            elif _type_of(metadata) is not None:
                self.failed = True

    def read(self) -> list[PendingOperation]:
        """Returns the operations that began and did not end, in their order."""
        begun: dict[tuple[str, str], PendingOperation] = {}
        for operation in self._lines():
            key = (operation["type"], operation["resource"]["urn"])
            begun.pop(key, None)
            if not operation.get("ended"):
                begun[key] = operation
        return list(begun.values())

    def keep(self, resources: Collection[str]) -> None:
        """Forgets all operations but those on these resources (URNs). The change is atomic."""
        kept = [operation for operation in self.read() if operation["resource"]["urn"] in resources]
        if not kept:
            self._file.unlink(missing_ok=True)
            return
        draft = self._file.with_suffix(".draft")
        with _private(draft, os.O_TRUNC) as file:
            file.writelines(json.dumps(operation) + "\n" for operation in kept)
        draft.replace(self._file)

    def tidy(self) -> None:
        """Removes what has ended from the file."""
        self.keep({operation["resource"]["urn"] for operation in self.read()})

    def _begin(self, metadata: StepEventMetadata) -> None:
        type_ = _type_of(metadata)
        if type_ == "creating":
            replaces = str(getattr(metadata.op, "value", metadata.op)) == "create-replacement"
            self._write({"type": type_, "resource": _created(metadata), "replaces": replaces})
        elif type_ is not None:
            self._write({"type": type_, "resource": {"urn": metadata.urn, "type": metadata.type}})

    def _end(self, metadata: StepEventMetadata) -> None:
        type_ = _type_of(metadata)
        if type_ is not None:
            self._write({"type": type_, "resource": {"urn": metadata.urn}, "ended": True})

    def _write(self, operation: PendingOperation) -> None:
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _private(self._file, os.O_APPEND) as file:
            file.write(json.dumps(operation) + "\n")

    def _lines(self) -> list[PendingOperation]:
        """Returns the lines of the file. Its writer may have been killed in the middle of the last one."""
        try:
            lines = self._file.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []
        found: list[PendingOperation] = []
        for line in lines:
            with suppress(ValueError):
                found.append(json.loads(line))
        return found


def _type_of(metadata: StepEventMetadata) -> str | None:
    """Returns the type of the pending operation; None for steps that call no plugin, as those of components."""
    state = metadata.new or metadata.old
    if state is None or not state.custom or metadata.type.startswith("pulumi:"):
        return None
    return _TYPES.get(str(getattr(metadata.op, "value", metadata.op)))


def _created(metadata: StepEventMetadata) -> Mapping[str, Any]:
    """Returns the new resource in the form of a state, as far as events contain it: without dependencies.

    Events hide secrets and texts of assets. Inputs with such values are left out, because no state could be read with
    them. The next update compares them again.
    """
    new = metadata.new
    assert new is not None
    inputs = {name: value for name, value in (new.inputs or {}).items() if SIGNATURE not in json.dumps(value)}
    return {
        "urn": metadata.urn,
        "type": metadata.type,
        "custom": True,
        "inputs": inputs,
        "parent": new.parent,
        "provider": new.provider,
        "protect": bool(new.protect),
        "retainOnDelete": bool(new.retain_on_delete),
    }


def _private(file: Path, flag: int) -> Any:
    """Opens a file for writing that only its owner can read."""
    return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | flag, 0o600), "w", encoding="utf-8")
