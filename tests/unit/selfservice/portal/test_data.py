"""The data catalogue: everybody who has signed in sees who can read what, and why."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml

from tests.unit.selfservice.portal.conftest import People

HOSTILE = "<script>alert(1)</script>\N{RIGHT-TO-LEFT OVERRIDE}"


def change_dataset(project: Path, name: str, **changes: object) -> None:
    file = project / "environments" / f"Pulumi.data-lake--{name}.yaml"
    settings = yaml.safe_load(file.read_text())
    settings["config"]["plinth:dataset"].update(changes)
    file.write_text(yaml.safe_dump(settings))


def test_datasets_are_listed_and_found_by_words_for_people_without_the_platform_role(
    people: People, reads: list[str]
) -> None:
    browser = people.signed_in("dana")
    reads.clear()
    everything = browser.get("/data").text
    for text in ("card-payments", "card-activity", "features", "curated", "confidential", "fraud-production"):
        assert text in everything
    found = browser.get("/data?find=HOLDER fraud").text
    assert "1 of 5 datasets and feature groups" in found
    assert "plinth data search HOLDER fraud" in found
    assert "column holder" in found
    assert "contains all these words" in browser.get("/data?find=unobtainium").text
    assert browser.get("/data/card-payments").status_code == 200
    assert reads == []


def test_a_dataset_says_who_reads_which_columns_by_which_grant(people: People) -> None:
    page = people.signed_in("dana").get("/data/card-payments").text
    for text in (
        "cards-data@acme.example",
        "card_number",
        "restricted",
        "fraud-development",
        "lake_inference.card_payments",
        "team-fraud=dev+preprod+prod",
        "fraud-development-exec",
        "use case fraud--scoring",
        "plinth data show card-payments",
        "plinth data freshness card-payments",
    ):
        assert text in page, text
    rows = people.signed_in("dana").get("/data/contracts").text
    assert "months &gt;= 12" in rows
    assert "the filter anonymised" in rows


def test_features_objects_and_returns_are_shown_as_what_they_are(people: People) -> None:
    browser = people.signed_in("dana")
    features = browser.get("/data/card-activity").text
    assert "by the jobs of card-payments" in features
    assert "sagemaker:GetRecord" in features
    objects = browser.get("/data/forms").text
    assert "A folder of objects has no columns." in objects
    assert "all objects" in objects
    assert "fraud-production returns results to" in browser.get("/data/fraud-scores").text


def test_a_dataset_that_nobody_reads_says_so(people: People, project: Path) -> None:
    change_dataset(project, "forms", shared_with={})
    browser = people.signed_in("dana")
    page = browser.get("/data/forms").text
    assert "Nobody reads it." in page
    assert "<td>nobody</td>" in browser.get("/data").text


def test_the_lineage_is_a_picture_and_a_table_that_says_the_same(people: People) -> None:
    page = people.signed_in("dana").get("/data/card-payments").text
    assert page.count("<rect") == 7
    assert page.count('class="need"') == 8
    table = page.partition('aria-label="Table: lineage"')[2].partition("</table>")[0]
    assert table.count("<tr>") == 8
    assert "<td>dataset card-payments</td><td>job of card-payments</td>" in table


def test_an_unknown_name_is_told_with_the_known_ones(people: People) -> None:
    browser = people.signed_in("dana")
    for path in ("/data/moon", "/data/moon/access?team=fraud&environment=development"):
        answer = browser.get(path)
        assert answer.status_code == 404, path
        assert "there is no dataset or feature group moon; there are: card-activity" in answer.text


@pytest.mark.threat("T-11")
def test_hostile_texts_of_settings_and_addresses_are_shown_harmlessly(people: People, project: Path) -> None:
    change_dataset(project, "forms", description=HOSTILE)
    browser = people.signed_in("dana")
    for path in ("/data/forms", f"/data?find={HOSTILE}", f"/data/{HOSTILE.replace('/', '')}"):
        page = browser.get(path).text
        assert "<script>alert" not in page, path
        assert "&lt;script&gt;alert" in page, path
        assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in page, path


def test_the_platform_team_gets_a_filled_form_and_others_the_text_of_what_to_ask(people: People) -> None:
    dana, ada = people.signed_in("dana"), people.signed_in("ada")
    page = dana.get("/data/forms").text
    assert "Ask sales-data@acme.example, who owns the data" in page
    assert "/data/forms/access" not in page
    assert 'action="/data/forms/access"' in ada.get("/data/forms").text
    answer = ada.get("/data/forms/access?team=churn&environment=production")
    assert answer.status_code == 303
    address = urlsplit(answer.headers["location"])
    assert address.path == "/requests/new/change"
    assert parse_qs(address.query) == {
        "team": ["churn"],
        "data": ["forms: [experimentation, development, production]"],
    }
    form = ada.get(answer.headers["location"]).text
    assert "forms: [experimentation, development, production]</textarea>" in form
    for query in ("team=moon&environment=development", "team=churn&environment=moon", ""):
        assert ada.get(f"/data/forms/access?{query}").status_code == 400, query


def test_settings_that_are_not_valid_are_told(people: People, project: Path) -> None:
    browser = people.signed_in("dana")
    change_dataset(project, "forms", classification="secret")
    answer = browser.get("/data")
    assert answer.status_code == 503
    assert "The settings are not valid" in answer.text
    assert "classification" in answer.text
