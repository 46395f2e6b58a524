"""Tests of the selection of nightly tests, which ``make test`` leaves out and ``make test-all`` runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.faults import REPOSITORY, TABLE, faults_in, left_to_the_night
from tests.support.nightly import ENGINE, MAIN_JOB, NIGHTLY, is_nightly

MODULE = """
import pytest

pytestmark = [pytest.mark.timeout(9){module}]

{function}
def test_it(): ...
"""
RESULTS = ("durations", "failures", "requirements", "unstable")
"""Plugins that write the results of a run, which are those of the run of this test."""


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("tests/engine/main_job/test_use_case.py", False),
        ("tests/engine/main_job/continued/test_use_case_batch.py", True),
        ("tests/engine/test_growth.py::test_one", True),
        ("packages/plinth-sandbox/tests/clusters/test_pods.py", True),
        ("packages/plinth-sandbox/tests/clusters/test_provider_parts.py", False),
        ("tests/unit", False),
    ],
)
def test_engine_tests_are_nightly_by_their_folder_except_the_main_job(test: str, expected: bool) -> None:
    assert is_nightly(test, REPOSITORY) is expected


@pytest.mark.parametrize(
    ("module", "function", "expected"),
    [("", "", False), (", pytest.mark.nightly", "", True), ("", "@pytest.mark.nightly", True)],
)
def test_marks_of_functions_and_modules_are_read(tmp_path: Path, module: str, function: str, expected: bool) -> None:
    (tmp_path / "test_a.py").write_text(MODULE.format(module=module, function=function))
    assert is_nightly("test_a.py::test_it[1]", tmp_path) is expected


def test_the_main_job_has_tests_from_the_foundation_to_a_prediction() -> None:
    modules = {file.name for file in (REPOSITORY / MAIN_JOB).glob("test_*.py")}
    assert modules >= {"test_foundation.py", "test_use_case.py", "test_use_case_promotion.py"}


def test_nine_of_ten_planted_faults_are_noticed_for_each_change() -> None:
    faults = faults_in(TABLE)
    assert len(left_to_the_night(faults, REPOSITORY)) <= len(faults) / 10


def test_every_nightly_test_on_the_engine_finds_its_modules_and_fixtures() -> None:
    blocked = [word for name in RESULTS for word in ("-p", f"no:tests.support.{name}")]
    words = [sys.executable, "-m", "pytest", "--quiet", "--setup-plan", *blocked, "-m", NIGHTLY, str(ENGINE)]
    planned = subprocess.run(words, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert planned.returncode == 0, planned.stdout[planned.stdout.find("= ERRORS =") :]
