"""The status of every stack, from the states, the records of earlier commands and the processes of this machine.

Nothing is asked of AWS.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from selfservice.engine.locks.stack_lock import is_locked
from selfservice.engine.orphaned_processes import processes_by_stack
from selfservice.engine.unanswered_operations import UnansweredOperations
from selfservice.fingerprints.drift_record import DriftRecord
from selfservice.projects.project import Project
from selfservice.projects.states import deployments_by_stack
from selfservice.removal.leftovers import with_leftovers
from selfservice.runner.process import last_looks
from settings.derived.source_repositories import console_of_connections

_HEADINGS = ("stack", "resources", "last change", "last look", "drift", "notes")
_CONNECTION = "aws:codeconnections/connection:Connection"
_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60))


@dataclass(frozen=True, kw_only=True, slots=True)
class StackStatus:
    """Status of one stack, as far as this machine knows it."""

    stack: str
    in_settings: bool
    resources: int
    changed: str | None
    """Time at which the state was last written, in ISO 8601; None if there is no state."""
    looked: str | None
    """Start of the last command on this machine that previewed, updated or destroyed the stack, in ISO 8601."""
    compared: str | None
    """Time at which the stack was last compared with AWS (``--refresh``), in ISO 8601; None if it never was."""
    drifted: tuple[str, ...]
    """URNs of the resources that differed then."""
    pending_operations: int
    """Operations that a killed engine or provider plugin had begun. The next command looks them up in AWS."""
    pending_connections: tuple[str, ...]
    """ARNs of connections to source providers that were pending when their state was last read. A person completes
    them."""
    at_work: bool
    """Whether a command operates on the stack now."""
    orphaned_processes: tuple[int, ...]
    """Ids of processes that a killed engine left running."""


def statuses(project: Project) -> list[StackStatus]:
    """Returns the status of every stack of the settings and of every deployed stack, in dependency order."""
    every = with_leftovers(project).graph
    states = deployments_by_stack(project, list(every))
    locks = project.state_directory / "locks"
    processes = processes_by_stack(locks)
    looks = last_looks(project.state_directory)
    found: list[StackStatus] = []
    for stack in every:
        at_work = is_locked(locks / stack)
        drift = DriftRecord.read(project.fingerprints, stack)
        found.append(
            StackStatus(
                stack=stack,
                in_settings=stack in project.graph,
                resources=len(states[stack].get("resources") or ()),
                changed=_changed(states[stack]),
                looked=_in_iso(looks[stack]) if stack in looks else None,
                compared=_in_iso(drift.seen) if drift is not None else None,
                drifted=drift.drifted if drift is not None else (),
                pending_operations=len(_pending(states[stack], UnansweredOperations(locks / stack))),
                pending_connections=_pending_connections(states[stack]),
                at_work=at_work,
                orphaned_processes=() if at_work else tuple(sorted(processes.get(stack, ()))),
            )
        )
    return found


def _changed(state: Mapping[str, Any]) -> str | None:
    """Returns the time that the engine wrote to a state."""
    written = (state.get("manifest") or {}).get("time")
    return None if not written else _in_iso(datetime.fromisoformat(written))


def _pending(state: Mapping[str, Any], unanswered: UnansweredOperations) -> set[str]:
    """Returns the resources (URNs) with operations whose result the state does not contain."""
    begun = [*(state.get("pending_operations") or ()), *(unanswered.read() if state.get("resources") else ())]
    return {operation["resource"]["urn"] for operation in begun}


def _pending_connections(state: Mapping[str, Any]) -> tuple[str, ...]:
    connections = [resource for resource in state.get("resources") or () if resource["type"] == _CONNECTION]
    return tuple(
        connection["id"]
        for connection in connections
        if (connection.get("outputs") or {}).get("connectionStatus") == "PENDING"
    )


def _in_iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def as_json(stacks: Sequence[StackStatus]) -> str:
    return json.dumps([asdict(stack) for stack in stacks], indent=2)


def as_text(stacks: Sequence[StackStatus], now: datetime) -> str:
    """Returns a table with a line per stack, and a line with the totals."""
    rows = [_HEADINGS, *(_row(stack, now) for stack in stacks)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    lines = [
        "  ".join(cell.rjust(width) if column == 1 else cell.ljust(width)
                  for column, (cell, width) in enumerate(zip(row, widths, strict=True))).rstrip()
        for row in rows
    ]  # fmt: skip
    return "\n".join([*lines, "", _totals(stacks)])


def _row(stack: StackStatus, now: datetime) -> tuple[str, ...]:
    return (
        stack.stack,
        str(stack.resources),
        _age(stack.changed, now),
        _age(stack.looked, now),
        _drift(stack, now),
        ", ".join(_notes(stack)),
    )


def _drift(stack: StackStatus, now: datetime) -> str:
    if stack.compared is None:
        return "never looked"
    return f"{len(stack.drifted) or 'none'}, {_age(stack.compared, now)}"


def _notes(stack: StackStatus) -> list[str]:
    notes = []
    if not stack.resources:
        notes.append("not deployed")
    if not stack.in_settings:
        notes.append("not in the settings")
    if stack.at_work:
        notes.append("a command is at work")
    if stack.pending_operations:
        notes.append(f"{stack.pending_operations} pending operations: run `plinth up {stack.stack}`")
    for arn in stack.pending_connections:
        notes.append(
            f"the connection to the source provider is pending: complete it in the account {arn.split(':')[4]} at "
            f"{console_of_connections(arn)}, then run `plinth up {stack.stack}`"
        )
    if stack.orphaned_processes:
        notes.append(f"orphaned processes {', '.join(map(str, stack.orphaned_processes))}")
    return notes


def _totals(stacks: Sequence[StackStatus]) -> str:
    deployed = [stack for stack in stacks if stack.resources]
    return (
        f"{len(stacks)} stacks, {len(deployed)} deployed, {sum(stack.resources for stack in deployed)} resources; "
        f"{sum(bool(stack.drifted) for stack in stacks)} with drift, "
        f"{sum(bool(stack.pending_operations) for stack in stacks)} with pending operations, "
        f"{sum(bool(stack.orphaned_processes) for stack in stacks)} with orphaned processes, "
        f"{sum(not stack.in_settings for stack in stacks)} not in the settings"
    )


def _age(moment: str | None, now: datetime) -> str:
    if moment is None:
        return "never"
    seconds = (now - datetime.fromisoformat(moment)).total_seconds()
    for unit, size in _UNITS:
        if seconds >= size:
            return f"{int(seconds // size)} {unit} ago"
    return "just now"
