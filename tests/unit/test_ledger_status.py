"""The generated pages of requirements follow from the ledger and from the citations in the tests."""

import pytest

from tests.support.docs.ledger_status import (
    CITED_BY_DATA,
    LIST,
    PAGE,
    ROOT,
    UnreadableCitationError,
    cited,
    cited_in,
    pages,
    requirements_list,
    table,
)
from tests.support.ledger.citations import Cited, Level, Standing
from tests.support.ledger.clauses import LEDGER, parse_ledger, read_ledger

SAMPLE = """\
permissions: [DEV-02]
closed by AWS: [{service: Debugger, since: "2026-07-30", instead: Own checks., clauses: [CI-01]}]
areas:
  DEV:
    title: development
    requirements:
      DEV-01: Pipelines are started by CI.
      DEV-02: People observe.
      DEV-03: {a: There is no way out., b: A rule refuses one.}
  CI:
    title: build/train
    requirements:
      CI-01: A push starts it.
"""
SHOWN = Standing(parse_ledger(SAMPLE), {"DEV-02": Level.PERMISSION, "DEV-03.a": Level.RUN})


def declared(*ids):
    return frozenset(Cited(id_, Level.DECLARED) for id_ in ids)


def test_ids_are_read_from_marks_of_functions_modules_and_parameters():
    source = """
pytestmark = pytest.mark.requirement("DEV-01")

@pytest.mark.requirement("DEV-02", "DEV-03")
def test_it(): ...

CASE = pytest.param(1, marks=pytest.mark.requirement("CI-01"))
"""
    assert cited_in(source, "tests/test_it.py") == declared("DEV-01", "DEV-02", "DEV-03", "CI-01")


def test_the_folder_of_a_test_or_its_mark_gives_the_level():
    source = (
        "@pytest.mark.requirement('DEV-01', level='permission')\n@pytest.mark.requirement('DEV-02')\ndef test_it(): ..."
    )
    levels = {Cited("DEV-01", Level.PERMISSION), Cited("DEV-02", Level.RUN)}
    assert cited_in(source, "tests/engine/test_it.py") == levels


@pytest.mark.parametrize("mark", ["skip", "xfail(reason='slow')"])
def test_a_test_that_is_skipped_or_expected_to_fail_cites_nothing(mark):
    source = f"@pytest.mark.{mark}\n@pytest.mark.requirement('DEV-01')\ndef test_it(): ..."
    assert cited_in(source, "tests/test_it.py") == frozenset()


@pytest.mark.parametrize("arguments", ["*ids", "'DEV-01', level=some"])
def test_a_citation_that_the_source_does_not_contain_is_refused(arguments):
    with pytest.raises(UnreadableCitationError, match=r"test_it\.py:1"):
        cited_in(f"mark = pytest.mark.requirement({arguments})", "tests/test_it.py")


def test_ids_that_come_from_data_are_counted():
    for name in CITED_BY_DATA:
        found, data = cited_in((ROOT / name).read_text(encoding="utf-8"), name), CITED_BY_DATA[name]()
        assert data
        assert data <= {citation.clause for citation in found}


def test_every_citation_is_a_clause_of_the_ledger():
    assert {citation.clause for citation in cited()} <= read_ledger(ROOT / LEDGER).clauses.keys()


def test_cells_of_the_access_matrix_show_permissions():
    name = "tests/access/test_matrix.py"
    found = cited_in((ROOT / name).read_text(encoding="utf-8"), name)
    assert {citation.level for citation in found} == {Level.PERMISSION}
    assert Cited("DEV-06", Level.PERMISSION) in found


def test_the_table_counts_requirements_and_clauses_and_names_what_is_left():
    assert table(SHOWN).splitlines()[2:] == [
        "| [Development](requirements.md#dev-development) | 1 of 3 | 1 | 0 | 1 | 2 | 0 | DEV-01, DEV-03 |",
        "| [Build/train](requirements.md#ci-buildtrain) | 0 of 1 | 0 | 0 | 0 | 0 | 1 | all of CI |",
        "| **All** | **1 of 4** | 1 | 0 | 1 | 2 | 1 |  |",
    ]


def test_the_list_has_a_row_for_each_clause_with_its_level_and_what_aws_closed():
    assert requirements_list(SHOWN).splitlines() == [
        "## DEV: development",
        "",
        "| id | requirement | shown |",
        "|---|---|---|",
        "| DEV-01 | Pipelines are started by CI. | open |",
        "| DEV-02 | People observe. | permission only |",
        "| DEV-03.a | There is no way out. | run |",
        "| DEV-03.b | A rule refuses one. | open |",
        "",
        "## CI: build/train",
        "",
        "| id | requirement | shown |",
        "|---|---|---|",
        "| CI-01 | A push starts it. | closed; AWS closed Debugger to new customers on 2026-07-30. Own checks. |",
    ]


def test_the_generated_parts_of_the_pages_are_current():
    expected = pages()
    assert expected.keys() == {PAGE, LIST}
    for page, text in expected.items():
        assert "| DEV-06 |" in text or "| **All** | **" in text
        assert page.read_text(encoding="utf-8") == text, "run `make reference`"
