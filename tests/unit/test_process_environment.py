"""Fixtures that outlive a file leave the variables of the process alone."""

import pytest

PROGRAM = """
import os, pytest

@pytest.fixture(scope="{scope}")
def wide():
    os.environ["EXAMPLE_OF_A_FIXTURE"] = "1"
    yield
    del os.environ["EXAMPLE_OF_A_FIXTURE"]

def test_something(wide):
    pass
"""


@pytest.mark.parametrize("scope", ["session", "package"])
def test_a_fixture_that_changes_a_variable_for_other_files_fails(pytester: pytest.Pytester, scope: str) -> None:
    pytester.makepyfile(PROGRAM.format(scope=scope))
    result = pytester.runpytest_inprocess("-p", "tests.support.process_environment")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([f"*the fixture wide changes EXAMPLE_OF_A_FIXTURE for all tests of the {scope}"])


def test_a_fixture_may_change_a_variable_for_its_own_file(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(PROGRAM.format(scope="module"))
    pytester.runpytest_inprocess("-p", "tests.support.process_environment").assert_outcomes(passed=1)
