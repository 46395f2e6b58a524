"""Pipeline definitions without access to AWS: the SageMaker SDK, which may send no request."""

from __future__ import annotations

import contextlib
import difflib
import importlib.util
import json
import logging
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from shared_libraries.project.documents import ProjectError

MOST_CHARACTERS = 1_048_576
"""Longest definition (SageMaker API, CreatePipeline, read 2026-11-22)."""


def load(root: Path, place: str) -> Any:
    """Returns the module of a pipeline, whose file name is no module name. Raises ProjectError if it is missing."""
    file = root / place
    specification = importlib.util.spec_from_file_location(file.stem.replace("-", "_"), file)
    if specification is None or specification.loader is None or not file.exists():
        raise ProjectError(f"{place}: missing")
    module: Any = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def rendered(name: str, *, parameters: Sequence[Any], steps: Sequence[Any], region: str, bucket: str) -> str:
    """Returns the definition of a pipeline as indented JSON. Raises ProjectError if it is too long."""
    import boto3
    from sagemaker.core.workflow.pipeline_context import PipelineSession
    from sagemaker.core.workflow.pipeline_definition_config import PipelineDefinitionConfig
    from sagemaker.mlops.workflow.pipeline import Pipeline

    pipeline = Pipeline(
        name,
        parameters=list(parameters),
        steps=list(steps),
        sagemaker_session=PipelineSession(
            boto_session=boto3.Session(
                region_name=region,
                aws_access_key_id="none",
                aws_secret_access_key="none",  # noqa: S106
            ),
            default_bucket=bucket,
        ),
        # Without prefixes, SageMaker names jobs after the execution, and roles could not tell use cases apart.
        pipeline_definition_config=PipelineDefinitionConfig(use_custom_job_prefix=True),
    )
    text = indented(str(pipeline.definition()))
    if len(text) > MOST_CHARACTERS:
        raise ProjectError(f"{name}: the definition has {len(text)} of {MOST_CHARACTERS} characters")
    return text


def write(root: Path, name: str, text: str) -> Path:
    """Writes a definition to ``build`` and returns its file."""
    file = root / "build" / f"{name}.json"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def difference(before: str, after: str, name: str) -> str:
    """Returns a unified difference of two definitions, which is empty if they are equal."""
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), f"{name} before", f"{name} after"
    )
    return "".join(lines)


def indented(definition: str) -> str:
    return json.dumps(json.loads(definition), indent=2) + "\n"


@contextlib.contextmanager
def offline(region: str) -> Iterator[None]:
    """Gives the SDK the Region that its import needs, and refuses every request that it would send."""
    import botocore.httpsession

    def refuse(_: Any, request: Any) -> None:
        raise ProjectError(f"rendering sent a request to {request.url}; a definition must not depend on AWS")

    before = dict(os.environ)
    os.environ |= {"AWS_DEFAULT_REGION": region, "AWS_EC2_METADATA_DISABLED": "true"}
    for chatty in ("botocore", "sagemaker.config"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    send = botocore.httpsession.URLLib3Session.send
    botocore.httpsession.URLLib3Session.send = refuse
    try:
        yield
    finally:
        botocore.httpsession.URLLib3Session.send = send
        os.environ.clear()
        os.environ |= before
