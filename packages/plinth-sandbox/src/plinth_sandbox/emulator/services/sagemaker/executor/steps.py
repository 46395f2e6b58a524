"""How the steps of a pipeline start: by calls in the name of the pipeline's role."""

from __future__ import annotations

import json
import random
import string
from collections.abc import Callable, Mapping
from typing import Any

from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.services.sagemaker.executor.execution import Execution, Step
from plinth_sandbox.emulator.services.sagemaker.executor.jobs import (
    PROCESSING,
    TRAINING,
    TRANSFORM,
    TUNING,
    Kind,
    run_of,
)
from plinth_sandbox.emulator.services.sagemaker.executor.references import Resolver, holds
from plinth_sandbox.s3_location import split

_SESSION = "SageMaker"
_LONGEST_NAME = 63
_LONGEST_TUNING_NAME = 32


class StepFailedError(Exception):
    """The step fails with this reason."""


def resolver(execution: Execution, runtime: Runtime) -> Resolver:
    """Returns the resolver of an execution's references."""

    def properties(name: str) -> Mapping[str, Any]:
        return _properties(execution.steps[name], execution, runtime)

    def property_file(step: str, name: str) -> Any:
        file = next(
            property_file
            for property_file in execution.steps[step].definition["PropertyFiles"]
            if property_file["PropertyFileName"] == name
        )
        outputs = properties(step)["ProcessingOutputConfig"]["Outputs"]
        folder = next(output["S3Output"]["S3Uri"] for output in outputs if output["OutputName"] == file["OutputName"])
        bucket, prefix = split(folder)
        key = "/".join(filter(None, (prefix.rstrip("/"), file["FilePath"])))
        body = client("s3", execution, runtime).get_object(Bucket=bucket, Key=key)["Body"].read()
        return json.loads(body)

    return Resolver(execution.parameters, execution.variables, properties, property_file)


def client(service: str, execution: Execution, runtime: Runtime) -> Any:
    return runtime.client(service, execution.role_arn, execution.region, _SESSION, opened_by="sagemaker")


def _properties(step: Step, execution: Execution, runtime: Runtime) -> Mapping[str, Any]:
    if step.kind not in _DESCRIBED:
        return step.properties
    operation, parameter, metadata = _DESCRIBED[step.kind]
    arn = step.metadata[metadata]["Arn"]
    # A version of a model package has no name of its own.
    identifier = arn if step.kind == "RegisterModel" else arn.rpartition("/")[2]
    sagemaker = client("sagemaker", execution, runtime)
    described: Mapping[str, Any] = getattr(sagemaker, operation)(**{parameter: identifier})
    if step.kind == "Tuning":
        order = "Descending" if _maximizes(described) else "Ascending"
        listed = sagemaker.list_training_jobs_for_hyper_parameter_tuning_job(
            **{parameter: identifier}, SortBy="FinalObjectiveMetricValue", SortOrder=order, MaxResults=50
        )
        return {**described, "TrainingJobSummaries": listed["TrainingJobSummaries"]}
    return described


def _maximizes(tuning_job: Mapping[str, Any]) -> bool:
    config = tuning_job["HyperParameterTuningJobConfig"]
    return bool(config["HyperParameterTuningJobObjective"]["Type"] == "Maximize")


_DESCRIBED = {
    "Processing": ("describe_processing_job", "ProcessingJobName", "ProcessingJob"),
    "Training": ("describe_training_job", "TrainingJobName", "TrainingJob"),
    "Transform": ("describe_transform_job", "TransformJobName", "TransformJob"),
    "Model": ("describe_model", "ModelName", "Model"),
    "Tuning": ("describe_hyper_parameter_tuning_job", "HyperParameterTuningJobName", "TuningJob"),
    "RegisterModel": ("describe_model_package", "ModelPackageName", "RegisterModel"),
}
"""Operation, its parameter and the step's metadata, by type of step. The answer has the step's properties."""


def start(step: Step, execution: Execution, runtime: Runtime) -> None:
    """Starts a step. It is ``Executing`` afterwards if it waits for something, and ``Succeeded`` otherwise.

    Raises: StepFailedError; ClientError if AWS refuses the call; UnresolvedError.
    """
    begin = _STARTS.get(step.kind)
    if begin is None:
        raise StepFailedError(f"The sandbox does not run steps of type {step.kind}.")
    begin(step, execution, runtime)


def _job(kind: Kind, step: Step, execution: Execution, runtime: Runtime) -> None:
    request = dict(resolver(execution, runtime).resolve(step.definition["Arguments"]))
    request[kind.name] = _job_name(step, execution, str(request.get(kind.name, "pipelines")))
    sagemaker = client("sagemaker", execution, runtime)
    create = getattr(sagemaker, _CREATES[kind.noun])
    request.pop("ExperimentConfig", None)
    step.metadata = {kind.noun: {"Arn": create(**request)[f"{kind.noun}Arn"]}}
    step.run = run_of(kind, execution.account, execution.region, request[kind.name])
    step.status = "Executing"


_CREATES: Mapping[str, str] = {
    PROCESSING.noun: "create_processing_job",
    TRAINING.noun: "create_training_job",
    TRANSFORM.noun: "create_transform_job",
}
"""Method of the client by kind of job."""


def _tune(step: Step, execution: Execution, runtime: Runtime) -> None:
    request = dict(resolver(execution, runtime).resolve(step.definition["Arguments"]))
    request[TUNING.name] = _job_name(step, execution, str(request.get(TUNING.name, "pipelines")), _LONGEST_TUNING_NAME)
    created = client("sagemaker", execution, runtime).create_hyper_parameter_tuning_job(**request)
    step.metadata = {"TuningJob": {"Arn": created["HyperParameterTuningJobArn"]}}
    step.run = run_of(TUNING, execution.account, execution.region, request[TUNING.name])
    step.status = "Executing"


def _job_name(step: Step, execution: Execution, prefix: str, longest: int = _LONGEST_NAME) -> str:
    """Returns a name that no other execution uses (SageMaker Developer Guide, "Pipelines steps": prefix, execution
    and step)."""
    suffix = _random(10)
    middle = f"{prefix}-{execution.id}-{step.name}"[: longest - len(suffix) - 1].rstrip("-")
    return f"{middle}-{suffix}"


def _random(length: int) -> str:
    return "".join(random.choices(string.ascii_letters + string.digits, k=length))


def _model(step: Step, execution: Execution, runtime: Runtime) -> None:
    request = dict(resolver(execution, runtime).resolve(step.definition["Arguments"]))
    request.setdefault("ModelName", _job_name(step, execution, "pipelines"))
    step.metadata = {"Model": {"Arn": client("sagemaker", execution, runtime).create_model(**request)["ModelArn"]}}
    step.status = "Succeeded"


def _register(step: Step, execution: Execution, runtime: Runtime) -> None:
    request = resolver(execution, runtime).resolve(step.definition["Arguments"])
    created = client("sagemaker", execution, runtime).create_model_package(**request)
    step.metadata = {"RegisterModel": {"Arn": created["ModelPackageArn"]}}
    step.status = "Succeeded"


def _decide(step: Step, execution: Execution, runtime: Runtime) -> None:
    """Meets a condition if all its expressions hold."""
    given = resolver(execution, runtime)
    outcome = all(holds(condition, given) for condition in step.definition["Arguments"]["Conditions"])
    step.properties = {"Outcome": outcome}
    step.metadata = {"Condition": {"Outcome": "True" if outcome else "False"}}
    step.status = "Succeeded"


def _fail(step: Step, execution: Execution, runtime: Runtime) -> None:
    message = str(resolver(execution, runtime).resolve(step.definition["Arguments"]["ErrorMessage"]))
    step.metadata = {"Fail": {"ErrorMessage": message}}
    raise StepFailedError(message)


def _call_back(step: Step, execution: Execution, runtime: Runtime) -> None:
    step.token = _random(10)
    queue = str(resolver(execution, runtime).resolve(step.definition["SqsQueueUrl"]))
    arguments = resolver(execution, runtime).resolve(step.definition["Arguments"])
    message = {
        "token": step.token,
        "pipelineExecutionArn": execution.arn,
        "arguments": arguments,
        "status": "Executing",
    }
    client("sqs", execution, runtime).send_message(QueueUrl=queue, MessageBody=json.dumps(message))
    step.metadata = {"Callback": {"CallbackToken": step.token, "SqsQueueUrl": queue}}
    step.status = "Executing"


_STARTS: Mapping[str, Callable[[Step, Execution, Runtime], None]] = {
    "Callback": _call_back,
    "Condition": _decide,
    "Fail": _fail,
    "Model": _model,
    "Processing": lambda step, execution, runtime: _job(PROCESSING, step, execution, runtime),
    "RegisterModel": _register,
    "Tuning": _tune,
    "Transform": lambda step, execution, runtime: _job(TRANSFORM, step, execution, runtime),
    "Training": lambda step, execution, runtime: _job(TRAINING, step, execution, runtime),
}
