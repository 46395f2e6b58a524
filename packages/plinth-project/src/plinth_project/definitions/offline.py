"""Pipeline definitions without access to AWS: the SageMaker SDK, which may send no request."""

from __future__ import annotations

import contextlib
import difflib
import json
import logging
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from plinth_project.documents import ProjectError

MOST_CHARACTERS = 1_048_576
"""Longest definition (SageMaker API, CreatePipeline, read 2026-11-22)."""


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
                aws_secret_access_key="none",
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
    http: Any = botocore.httpsession.URLLib3Session
    send = http.send
    http.send = refuse
    try:
        yield
    finally:
        http.send = send
        os.environ.clear()
        os.environ |= before
