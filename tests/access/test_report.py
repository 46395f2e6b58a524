"""What `make access` prints, and the table of the guide."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from tests.access.__main__ import main
from tests.access.document import GUIDE, renewed
from tests.access.judgement import judge
from tests.access.report import complaint, differences, summary
from tests.access.table import Table, all_cells, cells

WRONG = {
    "variants": {"large": {}},
    "decided elsewhere": {},
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
    judgement = judge(cell)
    assert complaint(judgement) == (
        "large: pipeline kms:Decrypt key in fraud-development: should be allowed: "
        "Nobody decrypts without the service.\n"
        "    as fraud-development-pipeline from the network: no Allow in resource policy fraud-development/key"
    )
    assert "1 cells: 1 not as expected" in list(summary([judgement]))


def test_an_actors_cells_are_printed_with_what_decided_each():
    result = CliRunner().invoke(main, ["--actor", "pipeline", "--variant", "large"])
    (seen,) = (line for line in result.output.splitlines() if "sagemaker:ListTags job in fraud-development" in line)
    assert seen.endswith("allowed by identity policy fraud-development-pipeline/permissions, SeeWork")
    count = sum((cell.actor, cell.variant) == ("pipeline", "large") for cell in all_cells())
    assert f"{count} cells: all as expected" in result.output
    assert result.exit_code == 0


@pytest.mark.parametrize("option", ["--actor", "--variant"])
def test_what_is_not_in_the_table_is_refused(option):
    result = CliRunner().invoke(main, [option, "nobody"])
    assert result.exit_code == 2
    assert "the table has no nobody" in result.output


def test_a_cell_that_is_not_as_the_table_says_ends_the_command_with_1(monkeypatch):
    wrong = tuple(cells(Table.model_validate(WRONG)))
    monkeypatch.setattr("tests.access.__main__.all_cells", lambda: wrong)
    result = CliRunner().invoke(main)
    assert result.exit_code == 1
    assert "large: pipeline kms:Decrypt key in fraud-development: should be allowed" in result.output


def test_what_comes_out_the_other_way_in_a_variant_is_said_with_its_reason():
    exception = {"in": ["medium"], "who": ["pipeline"], "because": "There it may not."}
    table = Table.model_validate(
        {**WRONG, "variants": {"large": {}, "medium": {}}, "rules": [{**WRONG["rules"][0], "otherwise": [exception]}]}
    )
    large, medium = cells(table)
    assert (large.expected, medium.expected) == ("allowed", "denied")
    assert differences(table).splitlines()[2:] == [
        "| medium | pipeline | development | cannot decrypt | There it may not. |"
    ]


@pytest.mark.parametrize("fault", [{"what": 1}, {"denies": ["x"]}, {"from": "home"}])
def test_a_rule_that_the_table_does_not_know_is_refused(fault):
    with pytest.raises(ValueError, match="validation error"):
        Table.model_validate({**WRONG, "rules": [{**WRONG["rules"][0], **fault}]})
