"""A failure can be read before the run ends."""

from __future__ import annotations

import pytest

TESTS = """
from pathlib import Path

def test_fails():
    assert 1 + 1 == 3, "wrong sum"

def test_reads_the_failure_of_the_test_before():
    written = Path("build/failures.txt").read_text()
    assert written.startswith("test_it.py::test_fails failed in its call:")
    assert "wrong sum" in written
"""


def test_failures_are_in_a_file_as_soon_as_they_happen(pytester: pytest.Pytester) -> None:
    pytester.makeconftest('pytest_plugins = ["tests.support.failures"]')
    pytester.makepyfile(test_it=TESTS)
    for _ in range(2):  # the file is of one run
        result = pytester.runpytest_inprocess("-p", "no:randomly", "-p", "no:cacheprovider")
        result.assert_outcomes(passed=1, failed=1)
