"""The page of threats follows from the list of threats and from the marks in the tests."""

import re

import pytest

from tests.support.docs.threat_table import (
    PAGE,
    Marked,
    Threat,
    UnreadableMarkError,
    marked,
    marked_in,
    renewed,
    table,
    threats,
)


def test_ids_are_read_from_marks_of_test_functions():
    source = "@pytest.mark.threat('T-01', 'T-02')\n@pytest.mark.slow\ndef test_it(): ..."
    assert list(marked_in(source, "a.py")) == [("T-01", Marked("a.py", "test_it")), ("T-02", Marked("a.py", "test_it"))]


@pytest.mark.parametrize("mark", ["skip", "xfail(reason='slow')"])
def test_a_test_that_is_skipped_or_expected_to_fail_shows_no_counter_measure(mark):
    assert list(marked_in(f"@pytest.mark.{mark}\n@pytest.mark.threat('T-01')\ndef test_it(): ...", "a.py")) == []


@pytest.mark.parametrize(
    "source",
    [
        "@pytest.mark.threat\ndef test_it(): ...",
        "@pytest.mark.threat()\ndef test_it(): ...",
        "@pytest.mark.threat('T-01', reason='x')\ndef test_it(): ...",
        "@pytest.mark.threat(*IDS)\ndef test_it(): ...",
        "pytestmark = pytest.mark.threat('T-01')",
        "CASE = pytest.param(1, marks=pytest.mark.threat('T-01'))",
    ],
)
def test_a_mark_whose_threat_or_test_the_source_does_not_say_is_refused(source):
    with pytest.raises(UnreadableMarkError, match=r"a\.py:1"):
        list(marked_in(source, "a.py"))


def test_the_table_names_measure_tests_and_what_is_not_shown():
    listed = {"T-01": Threat(threat="Theft.", measure="Locks."), "T-02": Threat(threat="Fire.", open="Elsewhere.")}
    assert table(listed, {"T-01": [Marked("tests/a.py", "test_locks")]}).splitlines()[2:] == [
        "| T-01 | Theft. | Locks. | [`test_locks`](../../tests/a.py) |  |",
        "| T-02 | Fire. |  |  | Elsewhere. |",
    ]


def test_threats_are_numbered_and_marks_name_listed_ones():
    listed = threats()
    assert list(listed) == [f"T-{number:02}" for number in range(1, len(listed) + 1)]
    assert marked().keys() <= listed.keys()


def test_a_threat_has_a_counter_measure_that_a_test_shows_or_a_reason_why_not():
    tests = marked()
    assert {id_ for id_, threat in threats().items() if threat.measure} == tests.keys()
    assert [id_ for id_, threat in threats().items() if not threat.measure and not threat.open] == []


def test_the_page_is_current():
    page = PAGE.read_text(encoding="utf-8")
    assert re.search(r"^\| T-25 \|", page, re.MULTILINE)
    assert renewed(page) == page, "run `make reference`"
