"""SageMaker pipelines: AWS refuses invalid definitions, unknown pipelines, and the deletion of running ones."""

from __future__ import annotations

import json

from moto.sagemaker.models import sagemaker_backends

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.services.sagemaker.executor.orchestrator import executions


def _keep_definition(exchange: Exchange) -> Answer:
    """Refuses an invalid pipeline definition. moto accepts any text."""
    text = exchange.call.parameters.get("PipelineDefinition")
    if text is not None and not _is_definition(text):
        raise AwsError("ValidationException", "Unable to parse pipeline definition.")
    return exchange.below()


def _is_definition(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _update_pipeline(exchange: Exchange) -> Answer:
    _find_pipeline(exchange)
    return _keep_definition(exchange)


def _known_pipeline(exchange: Exchange) -> Answer:
    _find_pipeline(exchange)
    return exchange.below()


def _delete_pipeline(exchange: Exchange) -> Answer:
    """Refuses to delete a pipeline with a running execution (SageMaker API, DeletePipeline, read 2026-11-22)."""
    _find_pipeline(exchange)
    call = exchange.call
    name = call.parameters["PipelineName"].rpartition("/")[2]
    running = [
        execution.arn
        for execution in executions(exchange.memory, call.account, call.region).values()
        if execution.pipeline_name == name and execution.status in ("Executing", "Stopping")
    ]
    if running:
        raise AwsError("ConflictException", f"Pipeline '{name}' has running executions: {', '.join(running)}.")
    return exchange.below()


def _find_pipeline(exchange: Exchange) -> None:
    """Raises the error of AWS for an unknown pipeline. moto raises ValidationException (SageMaker API,
    DescribePipeline)."""
    call = exchange.call
    name = call.parameters["PipelineName"].rpartition("/")[2]
    if name not in sagemaker_backends[call.account][call.region].pipelines:
        raise AwsError("ResourceNotFound", f"Pipeline '{name}' does not exist.")


PATCHES: Patches = {
    "CreatePipeline": _keep_definition,
    "DeletePipeline": _delete_pipeline,
    "DescribePipeline": _known_pipeline,
    "UpdatePipeline": _update_pipeline,
}
