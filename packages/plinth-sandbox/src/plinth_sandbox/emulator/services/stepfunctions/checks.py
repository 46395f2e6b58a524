"""Step Functions: definitions of state machines.

Source: Amazon States Language, "State machine structure", "States" and "Transitions" (read 2026-11-26).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.preconditions.check import Checks
from plinth_sandbox.emulator.preconditions.policy_documents import parsed

_TYPES = frozenset({"Choice", "Fail", "Map", "Parallel", "Pass", "Succeed", "Task", "Wait"})
_WITHOUT_TRANSITION = frozenset({"Choice", "Fail", "Succeed"})
"""Types of states that have neither ``Next`` nor ``End``."""
_INNER = ("Iterator", "ItemProcessor")


def _state_machine(call: Call) -> None:
    if "definition" not in call.parameters:  # an update may change the role only
        return
    machine = parsed(call.parameters["definition"])
    if machine is None:
        raise _error("INVALID_JSON_DESCRIPTION: the definition is no JSON object")
    for fault in _faults(machine, "/"):
        raise _error(f"SCHEMA_VALIDATION_FAILED: {fault}")


def _error(fault: str) -> AwsError:
    return AwsError("InvalidDefinition", f"Invalid State Machine Definition: '{fault}'")


def _faults(machine: Any, place: str) -> Iterator[str]:
    """Yields what is wrong with a state machine, a branch or an iterator."""
    states = machine.get("States") if isinstance(machine, dict) else None
    if not isinstance(states, dict) or not states or not all(isinstance(item, dict) for item in states.values()):
        yield f"States are missing at {place}"
        return
    start = machine.get("StartAt")
    if start not in states:
        yield f"MISSING_TRANSITION_TARGET: Missing 'Next' target: {start} at {place}StartAt"
    reached = {start, *(target for state in states.values() for target in _targets(state))}
    for name, state in states.items():
        here = f"{place}States/{name}"
        for target in _targets(state):
            if target not in states:
                yield f"MISSING_TRANSITION_TARGET: Missing 'Next' target: {target} at {here}"
        yield from (f"{fault} at {here}" for fault in _own_faults(state))
        if name not in reached:
            yield f'MISSING_TRANSITION_TARGET: State "{name}" is not reachable at {here}'
        for part in (*state.get("Branches", ()), *(state[key] for key in _INNER if key in state)):
            yield from _faults(part, f"{here}/")


def _own_faults(state: Mapping[str, Any]) -> Iterator[str]:
    """Yields what is wrong with a state by itself."""
    kind = state.get("Type")
    if kind not in _TYPES:
        yield f"The value of 'Type' must be one of {sorted(_TYPES)}"
    elif kind not in _WITHOUT_TRANSITION and ("Next" in state) == (state.get("End") is True):
        yield "The state must have either 'Next' or 'End'"
    elif kind in _WITHOUT_TRANSITION and ("Next" in state or "End" in state):
        yield f"A state of the type {kind} has neither 'Next' nor 'End'"
    if kind == "Choice" and not state.get("Choices"):
        yield "A state of the type Choice needs 'Choices'"
    if kind == "Task" and not state.get("Resource"):
        yield "A state of the type Task needs 'Resource'"
    if kind == "Parallel" and not state.get("Branches"):
        yield "A state of the type Parallel needs 'Branches'"
    if kind == "Map" and not any(key in state for key in _INNER):
        yield "A state of the type Map needs 'ItemProcessor'"


def _targets(state: Mapping[str, Any]) -> Iterator[str]:
    for branch in (state, *state.get("Choices", ()), *state.get("Catch", ())):
        if "Next" in branch:
            yield branch["Next"]
    if "Default" in state:
        yield state["Default"]


CHECKS: Checks = {
    ("stepfunctions", "CreateStateMachine"): _state_machine,
    ("stepfunctions", "UpdateStateMachine"): _state_machine,
}
