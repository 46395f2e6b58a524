"""The output of `make access`, and the tables of the guide."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from tests.access.__main__ import main
from tests.access.cell_results import evaluate
from tests.access.document import GUIDE, renewed
from tests.access.report import describe_mismatch, differences_table, summary
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
            "because": "Only services decrypt.",
            "at": ["fraud-development"],
            "do": ["kms:Decrypt"],
            "to": "key",
            "allowed": ["pipeline"],
        }
    ],
}


@pytest.mark.requirement("PER-01.b", level="run")
def test_the_guide_has_the_current_tables():
    text = GUIDE.read_text(encoding="utf-8")
    assert renewed(text) == text, "run `make reference`"


def test_a_mismatch_is_printed_with_the_statement_that_decided_it():
    (cell,) = cells(Table.model_validate(WRONG))
    result = evaluate(cell)
    assert describe_mismatch(result) == (
        "large: pipeline kms:Decrypt key in fraud-development: should be allowed: "
        "Only services decrypt.\n"
        "    as fraud-development-pipeline from the network: no Allow in resource policy fraud-development/key"
    )
    assert "1 cells: 1 not as expected" in list(summary([result]))


def test_the_cells_of_an_actor_are_printed_with_the_statements_that_decided_them():
    result = CliRunner().invoke(main, ["--actor", "pipeline", "--variant", "large"])
    (seen,) = (line for line in result.output.splitlines() if "sagemaker:ListTags job in fraud-development" in line)
    assert seen.endswith("allowed by identity policy fraud-development-pipeline/permissions, SeeLists")
    count = sum((cell.actor, cell.variant) == ("pipeline", "large") for cell in all_cells())
    assert f"{count} cells: all as expected" in result.output
    assert result.exit_code == 0


@pytest.mark.parametrize("option", ["--actor", "--variant"])
def test_an_unknown_actor_or_variant_is_refused(option):
    result = CliRunner().invoke(main, [option, "nobody"])
    assert result.exit_code == 2
    assert "the matrix has no nobody" in result.output


def test_the_command_exits_with_1_on_a_mismatch(monkeypatch):
    wrong = tuple(cells(Table.model_validate(WRONG)))
    monkeypatch.setattr("tests.access.__main__.all_cells", lambda: wrong)
    result = CliRunner().invoke(main)
    assert result.exit_code == 1
    assert "large: pipeline kms:Decrypt key in fraud-development: should be allowed" in result.output


def test_the_exceptions_of_a_variant_are_listed_with_their_reasons():
    exception = {"in": ["medium"], "who": ["pipeline"], "because": "The variant denies it."}
    table = Table.model_validate(
        {**WRONG, "variants": {"large": {}, "medium": {}}, "rules": [{**WRONG["rules"][0], "otherwise": [exception]}]}
    )
    large, medium = cells(table)
    assert (large.expected, medium.expected) == ("allowed", "denied")
    assert differences_table(table).splitlines()[2:] == [
        "| medium | pipeline | development | cannot decrypt | The variant denies it. |"
    ]


@pytest.mark.parametrize("fault", [{"what": 1}, {"denies": ["x"]}, {"from": "home"}])
def test_an_invalid_rule_is_refused(fault):
    with pytest.raises(ValueError, match="validation error"):
        Table.model_validate({**WRONG, "rules": [{**WRONG["rules"][0], **fault}]})
