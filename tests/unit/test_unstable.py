"""Tests that pass only when they are repeated are listed, with how they failed at first."""

from __future__ import annotations

import pytest

REPEATED = """
import pytest
pytest_plugins = ["tests.support.unstable"]

@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    for item in items:
        item.add_marker(pytest.mark.flaky(reruns=1))
"""
TESTS = """
attempts = {"once": 0, "twice": 0}

def failing(name, times):
    attempts[name] += 1
    assert attempts[name] > times, f"attempt {attempts[name]} of {name}"

def test_fails_once():
    failing("once", 1)

def test_fails_twice():
    failing("twice", 2)

def test_passes():
    pass
"""


def test_first_failures_are_printed_and_those_that_did_not_last_are_listed(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(REPEATED)
    pytester.makepyfile(test_it=TESTS)
    result = pytester.runpytest_inprocess("-p", "no:randomly", "-p", "no:cacheprovider")
    said = result.stdout.str()
    for attempt in ("attempt 1 of once", "attempt 1 of twice", "attempt 2 of twice"):
        assert attempt in said
    assert [line for line in said.splitlines() if line.startswith("unstable: ")] == [
        "unstable: test_it.py::test_fails_once"
    ]
    assert (pytester.path / "build" / "unstable.txt").read_text() == "test_it.py::test_fails_once\n"
