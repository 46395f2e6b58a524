"""The API of pipeline executions."""

from __future__ import annotations

import json
import random
import string
from collections.abc import Callable, Mapping
from typing import Any

from moto.sagemaker.models import FakePipeline, sagemaker_backends

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.paging import page
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.sagemaker.executor.events import execution_changed
from plinth_sandbox.emulator.services.sagemaker.executor.execution import WAITING, Execution, Step, steps_of
from plinth_sandbox.emulator.services.sagemaker.executor.orchestrator import (
    advance,
    call_back,
    executions,
    retry,
    stop_execution,
)
from plinth_sandbox.emulator.store.record import now

AT_ONCE = 50
"""Default of MaxParallelExecutionSteps (SageMaker API, ParallelismConfiguration)."""


def _start(exchange: Exchange, runtime: Runtime) -> Answer:
    call = exchange.call
    pipeline = _pipeline(call)
    known = executions(runtime.memory, call.account, call.region)
    tokens = runtime.memory.notes("sagemaker-execution-tokens", call.account, call.region)
    token = f"{pipeline.pipeline_name} {call.parameters.get('ClientRequestToken')}"
    if token not in tokens:
        execution = _new(call, pipeline)
        tokens[token] = execution.arn
        known[execution.arn] = execution
        pipeline.last_execution_time = execution.started
        execution_changed(execution, None)
        advance(execution, runtime)
    return call.reply({"PipelineExecutionArn": tokens[token]})


def _new(call: Call, pipeline: FakePipeline) -> Execution:
    definition = json.loads(pipeline.pipeline_definition)
    number = "".join(random.choices(string.ascii_lowercase + string.digits, k=12))
    limits = call.parameters.get("ParallelismConfiguration") or pipeline.parallelism_configuration or {}
    try:
        steps = steps_of(definition)
    except ValueError as error:
        raise AwsError("ValidationException", f"Invalid pipeline definition: {error}") from error
    return Execution(
        arn=f"{pipeline.arn}/execution/{number}",
        pipeline_arn=pipeline.arn,
        pipeline_name=pipeline.pipeline_name,
        role_arn=call.parameters.get("RoleArn") or pipeline.role_arn,
        account=call.account,
        region=call.region,
        started=now(),
        definition=definition,
        parameters=_parameters(definition, call.parameters.get("PipelineParameters", [])),
        request=call.parameters,
        at_once=int(limits.get("MaxParallelExecutionSteps", AT_ONCE)),
        steps=steps,
        changed=now(),
    )


def _parameters(definition: Mapping[str, Any], given: list[Mapping[str, str]]) -> dict[str, Any]:
    """Returns the values of the parameters by name. Refuses unknown ones, wrong values and missing ones."""
    declared = {parameter["Name"]: parameter for parameter in definition.get("Parameters", [])}
    asked = {parameter["Name"]: parameter["Value"] for parameter in given}
    if unknown := sorted(asked.keys() - declared.keys()):
        raise AwsError("ValidationException", f"Unknown parameters: [{', '.join(unknown)}]")
    found = {}
    for name, declaration in declared.items():
        value = asked.get(name, declaration.get("DefaultValue"))
        if value is None:
            raise AwsError("ValidationException", f"Parameter [{name}] has no value.")
        found[name] = _typed(name, declaration["Type"], value)
        if "EnumValues" in declaration and found[name] not in declaration["EnumValues"]:
            raise AwsError("ValidationException", f"Parameter [{name}] must be one of {declaration['EnumValues']}.")
    return found


def _typed(name: str, kind: str, value: Any) -> Any:
    types: Mapping[str, Callable[[Any], Any]] = {"Integer": int, "Float": float, "String": str, "Boolean": _boolean}
    try:
        return types[kind](value)
    except ValueError as error:
        raise AwsError("ValidationException", f"Parameter [{name}] is not of type {kind}: {value}") from error


def _boolean(value: Any) -> bool:
    if str(value).lower() not in ("true", "false"):
        raise ValueError(value)
    return str(value).lower() == "true"


def _pipeline(call: Call) -> FakePipeline:
    name = call.parameters["PipelineName"].rpartition("/")[2]
    found = sagemaker_backends[call.account][call.region].pipelines.get(name)
    if found is None:
        raise AwsError("ResourceNotFound", f"Pipeline '{name}' does not exist.")
    return found


def _execution(call: Call, runtime: Runtime) -> Execution:
    arn = call.parameters["PipelineExecutionArn"]
    found: Execution | None = executions(runtime.memory, call.account, call.region).get(arn)
    if found is None:
        raise AwsError("ResourceNotFound", f"Pipeline execution '{arn}' does not exist.")
    return found


def _describe(exchange: Exchange, runtime: Runtime) -> Answer:
    execution = _execution(exchange.call, runtime)
    found = {
        "PipelineArn": execution.pipeline_arn,
        "PipelineExecutionArn": execution.arn,
        "PipelineExecutionStatus": execution.status,
        "CreationTime": execution.started,
        "LastModifiedTime": execution.changed,
        "ParallelismConfiguration": {"MaxParallelExecutionSteps": execution.at_once},
        "RoleArn": execution.role_arn,
        **_named(execution),
    }
    if execution.failure:
        found["FailureReason"] = execution.failure
    return exchange.call.reply(found)


def _definition(exchange: Exchange, runtime: Runtime) -> Answer:
    execution = _execution(exchange.call, runtime)
    return exchange.call.reply(
        {"PipelineDefinition": json.dumps(execution.definition), "CreationTime": execution.started}
    )


def _list_parameters(exchange: Exchange, runtime: Runtime) -> Answer:
    execution = _execution(exchange.call, runtime)
    values = [{"Name": name, "Value": str(value)} for name, value in execution.parameters.items()]
    return exchange.call.reply({"PipelineParameters": values})


def _list_steps(exchange: Exchange, runtime: Runtime) -> Answer:
    steps = [step for step in _execution(exchange.call, runtime).steps.values() if step.status != WAITING]
    steps.sort(key=lambda step: str(step.started), reverse=exchange.call.parameters.get("SortOrder") == "Descending")
    return _page(exchange.call, "PipelineExecutionSteps", [_described(step) for step in steps])


def _described(step: Step) -> dict[str, Any]:
    found: dict[str, Any] = {
        "StepName": step.name,
        "StepStatus": step.status,
        "StartTime": step.started,
        "Metadata": step.metadata,
        "AttemptCount": 1,
    }
    if step.ended:
        found["EndTime"] = step.ended
    if step.failure:
        found["FailureReason"] = step.failure[:1024]
    return found


def _list(exchange: Exchange, runtime: Runtime) -> Answer:
    call = exchange.call
    pipeline = _pipeline(call)
    found = [
        execution
        for execution in executions(runtime.memory, call.account, call.region).values()
        if execution.pipeline_arn == pipeline.arn
    ]
    found.sort(
        key=lambda execution: execution.started, reverse=call.parameters.get("SortOrder", "Descending") == "Descending"
    )
    return _page(call, "PipelineExecutionSummaries", [_summary(execution) for execution in found])


def _summary(execution: Execution) -> dict[str, Any]:
    found: dict[str, Any] = {
        "PipelineExecutionArn": execution.arn,
        "StartTime": execution.started,
        "PipelineExecutionStatus": execution.status,
        **_named(execution),
    }
    if execution.failure:
        found["PipelineExecutionFailureReason"] = execution.failure
    return found


def _named(execution: Execution) -> dict[str, Any]:
    """Returns what the request said about the execution."""
    members = ("PipelineExecutionDisplayName", "PipelineExecutionDescription")
    return {member: execution.request[member] for member in members if member in execution.request}


def _page(call: Call, member: str, found: list[dict[str, Any]]) -> Answer:
    items, further = page(found, call.parameters, 20)
    return call.reply({member: items, **further})


def _stop(exchange: Exchange, runtime: Runtime) -> Answer:
    execution = _execution(exchange.call, runtime)
    if execution.status != "Executing":
        raise AwsError(
            "ConflictException", f"Pipeline execution with ARN {execution.arn} status is {execution.status}."
        )
    stop_execution(execution, runtime)
    return exchange.call.reply({"PipelineExecutionArn": execution.arn})


def _retry(exchange: Exchange, runtime: Runtime) -> Answer:
    execution = _execution(exchange.call, runtime)
    if execution.status not in ("Failed", "Stopped"):
        raise AwsError(
            "ConflictException", f"Pipeline execution with ARN {execution.arn} status is {execution.status}."
        )
    retry(execution, runtime)
    return exchange.call.reply({"PipelineExecutionArn": execution.arn})


def _callback(exchange: Exchange, runtime: Runtime) -> Answer:
    call = exchange.call
    token = call.parameters["CallbackToken"]
    for execution in executions(runtime.memory, call.account, call.region).values():
        for step in execution.running():
            if step.token == token:
                failed = call.name.endswith("Failure")
                given = {out["Name"]: out["Value"] for out in call.parameters.get("OutputParameters", [])}
                reason = str(call.parameters.get("FailureReason", ""))
                call_back(execution, step, runtime, outputs=None if failed else given, reason=reason)
                return call.reply({"PipelineExecutionArn": execution.arn})
    raise AwsError("ResourceNotFound", f"Callback token {token} does not exist.")


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    "DescribePipelineDefinitionForExecution": _definition,
    "DescribePipelineExecution": _describe,
    "ListPipelineExecutionSteps": _list_steps,
    "ListPipelineExecutions": _list,
    "ListPipelineParametersForExecution": _list_parameters,
    "RetryPipelineExecution": _retry,
    "SendPipelineExecutionStepFailure": _callback,
    "SendPipelineExecutionStepSuccess": _callback,
    "StartPipelineExecution": _start,
    "StopPipelineExecution": _stop,
}
