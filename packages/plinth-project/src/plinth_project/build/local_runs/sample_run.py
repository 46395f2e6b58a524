"""Runs a pipeline of the repository with a sample, which stands for the answer of Athena and for the input history."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from plinth_project.build.configuration import FILE, read_configuration
from plinth_project.build.foundation import read_foundation
from plinth_project.build.git import revision
from plinth_project.build.local_runs.definition_run import BUILD_ID, GateMissedError, LocalRun, StepFailedError
from plinth_project.build.rendering import pipelines, render
from plinth_project.documents import ProjectError

SAMPLE = "algorithms/preprocessing/split/test/input/sample.csv"
GET_DATA = "GetData"
"""Step that a local run leaves out."""


def run_with_sample(
    root: Path, pipeline: str, data: Path | None = None, announce: Callable[[str], object] = str
) -> dict[str, Any]:
    """Runs a pipeline in ``build/local``, announces its steps and returns the request of the registration.

    Raises: StepFailedError if a step fails, GateMissedError if the model misses a gate, ProjectError for wrong
    settings.
    """
    folder = root / "build" / "local"
    shutil.rmtree(folder, ignore_errors=True)
    definition = json.loads(render(root, pipeline))
    foundation = read_foundation(root)
    build = folder / "s3" / foundation.development.bucket / foundation.names(revision(root).branch).builds / BUILD_ID
    for part in ("algorithms", "ml_pipelines"):
        shutil.copytree(root / part, build / "code" / part, ignore=shutil.ignore_patterns("__pycache__", "test"))
    (build / "input").mkdir()
    shutil.copy(data or root / _sample(root, pipeline), build / "input" / "data.csv")
    definition["Steps"] = [step for step in definition["Steps"] if step["Name"] != GET_DATA]
    local = LocalRun(definition=definition, folder=folder, parameters={"BuildId": BUILD_ID}, announce=announce)
    local.run()
    (folder / "registered.json").write_text(json.dumps(local.registered, indent=2))
    return local.registered


def check_pipelines(root: Path) -> str | None:
    """Every pipeline runs with its sample, and a sample that is its data passes the gates.

    A sample that only stands for the data cannot fail the gates. Returns which ones its models miss.
    """
    missed = []
    for name in pipelines(root):
        try:
            run_with_sample(root, name)
        except GateMissedError as error:
            if read_configuration(root / "ml_pipelines" / name / FILE, root).data.source == "sample":
                raise ProjectError(f"gate of the pipeline {name}: {error}") from None
            missed.append(f"{name}: {error}")
        except StepFailedError as error:
            raise ProjectError(f"pipeline {name}: {error}") from None
    return f"with the sample alone, the model misses a gate: {'; '.join(missed)}" if missed else None


def _sample(root: Path, pipeline: str) -> str:
    data = read_configuration(root / "ml_pipelines" / pipeline / FILE, root).data
    return data.file if data.source == "sample" else SAMPLE
