"""Conditions of stages: rules about alarms and variables that decide whether an execution enters or leaves a stage.

Source: CodePipeline User Guide, "Rule structure reference" (read 2026-11-22).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.layers.moto import NotEmulatedError
from plinth_sandbox.emulator.services.codepipeline.executor.declaration.references import UnresolvedError, resolved

if TYPE_CHECKING:
    from plinth_sandbox.emulator.executors.runtime import Runtime
    from plinth_sandbox.emulator.services.codepipeline.executor.execution import Execution

RESULTS: Mapping[str, tuple[str, ...]] = {
    "beforeEntry": ("FAIL", "SKIP"),
    "onSuccess": ("FAIL", "ROLLBACK"),
    "onFailure": ("ROLLBACK",),
}
"""Results of conditions by the point at which they are evaluated."""
_RULES: Mapping[str, tuple[str, ...]] = {
    "CloudWatchAlarm": ("AlarmName",),
    "VariableCheck": ("Variable", "Value", "Operator"),
}
"""Required configuration of the rules that the sandbox evaluates."""
_OTHER_RULES = ("CodeBuild", "Commands", "DeploymentWindow", "LambdaInvoke")
_OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "EQ": lambda value, wanted: value == wanted,
    "NE": lambda value, wanted: value != wanted,
    "MATCHES": lambda value, wanted: re.search(wanted, value) is not None,
    "CONTAINS": lambda value, wanted: wanted in value,
}


def check_conditions(stage: Mapping[str, Any], *, is_first: bool) -> None:
    """Raises AwsError for conditions that CodePipeline refuses, and NotEmulatedError for rules that the sandbox
    lacks."""
    for point, results in RESULTS.items():
        given = stage.get(point)
        if given is None:
            continue
        if point == "onFailure" and given.get("result") == "ROLLBACK" and is_first:
            raise _invalid(f"Stage '{stage['name']}' is the source stage, which cannot be rolled back")
        if given.get("result") not in (None, "ROLLBACK", "RETRY", "FAIL"):
            raise _invalid(f"Stage '{stage['name']}' has no result {given['result']} for {point}")
        for condition in given.get("conditions", []):
            if condition.get("result") not in results:
                raise _invalid(f"Stage '{stage['name']}': {point} conditions have one of the results {results}")
            for rule in condition.get("rules", []):
                _check_rule(rule)


def _check_rule(rule: Mapping[str, Any]) -> None:
    provider = rule["ruleTypeId"]["provider"]
    if provider in _OTHER_RULES:
        raise NotEmulatedError(f"A condition with the rule {provider}")
    if provider not in _RULES:
        raise _invalid(f"Rule '{rule['name']}' has the unknown provider {provider}")
    given = rule.get("configuration", {})
    for key in _RULES[provider]:
        if key not in given:
            raise _invalid(f"Rule configuration for rule '{rule['name']}' is missing required configuration '{key}'")
    if provider == "VariableCheck" and given["Operator"] not in _OPERATORS:
        raise _invalid(f"Rule '{rule['name']}' has the unknown operator {given['Operator']}")


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidStageDeclarationException", message)


def failed_rules(
    conditions: list[Mapping[str, Any]], execution: Execution, runtime: Runtime, client: Callable[[str], Any]
) -> list[tuple[str, str]]:
    """Returns the result and the reason of each condition that does not hold. ``client`` opens clients as the role of
    the pipeline."""
    found = []
    for condition in conditions:
        reasons = [
            reason for rule in condition.get("rules", []) if (reason := _broken(rule, execution, runtime, client))
        ]
        if reasons:
            found.append((str(condition["result"]), "; ".join(reasons)))
    return found


def _broken(rule: Mapping[str, Any], execution: Execution, runtime: Runtime, client: Callable[[str], Any]) -> str:
    """Returns why a rule does not hold, or an empty text."""
    try:
        given = resolved(rule.get("configuration", {}), execution.known_variables())
    except UnresolvedError as error:
        return f"{rule['name']}: {error}"
    if rule["ruleTypeId"]["provider"] == "VariableCheck":
        if _OPERATORS[given["Operator"]](given["Variable"], given["Value"]):
            return ""
        return f"{rule['name']}: {given['Variable']} {given['Operator']} {given['Value']} does not hold"
    # An alarm that reached the end of a minute within this call counts with its new state.
    from plinth_sandbox.emulator.services.cloudwatch.executor.evaluation import evaluate

    evaluate(runtime, execution.account, execution.region)
    answer = client("cloudwatch").describe_alarms(
        AlarmNames=[given["AlarmName"]], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    alarms = [*answer["MetricAlarms"], *answer["CompositeAlarms"]]
    if not alarms:
        return f"{rule['name']}: the alarm {given['AlarmName']} does not exist"
    wanted = [part.strip() for part in given.get("AlarmStates", "ALARM").split(",")]
    state = alarms[0]["StateValue"]
    return f"{rule['name']}: the alarm {given['AlarmName']} is in the state {state}" if state in wanted else ""
