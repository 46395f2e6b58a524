"""Tests of the library that need the SDK or nbformat, in the environment of the templates and with its built wheel."""

import json
import subprocess

import pytest

from tests.templates.projects import ROOT, environment, generate, generate_deployment, library_wheel

TESTS = ROOT / "packages" / "plinth-project" / "tests"
PYTEST = ("-m", "pytest", "--quiet", "-c", "/dev/null", "--rootdir", str(TESTS), "-p", "no:cacheprovider", "-rs")
INSTALLED = """
import importlib.metadata as metadata, json, plinth_project
print(json.dumps([plinth_project.__file__, metadata.version("plinth-project")]))
"""


def run(*words, **variables):
    command = [environment() / "bin" / "python", *words]
    variables = {"PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1", **variables}
    return subprocess.run(command, cwd=TESTS, env=variables, capture_output=True, text=True)


def test_repositories_install_the_wheel_and_no_copy_of_the_source():
    file, version = json.loads(run("-c", INSTALLED).stdout)
    assert file.startswith(str(environment()))
    assert version == library_wheel().version


@pytest.mark.parametrize("problem", ["classification", "regression"])
def test_what_needs_the_sdk_works_with_the_installed_library(tmp_path, problem):
    repositories = {
        "PLINTH_BUILD_REPOSITORY": generate(tmp_path / "build", problem=problem),
        "PLINTH_DEPLOYMENT_REPOSITORY": generate_deployment(tmp_path / "deployment", problem=problem),
    }
    done = run(*PYTEST, "test_build_pipeline.py", "test_notebook_steps.py", "test_soundness.py", **repositories)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "skipped" not in done.stdout
