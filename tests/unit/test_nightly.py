"""What ``make test`` leaves out, another test shows each day: requirements and planted faults included."""

from __future__ import annotations

import pytest

from benchmarks.faults import REPOSITORY, TABLE, faults_in
from tests.support.nightly import WrittenTest, module_sources, named_by_marks, read_module, read_tests


@pytest.fixture(scope="module")
def sources() -> dict[str, str]:
    return module_sources(REPOSITORY)


@pytest.fixture(scope="module")
def tests(sources: dict[str, str]) -> list[WrittenTest]:
    return list(read_tests(sources))


@pytest.fixture(scope="module")
def each_day(tests: list[WrittenTest]) -> set[str]:
    """Ids of the tests that run for each change, and of their modules."""
    ids = {test.id for test in tests if not test.is_nightly}
    return ids | {id_.partition("::")[0] for id_ in ids}


def test_each_nightly_test_names_one_that_runs_for_each_change(
    sources: dict[str, str], tests: list[WrittenTest], each_day: set[str]
) -> None:
    assert any(test.is_nightly for test in tests)
    assert named_by_marks(sources) - each_day == set()


def test_each_requirement_of_a_nightly_test_is_shown_for_each_change(tests: list[WrittenTest]) -> None:
    shown = {one for test in tests if not test.is_nightly for one in test.cited}
    assert {one for test in tests if test.is_nightly for one in test.cited} - shown == set()


def test_each_planted_fault_is_noticed_for_each_change(each_day: set[str]) -> None:
    assert [str(fault) for fault in faults_in(TABLE) if not each_day & set(fault.test.split())] == []


def test_marks_of_functions_and_modules_are_read() -> None:
    source = """
pytestmark = [pytest.mark.timeout(9), pytest.mark.nightly(everyday="tests/a.py::test_a")]

@pytest.mark.requirement("DEV-03")
@pytest.mark.requirement("DEV-04", permissions=True)
def test_it(): ...
"""
    (read,) = read_module(source, "tests/b.py")
    assert read == WrittenTest("tests/b.py::test_it", ("tests/a.py::test_a",), frozenset({"DEV-03"}))


def test_a_mark_without_another_test_is_refused() -> None:
    with pytest.raises(ValueError, match="line 2: nightly names no test that runs each day instead"):
        list(read_module("\n@pytest.mark.nightly\ndef test_it(): ...", "tests/b.py"))
