import json

import pytest
from click.testing import CliRunner

from selfservice.cli.command import main
from selfservice.reports.data import as_json, dataset_as_text, readings
from selfservice.reports.pushed_data import pushes
from settings.data.dataset import Dataset
from settings.files.loader import load
from tests.support.every_stack import MADE, example_foundation
from tests.support.workbench import REPOSITORY
from tests.unit.selfservice.reports.data_command import said


def read_by(dataset):
    foundation = load(REPOSITORY)
    return {(r.part, f"{r.team}-{r.environment}"): r for r in readings(foundation, foundation.datasets[dataset])}


@pytest.mark.requirement("DL-07.a")
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


def test_a_list_has_a_line_for_each_dataset_and_group_of_features_and_says_who_reads_it():
    head, *lines = said("list").splitlines()
    assert head.startswith("dataset")
    assert [line.split()[0] for line in lines] == [
        "card-payments",
        "contracts",
        "forms",
        "fraud-scores",
        "card-activity",
    ]
    assert "fraud-production" in lines[0]


def test_grants_can_be_limited_to_one_team():
    found = json.loads(said("grants", "--team", "churn", "--json"))["readings"]
    assert {reading["team"] for reading in found} == {"churn"}
    assert {reading["dataset"] for reading in found} == {
        "card-payments",
        "contracts",
        "forms",
        "fraud-scores",
        "card-activity",
    }


def test_a_document_has_the_columns_with_everybody_who_reads():
    (dataset,) = json.loads(said("show", "contracts", "--json"))["datasets"]
    assert [column["name"] for column in dataset["columns"]][:2] == ["contract", "customer"]
    assert {reading["environment"] for reading in dataset["readings"]} == {"experimentation", "development"}


@pytest.mark.requirement("FS-04.a")
def test_a_team_that_did_not_make_features_sees_which_it_reads_and_why():
    found = json.loads(said("grants", "--team", "churn", "--json"))["readings"]
    by_store = {r["part"]: r for r in found if r["dataset"] == "card-activity"}
    assert by_store["offline"]["table"] == "lake_features.card_activity"
    assert by_store["offline"]["tags"] == {"team-churn": "dev"}
    assert "features-card-activity-read with the account churn-development" in by_store["online"]["grant"]


def test_experiments_read_anonymised_features_offline_and_none_online():
    answer = said("show", "card-activity")
    features = {line.split()[0]: line for line in answer.splitlines() if line}
    assert "fraud-experimentation" not in features["card"]
    assert "fraud-experimentation" in features["payments_1h"]
    assert "filled by the job of card-payments, fraud-production" in answer
    assert "fraud-experimentation reads card-activity (online)" not in answer


def test_a_document_of_a_group_has_its_features_with_everybody_who_reads():
    (group,) = json.loads(said("show", "card-activity", "--json"))["feature_groups"]
    assert [feature["name"] for feature in group["features"]][:2] == ["card", "observed_at"]
    assert {reading["part"] for reading in group["readings"]} == {"offline", "online"}


@pytest.mark.parametrize("words", [("show", "card-paymnets"), ("grants", "--team", "fruad")])
def test_an_unknown_name_exits_with_bad_input_and_lists_the_known_names(words):
    result = CliRunner().invoke(main, ["--cwd", str(REPOSITORY), "data", *words])
    assert result.exit_code == 2
    assert "card-payments" in result.output or "fraud" in result.output


@pytest.mark.requirement("DL-09.d")
def test_an_object_dataset_shows_its_access_point_and_policies():
    reading = read_by("forms")["historical", "churn-experimentation"]
    assert (reading.table, reading.tags) == ("churn--forms/forms/historical/", {})
    assert "churn-experimentation-studio-chloe" in reading.roles
    answer = said("show", "forms")
    assert "a folder of objects" in answer
    assert "grant    the policies of the access point churn--forms, of its bucket and of its key" in answer


def test_returned_results_are_shown_with_folder_and_access_point():
    answer = said("show", "fraud-scores")
    there = "fraud--fraud-scores--drop/results/fraud-scores/fraud/production/"
    assert f"fraud-production returns fraud-scores to {there}\n  roles    fraud-production-execution\n" in answer
    (scores,) = [line for line in said("list").splitlines() if line.startswith("fraud-scores")]
    assert scores.split("churn-development")[1].strip() == "fraud-preproduction, fraud-production"


def test_grants_of_a_team_have_what_it_returns_and_others_have_none_of_it():
    found = json.loads(said("grants", "--team", "fraud", "--json"))["returns"]
    assert [return_["environment"] for return_ in found] == ["preproduction", "production"]
    assert "returns fraud-scores" in said("grants", "--team", "fraud")
    assert " returns " not in said("grants", "--team", "churn")
    (document,) = json.loads(said("show", "fraud-scores", "--json"))["datasets"]
    assert [return_["folder"] for return_ in document["returns"]] == [return_["folder"] for return_ in found]


def test_where_a_dataset_is_pushed_is_said_with_the_role_and_is_nowhere_by_default():
    assert "is pushed" not in said("grants")
    shared = {"fraud": ("development", "production")}
    cards = Dataset.model_validate({**MADE.model_dump(), "shared_with": shared, "pushed_to": shared})
    foundation = example_foundation(datasets=[cards])
    assert [(push.environment, push.role, push.folders) for push in pushes(foundation, [cards])] == [
        ("development", "data-lake-etl-cards", ("pushed/cards/historical/", "pushed/cards/inference/")),
        ("production", "data-lake-etl-cards", ("pushed/cards/inference/",)),
    ]
    answer = dataset_as_text(foundation, cards)
    assert "fraud-production is pushed cards to pushed/cards/inference/ of its ML bucket\n  role" in answer
    (document,) = json.loads(as_json(foundation, [cards]))["datasets"]
    assert [push["account"] for push in document["pushes"]] == ["fraud-development", "fraud-production"]
