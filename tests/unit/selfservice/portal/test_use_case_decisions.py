"""Decisions in the portal about versions and promotions: they are about what the page showed, and AWS judges them."""

from __future__ import annotations

import json
import logging
import re

import pytest

from tests.unit.selfservice.portal.delivery_site import Delivery, package

PAGE = "/use-cases/fraud--scoring"
WHY = "recall is better"


def shown(page: str, field: str) -> str:
    """Returns the value of a hidden field of a form about the use case."""
    found = re.search(rf'action="{PAGE}/.*?name="{field}" value="([^"]+)"', page, re.DOTALL)
    assert found is not None, page
    return found[1]


def line(caplog: pytest.LogCaptureFixture) -> dict[str, str]:
    """Returns the last line of the audit."""
    return dict(json.loads([record.message for record in caplog.records if record.name == "plinth.portal.audit"][-1]))


@pytest.fixture(autouse=True)
def _audited(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="plinth.portal.audit")


def test_the_version_of_the_page_is_approved_in_the_name_of_the_person(
    delivery: Delivery, caplog: pytest.LogCaptureFixture
) -> None:
    earlier, newest = delivery.site.version(), delivery.site.version()
    ben = delivery.signed_in("ben")
    assert shown(ben.get(PAGE).text, "version") == str(newest)
    assert shown(ben.get(f"{PAGE}?version={earlier}").text, "version") == str(earlier)
    answer = ben.send(f"{PAGE}/version", {"version": str(earlier), "decision": "approve", "comment": WHY})
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    assert delivery.site.status_of(earlier) == ("Approved", WHY)
    assert delivery.site.status_of(newest)[0] == "PendingManualApproval"
    assert line(caplog) | {"at": ""} == {
        "at": "", "user": "ben", "action": "approve", "subject": f"fraud--scoring version {earlier}", "outcome": "done",
    }  # fmt: skip
    ben.send(f"{PAGE}/version", {"version": str(newest), "decision": "reject", "comment": WHY})
    assert delivery.site.status_of(newest) == ("Rejected", WHY)


@pytest.mark.threat("T-26")
def test_a_version_about_which_somebody_decided_meanwhile_is_not_decided_about(
    delivery: Delivery, caplog: pytest.LogCaptureFixture
) -> None:
    site = delivery.site
    version, ben = site.version(), delivery.signed_in("ben")
    assert shown(ben.get(PAGE).text, "version") == str(version)
    site.sagemaker.update_model_package(ModelPackageArn=package(version), ModelApprovalStatus="Rejected")
    answer = ben.send(f"{PAGE}/version", {"version": str(version), "decision": "approve", "comment": WHY})
    assert answer.status_code == 422
    assert f"version {version} is Rejected by now" in answer.text
    assert site.status_of(version)[0] == "Rejected"
    assert line(caplog)["outcome"] == "refused"


def test_a_promotion_is_approved_with_the_token_of_the_page(
    delivery: Delivery, caplog: pytest.LogCaptureFixture
) -> None:
    execution, token = delivery.site.waits()
    ben = delivery.signed_in("ben")
    page = ben.get(PAGE).text
    assert (shown(page, "token"), shown(page, "stage")) == (token, "Review")
    fields = {"token": token, "stage": "Review", "decision": "approve", "comment": WHY}
    assert ben.send(f"{PAGE}/promotion", fields).status_code == 303
    assert delivery.site.review_of(execution) == ("Succeeded", "ben", WHY)
    assert line(caplog)["subject"] == f"fraud--scoring Review of {execution}"
    delivery.site.fails(execution, "preproduction", reason="slow")
    delivery.site.ended("fraud--scoring-promotion", execution)


@pytest.mark.threat("T-26")
def test_a_decision_about_another_approval_is_refused_and_shows_the_one_that_waits(
    delivery: Delivery, caplog: pytest.LogCaptureFixture
) -> None:
    site = delivery.site
    first, seen = site.waits(1)
    ben = delivery.signed_in("ben")
    site.stop(first)
    second, waits = site.waits(2)
    answer = ben.send(f"{PAGE}/promotion", {"token": seen, "stage": "Review", "decision": "approve", "comment": WHY})
    assert answer.status_code == 422
    assert "the approval that you saw waits no more" in answer.text
    assert shown(answer.text, "token") == waits
    assert f'value="{WHY}"' in answer.text
    assert site.review_of(second)[0] == "InProgress"
    assert (line(caplog)["outcome"], line(caplog)["subject"]) == ("refused", "fraud--scoring Review")
    site.stop(second)
    answer = ben.send(f"{PAGE}/promotion", {"token": waits, "stage": "Review", "decision": "approve", "comment": WHY})
    assert "no promotion of fraud--scoring waits for an approval" in answer.text


@pytest.mark.threat("T-25")
@pytest.mark.parametrize("user", ["dora", "gina", "erin", "paul", "olga"])
def test_what_a_permission_set_does_not_allow_is_not_offered_and_refused(
    delivery: Delivery, caplog: pytest.LogCaptureFixture, user: str
) -> None:
    site = delivery.site
    version = site.version()
    execution, token = site.waits(version)
    browser = delivery.signed_in(user)
    assert f'action="{PAGE}/' not in browser.get(PAGE).text
    for path, fields in (
        ("version", {"version": str(version)}),
        ("promotion", {"token": token, "stage": "Review"}),
    ):
        answer = browser.send(f"{PAGE}/{path}", {**fields, "decision": "approve", "comment": WHY})
        assert answer.status_code == 422, path
        alert = answer.text.partition('role="alert"')[2].partition("</div>")[0]
        assert "permission set" in alert
        assert user == "paul" or "is not authorized to perform" in alert
        assert line(caplog)["outcome"] == "refused"
    assert site.status_of(version)[0] == "PendingManualApproval"
    assert site.review_of(execution)[0] == "InProgress"
    site.stop(execution)


def test_who_took_part_in_it_is_told_instead_of_asked(delivery: Delivery) -> None:
    execution, _ = delivery.site.waits(involved=["ben@acme.example"])
    page = delivery.signed_in("ben").get(PAGE).text
    assert f'action="{PAGE}/promotion"' not in page
    assert "ben wrote the training code" in page
    assert f'action="{PAGE}/promotion"' in delivery.signed_in("chloe").get(PAGE).text
    delivery.site.stop(execution)


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"comment": "  "}, 422, "say why"),
        ({"comment": "x" * 513}, 422, "513 characters"),
        ({"comment": "AKIAIOSFODNN7EXAMPLE"}, 422, "looks like a credential"),
        ({"version": "newest"}, 422, "the form names no version"),
        ({"version": "999"}, 422, "there is no version 999"),
        ({"decision": "wait"}, 400, "either to approve or to reject"),
        ({"form_token": ""}, 403, "another session"),
    ],
)
def test_a_decision_that_is_not_complete_changes_nothing(
    delivery: Delivery, fields: dict[str, str], status: int, said: str
) -> None:
    version = delivery.site.version()
    given = {"version": str(version), "decision": "approve", "comment": WHY, **fields}
    answer = delivery.signed_in("ben").send(f"{PAGE}/version", given)
    assert (answer.status_code, said in answer.text) == (status, True), answer.text
    assert delivery.site.status_of(version)[0] == "PendingManualApproval"


@pytest.mark.parametrize("path", ["version", "promotion"])
def test_a_use_case_without_promotions_has_nothing_to_decide(delivery: Delivery, path: str) -> None:
    answer = delivery.signed_in("ben").send(f"/use-cases/fraud--disputes/{path}", {"decision": "approve"})
    assert answer.status_code == 422
    assert "has no promotions" in answer.text


def test_a_role_that_was_taken_away_is_told(delivery: Delivery) -> None:
    ben = delivery.signed_in("ben")
    with delivery.site.without("ben", "LeadScientist-tooling"):
        page = ben.get(PAGE)
    assert page.status_code == 200
    assert "you do not have the permission set LeadScientist-tooling" in page.text
