"""ECR, IAM Identity Center and Step Functions: documents that the services read when they are stored.

Sources: Amazon ECR User Guide, "Lifecycle policy properties"; IAM Identity Center API, PutInlinePolicyToPermissionSet,
and the quota of inline policies of the roles that it creates (IAM User Guide, "IAM and AWS STS quotas"); Amazon States
Language, "State machine structure" (read 2026-11-26).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.preconditions.check import Checks
from plinth_sandbox.emulator.preconditions.policy_documents import parsed, size_without_white_space, statements

_LARGEST_INLINE_POLICY = 10_240
_MOST_WILDCARDS = 4
_STATEMENT = frozenset({"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"})


def _lifecycle(call: Call) -> None:
    document = parsed(call.parameters["lifecyclePolicyText"]) or {}
    rules = document.get("rules")
    if not isinstance(rules, list) or not rules or not all(isinstance(rule, dict) for rule in rules):
        raise _lifecycle_error("rules are missing")
    priorities = [rule.get("rulePriority") for rule in rules]
    if not all(isinstance(one, int) and one > 0 for one in priorities) or len(set(priorities)) < len(priorities):
        raise _lifecycle_error("each rule needs a rulePriority of its own")
    for rule in rules:
        selection = rule.get("selection", {})
        if fault := _selection_fault(selection):
            raise _lifecycle_error(fault)
        if selection["tagStatus"] == "any" and rule["rulePriority"] < max(priorities):
            raise _lifecycle_error("a rule with the tagStatus any has the highest rulePriority")


def _selection_fault(selection: Mapping[str, Any]) -> str:
    status, named = selection.get("tagStatus"), ("tagPrefixList" in selection, "tagPatternList" in selection)
    if status not in ("tagged", "untagged", "any"):
        return "tagStatus is tagged, untagged or any"
    if status == "tagged" and named.count(True) != 1:
        return "tagStatus tagged needs tagPrefixList or tagPatternList"
    if status != "tagged" and any(named):
        return f"tagStatus {status} has neither tagPrefixList nor tagPatternList"
    if any(str(pattern).count("*") > _MOST_WILDCARDS for pattern in selection.get("tagPatternList", ())):
        return "a pattern of tagPatternList has at most four wildcards"
    return ""


def _lifecycle_error(fault: str) -> AwsError:
    text = f"Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: {fault}"
    return AwsError("InvalidParameterException", text)


def _permission_set(call: Call) -> None:
    text = call.parameters["InlinePolicy"]
    document = parsed(text)
    if document is None or not statements(document):
        raise AwsError("ValidationException", "Invalid InlinePolicy: it has no statement")
    unknown = {element for statement in statements(document) for element in statement} - _STATEMENT
    if unknown:
        raise AwsError("ValidationException", f"Invalid InlinePolicy: unknown element {', '.join(sorted(unknown))}")
    if size_without_white_space(text) > _LARGEST_INLINE_POLICY:
        raise AwsError(
            "ServiceQuotaExceededException", f"InlinePolicy has more than {_LARGEST_INLINE_POLICY} characters"
        )


def _state_machine(call: Call) -> None:
    if "definition" not in call.parameters:  # an update may change the role only
        return
    machine = parsed(call.parameters["definition"])
    if machine is None:
        raise _definition_error("INVALID_JSON_DESCRIPTION: the definition is no JSON object")
    for fault in _machine_faults(machine, "/"):
        raise _definition_error(f"SCHEMA_VALIDATION_FAILED: {fault}")


def _definition_error(fault: str) -> AwsError:
    return AwsError("InvalidDefinition", f"Invalid State Machine Definition: '{fault}'")


def _machine_faults(machine: Mapping[str, Any], place: str) -> Iterator[str]:
    """Yields the references to states that do not exist, also of branches and iterators."""
    states = machine.get("States")
    if not isinstance(states, dict) or not states:
        yield f"States are missing at {place}"
        return
    if machine.get("StartAt") not in states:
        yield f"MISSING_TRANSITION_TARGET: Missing 'Next' target: {machine.get('StartAt')} at {place}StartAt"
    for name, state in states.items():
        for target in _targets(state):
            if target not in states:
                yield f"MISSING_TRANSITION_TARGET: Missing 'Next' target: {target} at {place}States/{name}"
        inner = [*state.get("Branches", ()), *(state[key] for key in ("Iterator", "ItemProcessor") if key in state)]
        for part in inner:
            yield from _machine_faults(part, f"{place}States/{name}/")


def _targets(state: Mapping[str, Any]) -> Iterator[str]:
    for branch in (state, *state.get("Choices", ()), *state.get("Catch", ())):
        if "Next" in branch:
            yield branch["Next"]
    if "Default" in state:
        yield state["Default"]


CHECKS: Checks = {
    ("ecr", "PutLifecyclePolicy"): _lifecycle,
    ("sso-admin", "PutInlinePolicyToPermissionSet"): _permission_set,
    ("stepfunctions", "CreateStateMachine"): _state_machine,
    ("stepfunctions", "UpdateStateMachine"): _state_machine,
}
