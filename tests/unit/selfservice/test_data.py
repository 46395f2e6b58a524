import json

import pytest
from click.testing import CliRunner

from selfservice.command import main
from selfservice.data import readings
from settings.loader import load
from tests.support.workbench import REPOSITORY


def said(*words):
    result = CliRunner().invoke(main, ["--cwd", str(REPOSITORY), "data", *words])
    assert result.exit_code == 0, result.output
    return result.output


def read_by(dataset):
    foundation = load(REPOSITORY)
    return {(r.part, f"{r.team}-{r.environment}"): r for r in readings(foundation, foundation.datasets[dataset])}


@pytest.mark.requirement("DL-07")
def test_experiments_read_the_anonymised_columns_and_are_found_by_exposure():
    reading = read_by("card-payments")["historical", "fraud-experimentation"]
    assert "card_number" not in reading.columns
    assert reading.tags == {"team-fraud": "exp+dev", "exposure": "anonymised"}
    assert "exposure in (anonymised, approved)" in reading.grant


def test_what_is_read_and_why_is_said_of_a_dataset():
    answer = said("show", "card-payments")
    assert "fraud-development reads card-payments (inference) as lake_inference.card_payments" in answer
    assert "card_number  string" in answer
    assert "tags     team-fraud=dev+preprod+prod" in answer


def test_rows_that_are_left_out_are_said_with_the_filter():
    reading = read_by("contracts")["historical", "churn-experimentation"]
    assert (reading.rows, reading.grant, reading.tags) == ("months >= 12", "the filter anonymised", {})


def test_a_list_has_a_line_for_each_dataset_and_says_who_reads_it():
    head, *lines = said("list").splitlines()
    assert head.startswith("dataset")
    assert [line.split()[0] for line in lines] == ["card-payments", "contracts"]
    assert "fraud-production" in lines[0]


def test_grants_are_those_of_the_team_that_is_asked_for():
    found = json.loads(said("grants", "--team", "churn", "--json"))["readings"]
    assert {reading["team"] for reading in found} == {"churn"}
    assert {reading["dataset"] for reading in found} == {"card-payments", "contracts"}


def test_a_document_has_the_columns_with_everybody_who_reads():
    (dataset,) = json.loads(said("show", "contracts", "--json"))["datasets"]
    assert [column["name"] for column in dataset["columns"]][:2] == ["contract", "customer"]
    assert {reading["environment"] for reading in dataset["readings"]} == {"experimentation", "development"}


@pytest.mark.parametrize("words", [("show", "card-paymnets"), ("grants", "--team", "fruad")])
def test_what_is_not_there_is_wrong_input_with_what_there_is(words):
    result = CliRunner().invoke(main, ["--cwd", str(REPOSITORY), "data", *words])
    assert result.exit_code == 2
    assert "card-payments" in result.output or "fraud" in result.output
