"""A generated project passes its own checks, which continuous integration runs too, and its notebook runs."""

import json
import os
import re
import shutil
import subprocess

import pytest

from tests.templates.projects import environment, generate, run

EXECUTE = """
import json, nbclient, nbformat
book = nbformat.read("notebooks/exploration.ipynb", 4)
nbclient.NotebookClient(book, startup_timeout=3600, resources={"metadata": {"path": "notebooks"}}).execute()
print(json.dumps(book.cells[-1].outputs[0]["data"]["text/plain"]))
"""
"""Runs the notebook as Jupyter does, in its own folder, and prints the result of the last cell."""


@pytest.mark.nightly
@pytest.mark.requirement("TPL-02", "CI-03.a", "CI-04.c", "REPO-13.a", "TR-15")
def test_a_generated_project_passes_all_checks_without_edits(project):
    done = run(project, "check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.split("\n")[:-1] == [
        f"{name}: ok" for name in ("structure", "settings", "lint", "types", "tests", "pipeline")
    ]
    for report in ("tests.xml", "coverage.xml"):
        assert (project / "build" / "reports" / report).exists()


def test_the_fast_checks_name_the_gate_that_a_worse_hyperparameter_misses(tmp_path):
    folder = generate(tmp_path / "project")
    file = folder / "ml_pipelines" / "training" / "input.json"
    settings = json.loads(file.read_text())
    settings["hyperparameters"] |= {"max_iter": 1, "learning_rate": 0.001}
    file.write_text(json.dumps(settings))
    done = run(folder, "check", "--fast")
    assert (done.returncode, done.stdout.splitlines()) == (
        1,
        ["structure: ok", "settings: ok", "lint: ok", "pipeline: failed"],
    )
    assert re.fullmatch(r"gate of the pipeline training: f1 0\.\d+ < 0\.9.*", done.stderr.strip())


@pytest.mark.parametrize(("problem", "metric"), [("classification", "f1"), ("regression", "rmse")])
def test_the_notebook_runs_without_edits_and_ends_with_the_metrics_of_a_model(tmp_path, problem, metric):
    folder = generate(tmp_path / "project", problem=problem)
    home = {"HOME": str(tmp_path), "OMP_NUM_THREADS": "1", "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [environment() / "bin" / "python", "-c", EXECUTE], cwd=folder, env=home, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert f"'{metric}': " in json.loads(done.stdout)


FAULTS = {
    "untested.py": "def twice(number: int) -> int:\n    number = number * 2\n    number += 0\n    return number\n",
    "hidden.py": "try:\n    import numpy\nexcept:\n    pass\n",
    "shell.py": 'import subprocess\n\nsubprocess.run("ls *.csv", shell=True)\n',
    "test/test_nothing.py": "import untested\n\n\ndef test_it_is_there() -> None:\n    assert untested.twice\n",
}
"""Modules of a project: one that tests run too little of, one that hides errors, and one with a security defect."""
CHECK = """
import json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from plinth_project.documents import ProjectError
from plinth_project.tools import check_lint, check_tests
found = {}
for check in (check_lint, check_tests):
    try:
        check(Path.cwd())
    except ProjectError as error:
        found[check.__name__] = str(error)
print(json.dumps(found))
"""
"""Prints what checks find in the folder."""


@pytest.fixture(scope="module")
def faults(project, tmp_path_factory):
    """Returns the faults that the checks of a generated project find in another one, by check."""
    folder = tmp_path_factory.mktemp("faulty")
    for name in ("pyproject.toml", "ruff.toml"):
        shutil.copy(project / name, folder)
    for name, text in FAULTS.items():
        file = folder / "algorithms" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    command = [environment() / "bin" / "python", "-c", CHECK, project / "algorithms"]
    variables = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(folder / "algorithms")}
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.requirement("CI-04.a")
def test_tests_that_run_too_little_of_the_code_fail_the_check(faults):
    assert "is less than fail-under=85" in faults["check_tests"]


@pytest.mark.requirement("CI-04.b")
def test_code_that_hides_errors_fails_the_check(faults):
    assert "hidden.py" in faults["check_lint"]
    assert {"E722", "S110"} <= set(re.findall(r"[A-Z]+\d{3}", faults["check_lint"]))


@pytest.mark.requirement("WP-18.a")
def test_a_security_defect_fails_the_check(faults):
    assert "S602" in faults["check_lint"]
    assert "shell.py" in faults["check_lint"]
