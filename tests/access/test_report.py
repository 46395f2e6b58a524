"""What `make access` prints, and the table of the guide."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from tests.access.__main__ import main
from tests.access.document import GUIDE, renewed
from tests.access.judgement import judge
from tests.access.report import complaint, summary
from tests.access.table import Table, all_cells, cells
from tests.access.world import example_world

WRONG = {
    "groups": {},
    "requests": {},
    "resources": {"key": "{key_arn}"},
    "rules": [
        {
            "what": "decrypt",
            "because": "Nobody decrypts without the service.",
            "at": ["fraud-development"],
            "do": ["kms:Decrypt"],
            "to": "key",
            "allowed": ["pipeline"],
        }
    ],
}


@pytest.mark.requirement("PER-01")
def test_the_guide_has_the_table_as_it_is():
    text = GUIDE.read_text(encoding="utf-8")
    assert renewed(text) == text, "run `make reference`"


def test_a_cell_that_is_not_as_expected_is_printed_with_what_decided_it():
    (cell,) = cells(Table.model_validate(WRONG))
    judgement = judge(example_world(), cell)
    assert complaint(judgement) == (
        "pipeline kms:Decrypt key in fraud-development: should be allowed: Nobody decrypts without the service.\n"
        "    as fraud-development-pipeline from the network: no Allow in resource policy fraud-development/key"
    )
    assert "1 cells (+ allowed, - denied): 1 not as expected" in list(summary([judgement]))


def test_an_actors_cells_are_printed_with_what_decided_each():
    result = CliRunner().invoke(main, ["--actor", "observer"])
    (seen,) = (line for line in result.output.splitlines() if "sagemaker:ListTags job in fraud-development" in line)
    assert seen.endswith("allowed by identity policy fraud-development-observer/permissions, SeeWork")
    count = sum(cell.actor == "observer" for cell in all_cells())
    assert f"{count} cells (+ allowed, - denied): all as expected" in result.output
    assert result.exit_code == 0


def test_an_actor_who_is_not_in_the_table_is_refused():
    result = CliRunner().invoke(main, ["--actor", "nobody"])
    assert result.exit_code == 2
    assert "the table has no nobody" in result.output


@pytest.mark.parametrize("fault", [{"what": 1}, {"denies": ["x"]}, {"from": "home"}])
def test_a_rule_that_the_table_does_not_know_is_refused(fault):
    with pytest.raises(ValueError, match="validation error"):
        Table.model_validate({**WRONG, "rules": [{**WRONG["rules"][0], **fault}]})
