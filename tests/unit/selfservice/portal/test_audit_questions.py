"""Auditors ask saved questions about the trail, in the browser and on the command line."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner

from components.audit.trail.trail_queries import SAVED_QUERIES
from plinth_sandbox.waiting import eventually
from selfservice.cli.command import main
from selfservice.reports.audit.questions import Question
from tests.support.workbench import REPOSITORY
from tests.unit.selfservice.portal.delivery_site import Delivery, DeliverySite, Signed
from tests.unit.selfservice.portal.trail_site import ACCOUNT, deploy_trail

DENIALS = "/audit/questions/guardrail-denials"
HOSTILE = "<script>alert(1)</script>\N{RIGHT-TO-LEFT OVERRIDE}" + "x" * 5_000


@pytest.fixture(scope="module")
def trail(delivery_site: DeliverySite) -> Iterator[None]:
    deploy_trail(delivery_site.aws, delivery_site.trail_account)
    yield
    athena = delivery_site.aws.client("athena", delivery_site.trail_account)
    athena.delete_work_group(WorkGroup="audit", RecursiveDeleteOption=True)


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, logger="plinth.portal.audit")
    return caplog


def answered(browser: Signed, address: str) -> str:
    """Looks at an answer until Athena has answered, and returns its page."""

    def look() -> str | None:
        page = browser.get(address)
        assert page.status_code == 200, page.text
        return None if "has not answered yet" in page.text else str(page.text)

    return eventually(look)


def test_a_question_says_which_values_it_asks_for_in_the_order_of_its_query() -> None:
    fields = {
        saved_query.name: Question(name=saved_query.name, description="", sql=saved_query.sql).fields
        for saved_query in SAVED_QUERIES
    }
    assert fields["builds-of-a-use-case"] == ("account", "day", "use_case")
    assert fields["origin-of-a-model-version"] == ("account", "day", "version")
    assert list(fields.values()).count(("account",)) == len(SAVED_QUERIES) - 2


@pytest.mark.requirement("AUD-01.a")
@pytest.mark.threat("T-11")
def test_an_auditor_asks_and_reads_the_answer_at_its_address(
    delivery: Delivery, trail: None, log: pytest.LogCaptureFixture
) -> None:
    anna = delivery.signed_in("anna")
    assert 'href="/audit"' in anna.get("/").text
    questions = anna.get("/audit").text
    for saved_query in SAVED_QUERIES:
        assert f'href="/audit/questions/{saved_query.name}"' in questions
    assert "plinth audit questions" in questions
    form = anna.get(f"{DENIALS}?account={ACCOUNT}").text
    assert f'value="{ACCOUNT}"' in form
    assert f"plinth audit ask guardrail-denials --account {ACCOUNT}" in form
    asked = anna.send(DENIALS, {"account": ACCOUNT})
    address = asked.headers["location"]
    assert (asked.status_code, address.startswith("/audit/answers/")) == (303, True)
    page = answered(anna, address)
    assert "2 rows." in page, page
    for text in ("Answered <time datetime=", "scientist/mallory", "guardrail-denials", f"<dd>{ACCOUNT}</dd>"):
        assert text in page, text
    assert f"plinth audit answer {address.rpartition('/')[2]}" in page
    assert f'href="{DENIALS}?account={ACCOUNT}"' in page
    assert "<script>alert" not in page
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in page
    line: dict[str, Any] = json.loads(log.records[-1].message)
    assert (line["user"], line["action"], line["subject"]) == ("anna", "ask", "guardrail-denials")


def test_a_question_without_such_calls_says_so(delivery: Delivery, trail: None) -> None:
    anna = delivery.signed_in("anna")
    path = "/audit/questions/builds-of-a-use-case"
    given = {"account": ACCOUNT, "day": "2026-01-31", "use_case": "scoring"}
    page = answered(anna, anna.send(path, given).headers["location"])
    assert "The trail has no such call." in page
    assert f'href="{path}?account={ACCOUNT}&amp;day=2026-01-31&amp;use_case=scoring"' in page


@pytest.mark.threat("T-11")
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "account: guardrail-denials asks for it, such as 123456789012"),
        ({"account": "1' OR '1'='1"}, "does not have the form of 123456789012"),
        ({"account": HOSTILE}, "does not have the form of 123456789012"),
        ({"account": ACCOUNT, "day": "2026-02-30"}, "day: guardrail-denials does not ask for it"),
    ],
)
def test_what_a_question_does_not_accept_is_told_and_not_asked(
    delivery: Delivery, trail: None, log: pytest.LogCaptureFixture, given: dict[str, str], said: str
) -> None:
    answer = delivery.signed_in("anna").send(DENIALS, given)
    assert answer.status_code == 422
    assert said in answer.text
    assert "<script>alert" not in answer.text
    assert json.loads(log.records[-1].message)["outcome"] == "refused"


def test_a_day_that_the_calendar_does_not_have_is_refused(delivery: Delivery, trail: None) -> None:
    given = {"account": ACCOUNT, "day": "2026-02-30", "use_case": "scoring"}
    answer = delivery.signed_in("anna").send("/audit/questions/builds-of-a-use-case", given)
    assert (answer.status_code, "day: 2026-02-30" in answer.text) == (422, True)


def test_an_unknown_question_and_an_unknown_answer_are_not_found(delivery: Delivery, trail: None) -> None:
    anna = delivery.signed_in("anna")
    unknown = anna.get("/audit/questions/moon")
    assert (unknown.status_code, "there is no question moon" in unknown.text) == (404, True)
    assert anna.send("/audit/questions/moon", {"account": ACCOUNT}).status_code == 404
    assert anna.get("/audit/answers/moon").status_code == 404


@pytest.mark.threat("T-25")
@pytest.mark.parametrize(
    ("user", "said"),
    [
        ("ben", "ben needs the permission set Auditor-record in the account acme-audit"),
        ("pia", "is not authorized to perform"),
    ],
)
def test_others_are_offered_no_questions_and_refused_if_they_try(
    delivery: Delivery, trail: None, log: pytest.LogCaptureFixture, user: str, said: str
) -> None:
    browser = delivery.signed_in(user)
    assert 'href="/audit"' not in browser.get("/").text
    for path in ("/audit", DENIALS, "/audit/answers/0"):
        answer = browser.get(path)
        assert (answer.status_code, said in answer.text) == (403, True), path
    assert browser.send(DENIALS, {"account": ACCOUNT}).status_code == 403
    assert json.loads(log.records[-1].message)["outcome"] == "refused"


def test_a_form_of_another_session_asks_nothing(delivery: Delivery, trail: None) -> None:
    anna, ben = delivery.signed_in("anna"), delivery.signed_in("ben")
    answer = anna.send(DENIALS, {"account": ACCOUNT, "form_token": ben.form_token()})
    assert (answer.status_code, "another session" in answer.text) == (403, True)


def test_the_command_asks_the_same_and_finds_the_answer_again(
    delivery: Delivery, delivery_site: DeliverySite, trail: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in delivery_site.aws.credentials(delivery_site.trail_account).items():
        monkeypatch.setenv(name.upper(), value)

    def run(*words: str) -> Any:
        return CliRunner().invoke(main, ["--cwd", str(REPOSITORY), "audit", *words])

    listed = run("questions")
    assert "plinth audit ask guardrail-denials --account ACCOUNT" in listed.output, listed.output
    asked = run("ask", "guardrail-denials", "--account", ACCOUNT)
    assert asked.exit_code == 0, asked.output
    assert "2 rows" in asked.output
    assert "DeleteTrail" in asked.output
    id_ = asked.output.rpartition("plinth audit answer ")[2].partition("`")[0]
    again = json.loads(run("answer", id_, "--json").output)
    assert (again["question"], again["values"]) == ("guardrail-denials", {"account": ACCOUNT})
    assert [row["source_identity"] for row in again["rows"]] == ["eve", "mallory"]
    wrong = run("ask", "guardrail-denials", "--account", "moon")
    assert (wrong.exit_code, "does not have the form" in wrong.output) == (2, True)
