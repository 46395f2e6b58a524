"""Transform jobs: what is refused, and the task that runs one.

Sources: SageMaker API, CreateTransformJob, TransformInput, TransformResources and DataProcessing; SageMaker Developer
Guide, "Associate Prediction Results with Input Records" (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.networks import RunNetwork
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.executors.task_runner import Task
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.ecr.executor.manifests import images_of, manifests_of
from plinth_sandbox.emulator.services.sagemaker.endpoints.models import described
from plinth_sandbox.emulator.services.sagemaker.executor.events import job_changed
from plinth_sandbox.emulator.services.sagemaker.executor.jobs import TRANSFORM, find, run_of, stop
from plinth_sandbox.emulator.store.record import now
from plinth_sandbox.executors.transform.data_processing import CSV, FORMATS, DataProcessing, format_of
from plinth_sandbox.executors.transform.json_path import PathError, SliceEndError

LONGEST_SECONDS = 432_000
"""Time limit of a transform job (AWS General Reference, "Amazon SageMaker endpoints and quotas")."""
_MOST_MIB = 100
_MOST_INSTANCES = 100
_DEFAULT_MIB = 6
_WITH_DISKS = ("ml.g4dn.", "ml.g5.", "ml.g6.", "ml.g6e.", "ml.trn1.")
"""Instance types of transform jobs with local storage (EC2 User Guide, "Instance store volumes")."""
_DEFAULTS: Mapping[str, Mapping[str, str]] = {
    "DataProcessing": {"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"},
    "TransformInput": {"CompressionType": "None", "SplitType": "None"},
    "TransformOutput": {"AssembleWith": "None"},
}
"""Values that DescribeTransformJob returns for members that the request omits."""


def _create(exchange: Exchange, runtime: Runtime) -> Answer:
    call, given = exchange.call, exchange.call.parameters
    # The job keeps the model as it is now, although it may be deleted afterwards.
    model = described(call.account, call.region, str(given["ModelName"]))
    _refuse_unsupported(given)
    if fault := next(_faults(given, model), None):
        raise AwsError("ValidationException", fault)
    answer = exchange.below()
    if not answer.succeeded:
        return answer
    name = str(given[TRANSFORM.name])
    record = find(TRANSFORM, call.account, call.region, name, runtime)
    assert record is not None
    record.values |= {TRANSFORM.status: "InProgress", TRANSFORM.started: now()}
    record.values |= {member: {**values, **given.get(member, {})} for member, values in _DEFAULTS.items()}
    job_input = {
        **model,
        "kind": TRANSFORM.noun,
        "arn": record.arn,
        "request": {key: value for key, value in given.items() if key != "Tags"},
        "images": str(runtime.runner.images),
        "manifests": manifests_of(images_of(model["containers"])),
    }
    run = run_of(TRANSFORM, call.account, call.region, name)
    network = RunNetwork.of(call.account, call.region, model)
    task = Task("sagemaker", run, call.account, call.region, LONGEST_SECONDS, job_input, network=network)
    runtime.runner.submit(task)
    job_changed(TRANSFORM.noun, record)
    return answer


def _refuse_unsupported(given: Mapping[str, Any]) -> None:
    """Refuses what AWS accepts and the sandbox does not run."""
    split_type = given["TransformInput"].get("SplitType", "None")
    if split_type in ("RecordIO", "TFRecord"):
        raise AwsError("NotImplementedBySandbox", f"The sandbox does not split {split_type}.")
    if "DataCaptureConfig" in given:
        raise AwsError("NotImplementedBySandbox", "The sandbox does not capture data of transform jobs.")
    try:
        DataProcessing.of(given)
    except SliceEndError as error:
        reason = "AWS documents the end of a slice as included and as excluded. List the indexes instead"
        raise AwsError("NotImplementedBySandbox", f"{error}. {reason}.") from error
    except PathError as error:
        raise AwsError("ValidationException", f"Invalid JSONPath in DataProcessing: {error}.") from error


def _faults(given: Mapping[str, Any], model: Mapping[str, Any]) -> Iterator[str]:
    """Yields why SageMaker refuses a request."""
    resources, source = given["TransformResources"], given["TransformInput"]["DataSource"]["S3DataSource"]
    if any("ModelDataSource" in container for container in model["containers"]):
        yield (
            "SageMaker Batch currently doesn't support Model entity with container definitions which use "
            "ModelDataSource attribute."
        )
    if source["S3DataType"] not in ("S3Prefix", "ManifestFile"):
        yield f"S3DataType {source['S3DataType']} is not supported by transform jobs."
    if resources["InstanceCount"] > _MOST_INSTANCES:
        yield f"InstanceCount must be less than or equal to {_MOST_INSTANCES}."
    if resources.get("VolumeKmsKeyId") and resources["InstanceType"].startswith(_WITH_DISKS):
        yield f"VolumeKmsKeyId cannot be used with {resources['InstanceType']}, which has local storage."
    payload, concurrent = given.get("MaxPayloadInMB", _DEFAULT_MIB), given.get("MaxConcurrentTransforms", 0)
    if payload > _MOST_MIB:
        yield f"MaxPayloadInMB must be less than or equal to {_MOST_MIB}."
    if payload * concurrent > _MOST_MIB:
        yield f"MaxConcurrentTransforms * MaxPayloadInMB must be less than or equal to {_MOST_MIB}."
    yield from _faults_of_processing(given)


def _faults_of_processing(given: Mapping[str, Any]) -> Iterator[str]:
    """Yields why filters and joins do not fit the formats of a job."""
    processing = DataProcessing.of(given)
    if not processing.is_needed:
        return
    source, output = given["TransformInput"], given["TransformOutput"]
    kinds = [format_of(source.get("ContentType", "")), format_of(output.get("Accept", ""))]
    if not all(kind in FORMATS for kind in kinds):
        yield f"DataProcessing needs ContentType and Accept to be one of {', '.join(FORMATS)}."
    if kinds.count(CSV) == 1:
        yield "DataProcessing needs the same format as ContentType and as Accept."
    if processing.is_csv and not (processing.splits and output.get("AssembleWith") == "Line"):
        yield f"DataProcessing of {CSV} needs SplitType and AssembleWith to be Line."
    if processing.is_csv and (processing.input_filter.has_names or processing.output_filter.has_names):
        yield f"Only JSONPaths with indexes can be applied to {CSV}."


def _stop(exchange: Exchange, runtime: Runtime) -> Answer:
    call = exchange.call
    stop(TRANSFORM, call.account, call.region, str(call.parameters[TRANSFORM.name]), runtime)
    return call.reply({})


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    "CreateTransformJob": _create,
    "StopTransformJob": _stop,
}
