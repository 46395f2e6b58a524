"""The lake is searched by what is said of it, and asked how fresh it is."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner

from selfservice.cli.command import main
from selfservice.engine.import_discovery import Search
from selfservice.errors import RefusedError
from selfservice.reports import freshness
from settings.files.loader import load
from tests.support.workbench import REPOSITORY
from tests.unit.selfservice.reports.data_command import said


def found(*words: str) -> dict[str, list[str]]:
    return {match["name"]: match["found_in"] for match in json.loads(said("search", *words, "--json"))["matches"]}


@pytest.mark.requirement("DL-14.a")
@pytest.mark.parametrize(
    ("word", "name", "place"),
    [
        ("Contracts", "contracts", "name"),
        ("WHETHER they were kept", "contracts", "description"),
        ("sales-data@", "contracts", "owner"),
        ("confidential", "card-payments", "class"),
        ("merchant", "card-payments", "column merchant"),
        ("bank decided", "card-payments", "column fraudulent"),
        ("restricted", "card-payments", "column card_number"),
        ("personal", "contracts", "column customer"),
        ("daily-cards", "card-payments", "uses"),
        ("production for scoring", "card-payments", "uses"),
        ("results/fraud-scores", "fraud-scores", "sources"),
        ("card-activity", "card-payments", "features that it fills"),
        ("spent_24h", "card-activity", "feature spent_24h"),
        ("card-payments", "card-activity", "filled by"),
        ("churn", "contracts", "readers"),
    ],
)
def test_a_word_is_found_wherever_it_is_said(word: str, name: str, place: str) -> None:
    assert place in found(word)[name]


def test_all_words_have_to_be_said_and_places_are_named_once() -> None:
    assert "card-payments" in found("card", "merchant")
    assert found("merchant", "months") == {}
    places = found("payment")["card-payments"]
    assert len(places) == len(set(places))


def test_what_is_found_is_said_with_its_owner_and_where_the_words_are() -> None:
    assert said("search", "merchant").splitlines() == [
        "card-payments (table, cards-data@acme.example): Payments with cards, one row each, with what was found out "
        "about them later",
        "  said in  column merchant",
    ]
    assert said("search", "whales", "merchant") == "Nothing in the lake says whales and merchant.\n"


def test_a_dataset_is_shown_with_what_it_is_made_of_and_what_stands_on_it() -> None:
    lines = said("show", "card-payments").splitlines()
    assert lines[2:6] == [
        "made of cards",
        "made anew when something lands",
        "fills the features card-activity",
        "used in fraud-development for scoring by intake card-history (historical)",
    ]
    (document,) = json.loads(said("show", "card-payments", "--json"))["datasets"]
    assert document["provenance"]["sources"] == ["cards"]
    assert "filled by the job of card-payments, fraud-production" in said("show", "card-activity")


class Lake:
    """An account whose job ran as it says."""

    id = "111111111111"

    def __init__(self, *runs: tuple[int, str]) -> None:
        self._runs = [
            {
                "StartedOn": datetime(2026, 11, day, 3, tzinfo=UTC),
                "CompletedOn": datetime(2026, 11, day, 4, tzinfo=UTC),
                "JobRunState": state,
            }
            for day, state in runs
        ]

    def every(self, service: str, operation: str, key: str, **arguments: str) -> list[dict[str, Any]]:
        assert (service, operation, key, arguments) == ("glue", "get_job_runs", "JobRuns", {"JobName": "lake-cards"})
        return self._runs


class Closed(Lake):
    def every(self, *_: str, **arguments: str) -> list[dict[str, Any]]:
        raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "GetJobRuns")


def asked(monkeypatch: pytest.MonkeyPatch, lake: Lake, *types: str) -> freshness.Freshness:
    dataset = load(REPOSITORY).datasets["card-payments"]
    resources = [{"type": type_, "id": "lake-cards"} for type_ in types]
    monkeypatch.setattr(freshness, "resources_by_stack", lambda _, stacks: {stacks[0]: resources})
    monkeypatch.setattr(Search, "account_of", lambda *_: lake)
    project: Any = None
    (answer,) = freshness.freshness_of(project, [dataset])
    return answer


@pytest.mark.parametrize(
    ("runs", "told"),
    [
        ([], "card-payments: never made yet by lake-cards; made anew when something lands"),
        ([(20, "FAILED")], "card-payments: never made yet by lake-cards, newest run FAILED; made anew when "
         "something lands"),
        ([(18, "SUCCEEDED"), (20, "SUCCEEDED"), (19, "FAILED")],
         "card-payments: last made 2026-11-20 04:00 UTC by lake-cards; made anew when something lands"),
        ([(20, "SUCCEEDED"), (21, "RUNNING")],
         "card-payments: last made 2026-11-20 04:00 UTC by lake-cards, newest run RUNNING; made anew when something "
         "lands"),
    ],
    ids=["no run", "a failure", "several runs", "a run that goes on"],
)  # fmt: skip
def test_the_newest_run_that_succeeded_is_when_it_was_made(
    monkeypatch: pytest.MonkeyPatch, runs: list[tuple[int, str]], told: str
) -> None:
    assert freshness.as_text([asked(monkeypatch, Lake(*runs), freshness.JOB)]) == told


def test_what_no_job_of_the_lake_makes_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = asked(monkeypatch, Lake(), "aws:glue/catalogTable:CatalogTable")
    assert freshness.as_text([answer]) == (
        "card-payments: made when something lands; no job of the lake that is up makes it"
    )
    assert json.loads(freshness.as_json([answer]))["datasets"][0]["last_made"] is None


def test_an_account_that_does_not_answer_is_named_with_what_it_would_take(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RefusedError, match=r"111111111111 answered AccessDeniedException: .* may glue:GetJobRuns"):
        asked(monkeypatch, Closed(), freshness.JOB)


def test_a_dataset_that_is_not_there_is_refused_with_those_that_are() -> None:
    result = CliRunner().invoke(main, ["--cwd", str(REPOSITORY), "data", "freshness", "whales"])
    assert result.exit_code == 2
    assert "there is no dataset whales; there are: card-payments, contracts" in result.output
