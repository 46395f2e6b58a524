"""SageMaker: definitions of pipelines.

Sources: Amazon SageMaker Pipelines JSON schema, version 2020-12-01; SageMaker Developer Guide, "Pipelines steps" (read
2026-11-29). AWS documents no wording.
"""

from __future__ import annotations

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.preconditions.check import Checks
from plinth_sandbox.emulator.preconditions.policy_documents import parsed
from plinth_sandbox.emulator.services.sagemaker.executor.execution import steps_of
from plinth_sandbox.emulator.services.sagemaker.executor.references import paths_in

_PARAMETER = "Parameters."
_TYPES = frozenset(
    {"AutoML", "Callback", "ClarifyCheck", "Condition", "EMR", "EMRServerless", "Fail", "Lambda", "Model", "Processing"}
    | {"QualityCheck", "RegisterModel", "Training", "Transform", "Tuning"}
)


def _pipeline(call: Call) -> None:
    """Checks a definition that the request contains. One in S3 is checked when it is executed."""
    if (text := call.parameters.get("PipelineDefinition")) is None:
        return
    definition = parsed(text)
    if definition is None:
        raise _error("it is no JSON object")
    try:
        steps = steps_of(definition)
    except ValueError as error:
        raise _error(str(error)) from error
    except (AttributeError, KeyError, TypeError) as error:
        raise _error(f"a step lacks a member or has one of the wrong type: {error}") from error
    for step in steps.values():
        if step.kind not in _TYPES:
            raise _error(f"step '{step.name}' has the unknown type {step.kind}")
    known = {parameter.get("Name") for parameter in definition.get("Parameters") or ()}
    named = {path.removeprefix(_PARAMETER) for path in paths_in(definition) if path.startswith(_PARAMETER)}
    if unknown := sorted(named - known):
        raise _error(f"it refers to unknown parameters: {', '.join(unknown)}")


def _error(fault: str) -> AwsError:
    return AwsError("ValidationException", f"Unable to parse pipeline definition: {fault}")


CHECKS: Checks = {("sagemaker", "CreatePipeline"): _pipeline, ("sagemaker", "UpdatePipeline"): _pipeline}
