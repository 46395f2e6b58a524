"""Lead data scientists request use cases, and see what becomes of their requests."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from selfservice.people import directory_access
from selfservice.request_tables.runner_process import RunnerProcess
from selfservice.requests.reading.people_lookup import LookUpError
from selfservice.requests.record import OpenRequest, Result, State
from selfservice.requests.request_table import RequestTable
from settings.data.request_layout import OPEN, PARTITION, QUEUE, SORT, TABLE, requester_partition
from tests.support.emulated_table import create_table
from tests.unit.selfservice.portal.conftest import People
from tests.unit.selfservice.portal.delivery_site import Delivery

FORM, OWN = "/use-cases/new", "/use-cases/requests"
ID = "20261129T120000Z-0000000a"
FIELDS = {
    "id": ID,
    "team": "fraud",
    "name": "chargebacks",
    "goal": "finds chargebacks early",
    "template": "tabular",
    "approvers": "- ben\n- chloe",
    "answers": "problem: regression",
    "inference": "",
}
HOSTILE = "<script>alert(1)</script>\N{RIGHT-TO-LEFT OVERRIDE}" + "x" * 10_000
LEAD = "LeadScientist-tooling"


@pytest.fixture
def dynamodb(delivery: Delivery) -> Iterator[Any]:
    """A client of the tooling account, with an empty table of requests."""
    client = delivery.site.aws.client("dynamodb")
    create_table(client, TABLE, (PARTITION, SORT), {OPEN: QUEUE})
    yield client
    client.delete_table(TableName=TABLE)


@pytest.fixture
def table(dynamodb: Any) -> RequestTable:
    return RequestTable(dynamodb)


@pytest.fixture
def unknown(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Names that the directory does not have."""
    missing: set[str] = set()
    monkeypatch.setattr(
        directory_access, "unknown_people", lambda _region, names, _session: missing.intersection(names)
    )
    return missing


def line(log: pytest.LogCaptureFixture) -> Any:
    """Returns the last audit line."""
    return json.loads(log.records[-1].message)


def ended(table: RequestTable, found: OpenRequest, result: Result) -> None:
    """Records a result, as a runner does."""
    now = datetime.now(UTC)
    claim = table.claim(found, RunnerProcess("one.example", 1, "1"), now)
    assert claim is not None
    assert table.finish(claim, result, now)


@pytest.mark.threat("T-09")
def test_a_lead_data_scientist_requests_once_and_sees_what_becomes_of_it(
    delivery: Delivery, table: RequestTable, unknown: set[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="plinth.portal.audit")
    ben = delivery.signed_in("ben")
    for path in ("/", "/use-cases"):
        assert f'href="{FORM}"' in ben.get(path).text, path
        assert f'href="{OWN}"' in ben.get(path).text, path
    page = ben.get(f"{FORM}?team=fraud").text
    assert "<option selected>fraud</option>" in page
    assert "<option>tabular</option>" in page
    assert "plinth usecase request" in page
    checked = ben.send(f"{FORM}/check", FIELDS).text
    assert "complete and fits the settings" in checked
    command = (
        "plinth usecase request --team fraud --name chargebacks --goal &#39;finds chargebacks early&#39; "
        "--approver ben --approver chloe --data problem=regression"
    )
    assert command in checked
    for _ in range(2):
        answer = ben.send(FORM, FIELDS)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{OWN}?team=fraud"), answer.text
    assert (line(caplog)["action"], line(caplog)["subject"]) == ("request-use-case", "fraud--chargebacks")
    (found,) = table.open_requests()
    assert (found.id, found.team, found.user) == (ID, "fraud", "ben")
    content = json.loads(found.text)
    assert (content["name"], content["approvers"]) == ("chargebacks", ["ben", "chloe"])
    assert content["answers"] == {"problem": "regression"}
    other = ben.send(FORM, {**FIELDS, "goal": "another"})
    assert (other.status_code, "another request with the id" in other.text) == (422, True)
    assert '<span class="state pending">' in ben.get(f"{OWN}?team=fraud").text
    ended(table, found, Result(state=State.REFUSED, reason="the quota of projects is used up"))
    own = ben.get(f"{OWN}?team=fraud").text.partition('id="own"')[2]
    assert '<span class="state refused">' in own
    assert "the quota of projects is used up" in own
    assert "plinth requests list --team fraud" in own
    assert 'aria-label="Table: your requests"' in own  # the section around the table has the other name
    colleague = delivery.signed_in("chloe").get(f"{OWN}?team=fraud").text
    assert "You have requested no use case" in colleague
    assert "fraud--chargebacks" in colleague.partition('id="others"')[2]


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"name": "scoring"}, "", "fraud has the use case scoring already"),
        ({"name": "Moon!"}, "name", "name: &#34;Moon!&#34; does not have the form"),
        ({"name": ""}, "name", "name: "),
        ({"team": ""}, "team", "team: "),
        ({"template": "text"}, "", "does not offer the template text; it offers: tabular"),
        ({"answers": "team: x"}, "answers", "answers.team: is about the foundation"),
        ({"answers": "inference: batch"}, "answers", "answers.inference: is a setting of the use case"),
        ({"answers": "problem: [1"}, "", "problem"),
        ({"results": "scores"}, "", "results is only for batch inference"),
        ({"inference": "batch", "results": "scores"}, "", "the dataset scores takes no results of fraud"),
        ({"approvers": "- ben"}, "", "names one person"),
        ({"approvers": "- zoe\n- ben"}, "approvers", "approvers: zoe is not a user name of the directory"),
        ({"feature_branches": "maybe"}, "feature_branches", "feature_branches: "),
    ],
)
def test_what_is_wrong_is_told_as_by_the_command_and_nothing_is_requested(
    delivery: Delivery,
    table: RequestTable,
    unknown: set[str],
    caplog: pytest.LogCaptureFixture,
    changes: dict[str, str],
    field: str,
    said: str,
) -> None:
    caplog.set_level(logging.INFO, logger="plinth.portal.audit")
    unknown.add("zoe")
    ben, fields = delivery.signed_in("ben"), {**FIELDS, **changes}
    answers = [ben.send(FORM, fields)]
    if "zoe" not in changes.get("approvers", ""):  # people are looked up only when the form is sent
        answers.append(ben.send(f"{FORM}/check", fields))
    for answer in answers:
        assert said in answer.text, answer.text
        assert not field or f'href="#field-{field}"' in answer.text
        assert "Nothing was requested." in answer.text
    assert answers[0].status_code == 422
    assert line(caplog)["outcome"] == "refused"
    assert table.open_requests() == []


@pytest.mark.threat("T-25")
@pytest.mark.parametrize("user", ["dora", "gina", "erin", "paul", "olga"])
def test_what_a_permission_set_does_not_allow_is_not_offered_and_refused(
    delivery: Delivery, table: RequestTable, unknown: set[str], caplog: pytest.LogCaptureFixture, user: str
) -> None:
    caplog.set_level(logging.INFO, logger="plinth.portal.audit")
    browser = delivery.signed_in(user)
    is_lead = user == "olga"  # of another team
    assert (f'href="{FORM}"' in browser.get("/use-cases").text) == is_lead
    page = browser.get(FORM)
    assert page.status_code == (200 if is_lead else 403)
    assert is_lead or f"{user} needs the permission set {LEAD}" in page.text
    answer = browser.send(FORM, FIELDS)
    alert = answer.text.partition('role="alert"')[2].partition("</div>")[0]
    said = f"{user} needs the permission set {LEAD}" if user == "paul" else "is not authorized to perform"
    assert (answer.status_code, said in alert) == (422, True), answer.text
    assert line(caplog)["outcome"] == "refused"
    assert table.open_requests() == []
    own = browser.get(f"{OWN}?team=fraud")
    assert (own.status_code, said in own.text) == (403, True)


@pytest.mark.threat("T-24")
def test_a_form_of_another_session_requests_nothing(delivery: Delivery, table: RequestTable) -> None:
    ben, chloe = delivery.signed_in("ben"), delivery.signed_in("chloe")
    answer = ben.send(FORM, {**FIELDS, "form_token": chloe.form_token()})
    assert (answer.status_code, "another session" in answer.text) == (403, True)
    assert ben.send(FORM, {**FIELDS, "id": "mine"}).status_code == 400
    assert table.open_requests() == []


def test_a_directory_that_does_not_answer_leaves_people_to_the_runner(
    delivery: Delivery, table: RequestTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = list[Any]()

    def silent(_region: str, names: Any, open_session: Any) -> None:
        sessions.append(open_session(region_name="eu-west-1"))
        raise LookUpError(f"not authorized to look up {sorted(names)}")

    monkeypatch.setattr(directory_access, "unknown_people", silent)
    assert delivery.signed_in("ben").send(FORM, FIELDS).status_code == 303
    assert len(table.open_requests()) == 1
    (looked_up,) = sessions
    assert isinstance(looked_up, boto3.Session)
    arn = looked_up.client("sts").get_caller_identity()["Arn"]
    assert LEAD in arn
    assert arn.endswith("/ben")


@pytest.mark.threat("T-11")
def test_hostile_requests_and_reasons_are_shown_harmlessly(
    delivery: Delivery, dynamodb: Any, table: RequestTable, unknown: set[str]
) -> None:
    values = {
        PARTITION: requester_partition("fraud", "ben"),
        SORT: HOSTILE[:900],
        QUEUE: OPEN,
        "requested": HOSTILE,
        "request": HOSTILE,
    }
    dynamodb.put_item(TableName=TABLE, Item={name: {"S": value} for name, value in values.items()})
    ben = delivery.signed_in("ben")
    pending = ben.get(f"{OWN}?team=fraud").text
    ended(table, table.open_requests()[0], Result(state=State.FAILED, reason=HOSTILE, repository=HOSTILE))
    filled = ben.send(FORM, {**FIELDS, "name": HOSTILE, "goal": HOSTILE, "team": HOSTILE}).text
    for page in (pending, ben.get(f"{OWN}?team=fraud").text, filled):
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page
    for page in (pending, ben.get(f"{OWN}?team=fraud").text):
        assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in page
        assert "fraud--?" in page


def test_the_team_is_chosen_where_the_settings_do_not_tell_it(
    delivery: Delivery, table: RequestTable, project: Path
) -> None:
    ben = delivery.signed_in("ben")
    assert "Requests for use cases of fraud" in ben.get(OWN).text
    olga = delivery.signed_in("olga").get(OWN)
    assert olga.status_code == 200
    assert "choose your team" in olga.text
    assert 'id="own"' not in olga.text
    unknown_team = ben.get(f"{OWN}?team=moon")
    assert (unknown_team.status_code, "there is no team moon" in unknown_team.text) == (400, True)
    file = project / "Pulumi.yaml"
    described = yaml.safe_load(file.read_text())
    templates = {"text": {"url": "https://git.acme.example/ml/template", "version": "2.1.0"}}
    described["config"]["plinth:organization"]["value"]["templates"] = templates
    file.write_text(yaml.safe_dump(described))
    page = ben.get(FORM).text
    assert "<option>text</option>" in page
    assert "<option>tabular</option>" not in page


def test_the_platform_team_has_its_own_form_for_use_cases(people: People) -> None:
    ada = people.signed_in("ada")
    assert f'href="{FORM}"' not in ada.get("/use-cases").text
    assert f"ada needs the permission set {LEAD}" in ada.get(FORM).text
