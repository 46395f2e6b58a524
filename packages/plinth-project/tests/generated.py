"""Repositories that are generated from the templates, each once in a process and when a test first needs it.

In an environment without Copier, variables name repositories that exist. Tests do not change them.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from plinth_project.build.foundation import Foundation as BuildFoundation
from plinth_project.build.foundation import read_foundation as read_build_foundation
from plinth_project.build.problems import FILE as PROBLEMS
from plinth_project.deployment.foundation import Foundation as DeploymentFoundation
from plinth_project.deployment.foundation import read_foundation as read_deployment_foundation

BUILD, DEPLOYMENT = "PLINTH_BUILD_REPOSITORY", "PLINTH_DEPLOYMENT_REPOSITORY"
"""Variables with the paths of repositories."""
NEEDS_SDK = pytest.mark.skipif(
    importlib.util.find_spec("sagemaker") is None,
    reason="needs the SageMaker SDK: tests/templates/test_library.py runs it in the environment of the templates",
)

NEEDS_NOTEBOOKS = pytest.mark.skipif(
    importlib.util.find_spec("nbformat") is None,
    reason="needs nbformat: tests/templates/test_library.py runs it in the environment of the templates",
)


@functools.cache
def build_repository() -> Path:
    if given := os.environ.get(BUILD):
        return Path(given)
    from tests.templates.projects import generate

    return generate(_folder() / "build")


@functools.cache
def deployment_repository() -> Path:
    if given := os.environ.get(DEPLOYMENT):
        return Path(given)
    from tests.templates.projects import generate_deployment

    return generate_deployment(_folder() / "deployment")


def build_foundation() -> BuildFoundation:
    return read_build_foundation(build_repository())


def deployment_foundation() -> DeploymentFoundation:
    return read_deployment_foundation(deployment_repository())


@functools.cache
def _folder() -> Path:
    return Path(_temporary().name)


@functools.cache
def _temporary() -> TemporaryDirectory[str]:
    """Keeps the folder until the process ends."""
    return TemporaryDirectory(prefix="plinth-project-")


def with_problems(folder: Path) -> Path:
    """Adds the module with the kinds of problems to a folder, which configurations are checked against."""
    (folder / PROBLEMS).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(build_repository() / PROBLEMS, folder / PROBLEMS)
    return folder
