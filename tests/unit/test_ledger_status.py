"""The README's table of requirements follows from the ledger and from the citations in the tests."""

import pytest

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
from tests.support.requirements import LEDGER, read_ledger

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
    assert cited_in(source, "tests/test_it.py") == {"DEV-01", "DEV-02", "DEV-03", "CI-01"}


@pytest.mark.parametrize("mark", ["skip", "xfail(reason='slow')"])
def test_a_test_that_is_skipped_or_expected_to_fail_cites_nothing(mark):
    source = f"@pytest.mark.{mark}\n@pytest.mark.requirement('DEV-01')\ndef test_it(): ..."
    assert cited_in(source, "tests/test_it.py") == set()


def test_a_citation_that_the_source_does_not_contain_is_refused():
    with pytest.raises(UnreadableCitationError, match=r"test_it\.py:1"):
        cited_in("mark = pytest.mark.requirement(*ids)", "tests/test_it.py")


def test_ids_that_come_from_data_are_counted():
    for name in CITED_BY_DATA:
        ids = cited_in((ROOT / name).read_text(encoding="utf-8"), name)
        assert ids >= CITED_BY_DATA[name]() > set()


def test_every_cited_id_is_in_the_ledger():
    assert cited() <= read_ledger(ROOT / LEDGER).keys()


def test_the_table_counts_what_is_shown_and_names_what_is_not():
    assert table(SECTIONS, {"DEV-03"}).splitlines()[2:] == [
        "| [Development](docs/requirements.md#dev-development) | 1 of 4 | DEV-01 to 02, DEV-04 |",
        "| [Build/train pipeline](docs/requirements.md#ci-buildtrain-pipeline) | 0 of 1 | all of CI |",
        "| **All** | **1 of 5** | |",
    ]


def test_the_table_in_the_readme_is_current():
    page = PAGE.read_text(encoding="utf-8")
    assert "| **All** | **" in page
    assert renewed(page) == page, "run `make reference`"
