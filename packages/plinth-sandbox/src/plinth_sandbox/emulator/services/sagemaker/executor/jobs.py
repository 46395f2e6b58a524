"""Training and processing jobs: their requests and the tasks that run them. All kinds of jobs: their states."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.networks import RunNetwork
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.executors.task_runner import Outcome, Task
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.ecr.executor.manifests import manifests_of
from plinth_sandbox.emulator.services.sagemaker.executor.events import job_changed
from plinth_sandbox.emulator.store.record import Place, Record, now

GRACE_SECONDS = 120.0
"""Time that SageMaker gives a container to save its model after SIGTERM (SageMaker API, StopTrainingJob)."""
_UPLOAD_SECONDS = 60.0
"""Time to upload what the container has saved."""
DEFAULT_SECONDS = 86_400
"""Time limit of a job without one (SageMaker API, StoppingCondition)."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job, and the names of its members in the API."""

    noun: str
    resources: str
    """Member of the request that sizes the cluster."""
    started: str
    ended: str

    @property
    def name(self) -> str:
        return f"{self.noun}Name"

    @property
    def status(self) -> str:
        return f"{self.noun}Status"


TRAINING = Kind("TrainingJob", "ResourceConfig", "TrainingStartTime", "TrainingEndTime")
PROCESSING = Kind("ProcessingJob", "ProcessingResources", "ProcessingStartTime", "ProcessingEndTime")
TRANSFORM = Kind("TransformJob", "TransformResources", "TransformStartTime", "TransformEndTime")
TUNING = Kind("HyperParameterTuningJob", "ResourceConfig", "CreationTime", "HyperParameterTuningEndTime")
KINDS = {kind.noun: kind for kind in (TRAINING, PROCESSING, TRANSFORM, TUNING)}
_STATUS = {"SUCCEEDED": "Completed", "FAILED": "Failed", "STOPPED": "Stopped", "TIMEOUT": "Stopped"}
_SECONDARY = {"SUCCEEDED": "Completed", "FAILED": "Failed", "STOPPED": "Stopped", "TIMEOUT": "MaxRuntimeExceeded"}


def run_of(kind: Kind, account: str, region: str, name: str) -> str:
    """Returns the identifier of a job's run. A name exists once in each account and region."""
    return f"{account}.{region}.{kind.noun}.{name}"


def job_of(run: str) -> tuple[Kind, str]:
    """Returns the kind and the name of the job of a run."""
    _, _, noun, name = run.split(".", 3)
    return KINDS[noun], name


def find(kind: Kind, account: str, region: str, name: str, runtime: Runtime) -> Record | None:
    return runtime.memory.store.find(Place(account, region, "sagemaker"), kind.noun, {kind.name: name})


def _create(kind: Kind, exchange: Exchange, runtime: Runtime) -> Answer:
    call = exchange.call
    check_instances(call.parameters[kind.resources])
    answer = exchange.below()
    if not answer.succeeded:
        return answer
    name = str(call.parameters[kind.name])
    record = find(kind, call.account, call.region, name, runtime)
    assert record is not None
    record.values |= {kind.status: "InProgress", kind.started: now()}
    limit = call.parameters.get("StoppingCondition", {}).get("MaxRuntimeInSeconds", DEFAULT_SECONDS)
    if kind is TRAINING:
        record.values |= {
            "SecondaryStatus": "Training",
            "ModelArtifacts": {"S3ModelArtifacts": _model(call.parameters)},
            "StoppingCondition": {"MaxRuntimeInSeconds": limit, **call.parameters.get("StoppingCondition", {})},
        }
    else:
        record.values["StoppingCondition"] = {"MaxRuntimeInSeconds": limit}
    job_input = {
        "kind": kind.noun,
        "arn": record.arn,
        "role": call.parameters["RoleArn"],
        "request": {key: value for key, value in call.parameters.items() if key != "Tags"},
        "images": str(runtime.runner.images),
        "manifests": manifests_of([_image(call.parameters)]),
    }
    run = run_of(kind, call.account, call.region, name)
    job_input["grace_seconds"] = GRACE_SECONDS
    grace = GRACE_SECONDS + _UPLOAD_SECONDS
    network = call.parameters.get("VpcConfig") or call.parameters.get("NetworkConfig", {}).get("VpcConfig") or {}
    task = Task(
        "sagemaker",
        run,
        call.account,
        call.region,
        float(limit),
        job_input,
        grace_seconds=grace,
        network=RunNetwork.of(call.account, call.region, network),
    )
    runtime.runner.submit(task)
    job_changed(kind.noun, record)
    return answer


def _image(request: Mapping[str, Any]) -> str:
    """Returns the image of a training or processing job; empty if an algorithm of the Marketplace names it."""
    container = request.get("AlgorithmSpecification") or request.get("AppSpecification") or {}
    return str(container.get("TrainingImage") or container.get("ImageUri") or "")


def check_instances(resources: Mapping[str, Any]) -> None:
    """Refuses clusters of several instances, on which nothing runs here."""
    count = resources.get("ClusterConfig", resources).get("InstanceCount", 1)
    if count != 1:
        raise AwsError("NotImplementedBySandbox", f"The sandbox runs jobs on one instance, not on {count}.")


def _model(request: Mapping[str, Any]) -> str:
    place = str(request["OutputDataConfig"]["S3OutputPath"]).rstrip("/")
    return f"{place}/{request['TrainingJobName']}/output/model.tar.gz"


def record_outcome(outcome: Outcome, runtime: Runtime) -> None:
    kind, name = job_of(outcome.run)
    record = find(kind, outcome.account, outcome.region, name, runtime)
    if record is None:
        return
    started: datetime = record.values[kind.started]
    record.values |= {kind.status: _STATUS[outcome.state], kind.ended: started + timedelta(seconds=outcome.seconds)}
    if outcome.state == "FAILED":
        record.values["FailureReason"] = outcome.message
    if kind is TRAINING:
        record.values |= {
            "SecondaryStatus": _SECONDARY[outcome.state],
            "BillableTimeInSeconds": max(1, outcome.seconds),
            "TrainingTimeInSeconds": max(1, outcome.seconds),
        }
        if outcome.left.get("metrics"):
            record.values["FinalMetricDataList"] = [
                {**metric, "Timestamp": record.values[kind.ended]} for metric in outcome.left["metrics"]
            ]
    record.changed = now()
    job_changed(kind.noun, record)


def _stop(kind: Kind, exchange: Exchange, runtime: Runtime) -> Answer:
    call = exchange.call
    stop(kind, call.account, call.region, str(call.parameters[kind.name]), runtime)
    return call.reply({})


def stop(kind: Kind, account: str, region: str, name: str, runtime: Runtime) -> None:
    """Stops a job. Raises the errors of StopTrainingJob, StopProcessingJob and StopTransformJob."""
    record = find(kind, account, region, name, runtime)
    if record is None:
        raise AwsError("ResourceNotFound", "Requested resource not found.")
    if record.values[kind.status] not in ("InProgress", "Stopping"):
        raise AwsError(
            "ValidationException",
            f"The request was rejected because the {kind.noun} is in status {record.values[kind.status]}.",
        )
    record.values[kind.status] = "Stopping"
    job_changed(kind.noun, record)
    runtime.runner.stop(run_of(kind, account, region, name))


def _delete(kind: Kind, exchange: Exchange, runtime: Runtime) -> Answer:
    call = exchange.call
    record = find(kind, call.account, call.region, str(call.parameters[kind.name]), runtime)
    if record is not None and record.values[kind.status] in ("InProgress", "Stopping"):
        raise AwsError("ResourceInUse", f"{record.arn} is in status {record.values[kind.status]}; stop it first.")
    return exchange.below()


def _operations(kind: Kind) -> dict[str, Callable[[Exchange, Runtime], Answer]]:
    return {
        f"Create{kind.noun}": lambda exchange, runtime: _create(kind, exchange, runtime),
        f"Delete{kind.noun}": lambda exchange, runtime: _delete(kind, exchange, runtime),
        f"Stop{kind.noun}": lambda exchange, runtime: _stop(kind, exchange, runtime),
    }


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {**_operations(TRAINING), **_operations(PROCESSING)}
