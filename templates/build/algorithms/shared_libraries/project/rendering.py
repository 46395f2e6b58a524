"""Renders pipeline definitions without access to AWS. One commit always gives the same bytes."""

from __future__ import annotations

import contextlib
import difflib
import importlib.util
import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shared_libraries.project.configuration import FILE, read_configuration
from shared_libraries.project.documents import ProjectError
from shared_libraries.project.foundation import Foundation, read_foundation
from shared_libraries.project.git import Revision, revision

MOST_CHARACTERS = 1_048_576
"""Longest definition (SageMaker API, CreatePipeline, read 2026-11-22)."""


def pipelines(root: Path) -> list[str]:
    """Returns the names of the pipelines, which are the folders of ``ml_pipelines`` with a definition."""
    return sorted(file.parent.name for file in (root / "ml_pipelines").glob("*/ml-pipeline-*.py"))


def render(root: Path, name: str, at: Revision | None = None) -> str:
    """Returns the definition of a pipeline as indented JSON. Raises ProjectError."""
    foundation = read_foundation(root)
    at = at or revision(root)
    with _offline(foundation):
        definition = _definition(root, name, foundation, at)
    text = json.dumps(json.loads(definition), indent=2) + "\n"
    if len(text) > MOST_CHARACTERS:
        raise ProjectError(f"ml_pipelines/{name}: the definition has {len(text)} of {MOST_CHARACTERS} characters")
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


def _definition(root: Path, name: str, foundation: Foundation, at: Revision) -> str:
    from shared_libraries.project.jobs import Jobs

    file = root / "ml_pipelines" / name / f"ml-pipeline-{name}.py"
    specification = importlib.util.spec_from_file_location(f"ml_pipeline_{name}", file)
    if specification is None or specification.loader is None or not file.exists():
        raise ProjectError(f"ml_pipelines/{name}/ml-pipeline-{name}.py: missing")
    module: Any = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    jobs = Jobs(foundation, read_configuration(file.parent / FILE, root), at)
    return str(_pipeline(module.steps(jobs), jobs, name).definition())


def _pipeline(steps: list[Any], jobs: Any, name: str) -> Any:
    import boto3
    from sagemaker.core.workflow.pipeline_context import PipelineSession
    from sagemaker.core.workflow.pipeline_definition_config import PipelineDefinitionConfig
    from sagemaker.mlops.workflow.pipeline import Pipeline

    return Pipeline(
        jobs.names.pipeline(name),
        parameters=jobs.parameters,
        steps=steps,
        sagemaker_session=PipelineSession(
            boto_session=boto3.Session(
                region_name=jobs.foundation.region,
                aws_access_key_id="none",
                aws_secret_access_key="none",  # noqa: S106
            ),
            default_bucket=jobs.foundation.development.bucket,
        ),
        # Without prefixes, SageMaker names jobs after the execution, and roles could not tell use cases apart.
        pipeline_definition_config=PipelineDefinitionConfig(use_custom_job_prefix=True),
    )


@contextlib.contextmanager
def _offline(foundation: Foundation) -> Iterator[None]:
    """Gives the SDK the Region that its import needs, and refuses every request that it would send."""
    import botocore.httpsession

    def refuse(_: Any, request: Any) -> None:
        raise ProjectError(f"rendering sent a request to {request.url}; a definition must not depend on AWS")

    before = dict(os.environ)
    os.environ |= {"AWS_DEFAULT_REGION": foundation.region, "AWS_EC2_METADATA_DISABLED": "true"}
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
