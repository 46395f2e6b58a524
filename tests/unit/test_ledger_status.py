"""The README's table of requirements follows from the ledger and from the citations in the tests."""

import pytest

from tests.access.table import matrix
from tests.support.docs.ledger_status import (
    CITED_BY_DATA,
    PAGE,
    ROOT,
    UnreadableCitationError,
    cited,
    cited_in,
    renewed,
    table,
)
from tests.support.requirements import LEDGER, Cited, read_ledger

SECTIONS = """\
## DEV: development

| DEV-01 | Pipelines are started by CI. |
| DEV-02 | People observe. |
| DEV-03 | There is no way out. |
| DEV-04 | Jobs read data. |

## CI: build/train pipeline

| CI-01 | A push starts the pipeline. |
"""


def test_ids_are_read_from_marks_of_functions_modules_and_parameters():
    source = """
pytestmark = pytest.mark.requirement("DEV-01")

@pytest.mark.requirement("DEV-02", "DEV-03")
def test_it(): ...

CASE = pytest.param(1, marks=pytest.mark.requirement("CI-01"))
"""
    assert cited_in(source, "tests/test_it.py") == Cited(frozenset({"DEV-01", "DEV-02", "DEV-03", "CI-01"}))


def test_a_mark_says_that_a_test_shows_permissions_only():
    source = (
        "@pytest.mark.requirement('DEV-01', permissions=True)\n@pytest.mark.requirement('DEV-02')\ndef test_it(): ..."
    )
    assert cited_in(source, "tests/test_it.py") == Cited(frozenset({"DEV-02"}), frozenset({"DEV-01"}))


@pytest.mark.parametrize("mark", ["skip", "xfail(reason='slow')"])
def test_a_test_that_is_skipped_or_expected_to_fail_cites_nothing(mark):
    source = f"@pytest.mark.{mark}\n@pytest.mark.requirement('DEV-01')\ndef test_it(): ..."
    assert cited_in(source, "tests/test_it.py") == Cited()


@pytest.mark.parametrize("arguments", ["*ids", "'DEV-01', permissions=some"])
def test_a_citation_that_the_source_does_not_contain_is_refused(arguments):
    with pytest.raises(UnreadableCitationError, match=r"test_it\.py:1"):
        cited_in(f"mark = pytest.mark.requirement({arguments})", "tests/test_it.py")


def test_ids_that_come_from_data_are_counted():
    for name in CITED_BY_DATA:
        found, data = cited_in((ROOT / name).read_text(encoding="utf-8"), name), CITED_BY_DATA[name]()
        assert found | data == found
        assert data != Cited()


def test_every_cited_id_is_in_the_ledger():
    assert cited().behaviour | cited().permissions <= read_ledger(ROOT / LEDGER).keys()


def test_cells_of_the_access_matrix_show_permissions_only_unless_a_requirement_says_nothing_else():
    found = CITED_BY_DATA["tests/access/test_matrix.py"]()
    assert found.behaviour == matrix().decided_by_policies.keys() > set()
    assert {"DEV-05", "PROD-03", "PER-14"} <= found.permissions


def test_the_table_counts_what_is_shown_and_names_what_is_not():
    cited_ids = Cited(behaviour=frozenset({"DEV-03"}), permissions=frozenset({"DEV-03", "DEV-04"}))
    assert table(SECTIONS, cited_ids).splitlines()[2:] == [
        "| [Development](docs/requirements.md#dev-development) | 1 of 4 | DEV-04 | DEV-01 to 02 |",
        "| [Build/train pipeline](docs/requirements.md#ci-buildtrain-pipeline) | 0 of 1 |  | all of CI |",
        "| **All** | **1 of 5** | **1** | **3** |",
    ]


def test_the_table_in_the_readme_is_current():
    page = PAGE.read_text(encoding="utf-8")
    assert "| **All** | **" in page
    assert renewed(page) == page, "run `make reference`"
