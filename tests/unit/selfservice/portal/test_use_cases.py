"""Pages about use cases, for people whose permission sets show different parts of them."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import botocore.client
import pytest
import yaml

from plinth_sandbox.testing import MANAGEMENT, REGION
from runtime.promotion.records import failure_of
from tests.unit.selfservice.portal.conftest import People
from tests.unit.selfservice.portal.delivery_site import Delivery, package
from tests.unit.selfservice.promotions.site import DEPLOY, PIPELINE

PAGE = "/use-cases/fraud--scoring"
HOSTILE = "<script>alert(1)</script>\N{RIGHT-TO-LEFT OVERRIDE}" + "x" * 10_000


def section(page: str, name: str) -> str:
    """Returns a section of a page."""
    return page.partition(f'<section aria-labelledby="{name}">')[2].partition("</section>")[0]


def test_everybody_finds_use_cases_with_who_approves_them(people: People) -> None:
    for user in ("ada", "dana"):
        page = people.signed_in(user).get("/use-cases").text
        assert '<a href="/use-cases/fraud--scoring">scoring</a>' in page
        assert "Review: ben, chloe; Release: chloe, hana" in page
        assert "plinth usecase list" in page
    browser = people.signed_in("dana")
    found = browser.get("/use-cases?find=STOLEN+hana").text
    assert "1 of 3 use cases" in found
    assert "loyalty" not in found
    assert "No use case contains this" in browser.get("/use-cases?find=moon").text


def test_a_use_case_without_a_delivery_and_one_that_does_not_exist_say_so(people: People) -> None:
    browser = people.signed_in("dana")
    assert "It has no delivery" in browser.get("/use-cases/fraud--disputes").text
    for path in ("/use-cases/fraud--moon", "/use-cases/moon--scoring", "/use-cases/fraud"):
        assert browser.get(path).status_code == 404, path


def test_settings_that_are_not_valid_are_told(people: People, project: Path) -> None:
    (project / "environments" / "Pulumi.fraud.yaml").write_text("config: {plinth:team: {cidr: moon}}")
    browser = people.signed_in("dana")
    assert "cidr" in browser.get("/").text
    assert browser.get("/use-cases").status_code == 503


@pytest.mark.parametrize(
    ("user", "seen", "hidden"),
    [
        ("ben", ("promotions", "versions", "builds", "runs"), ("monitoring",)),
        ("dora", ("promotions", "versions", "builds"), ("runs", "monitoring")),
        ("gina", ("promotions",), ("versions", "builds", "runs", "monitoring")),
        ("erin", ("promotions", "versions", "builds"), ("runs", "monitoring")),
        ("paul", (), ("promotions", "versions", "builds", "runs", "monitoring")),
    ],
)
def test_each_part_is_read_as_the_person_or_names_the_permission_set_that_shows_it(
    delivery: Delivery, user: str, seen: tuple[str, ...], hidden: tuple[str, ...]
) -> None:
    delivery.site.version()
    page = delivery.signed_in(user).get(PAGE).text
    for name in seen:
        assert "needs the permission set" not in section(page, name), name
    for name in hidden:
        assert f"{user} needs the permission set" in section(page, name), name
    assert "plinth usecase show fraud--scoring" in page


@pytest.mark.threat("T-25")
def test_a_lead_data_scientist_of_another_team_sees_the_refusal_of_aws(delivery: Delivery) -> None:
    delivery.site.version()
    page = delivery.signed_in("olga").get(PAGE).text
    for name in ("promotions", "versions", "builds"):
        assert "is not authorized to perform" in section(page, name), name
        assert "permission set" in section(page, name), name
    assert '<form method="post" action="/use-cases' not in page


def test_metrics_of_versions_stand_side_by_side_with_the_minimum_gates(delivery: Delivery, project: Path) -> None:
    file = project / "environments" / "Pulumi.fraud.yaml"
    settings = yaml.safe_load(file.read_text())
    gates = {"f1": {"at_least": 0.8}, "recall": {"at_least": 0.5}}
    settings["config"]["plinth:team"]["use_cases"]["scoring"]["delivery"]["minimum_gates"] = gates
    file.write_text(yaml.safe_dump(settings))
    delivery.site.version({"f1": "0.83333", "rmse": "70", "commit": "abc"})
    number = delivery.site.version({"f1": "0.7", "recall": "0.6"})
    page = delivery.signed_in("ben").get(PAGE).text
    found = section(page, "versions")
    assert re.findall(r'<th scope="col" class="number">(\w+)</th>', found)[:3] == ["f1", "recall", "rmse"]
    assert (
        '<td class="number">at least 0.8</td><td class="number">at least 0.5</td><td class="number">none</td>' in found
    )
    assert '<td class="number">0.8333</td><td class="number">-</td><td class="number">70</td>' in found
    assert '<td class="number">0.7 <span class="missed">0.7 &lt; 0.8</span></td>' in found
    waits = section(page, "waits")
    assert f"Version {number} in the registry" in waits
    assert "Metrics: f1 0.7, recall 0.6." in waits
    assert "f1 misses the minimum" in waits


def test_a_promotion_shows_its_stages_who_decided_why_it_failed_and_what_is_served(delivery: Delivery) -> None:
    site = delivery.site
    execution, _ = site.waits(7)
    site.decide(execution, "Review", by="ben", why="recall is better")
    site.record(failure_of(execution, "Preproduction"), {"reason": "the endpoint is too slow"})
    site.decide(execution, "Preproduction", "Rejected")
    site.ended(PIPELINE, execution)
    site.robust("e-0", "production", 6)
    found = section(delivery.signed_in("gina").get(PAGE).text, "promotions")
    first = found.partition(execution)[2].partition("<h3>")[0]
    assert "approved by ben" in first
    assert "recall is better" in first
    assert f"{DEPLOY}: the endpoint is too slow" in first
    assert "Production serves version 6" in found


@pytest.mark.threat("T-11", "T-26")
def test_hostile_names_and_texts_are_shown_harmlessly(delivery: Delivery) -> None:
    site = delivery.site
    version = site.version({"f1": "0.9"})
    site.sagemaker.update_model_package(
        ModelPackageArn=package(version), ModelApprovalStatus="Rejected", ApprovalDescription=HOSTILE[:1024]
    )
    site.build(HOSTILE[:200])
    failed, _ = site.waits(version)
    site.decide(failed, "Review", why=HOSTILE[:500])
    site.record(failure_of(failed, "Preproduction"), {"reason": HOSTILE})
    site.decide(failed, "Preproduction", "Rejected")
    site.ended(PIPELINE, failed)
    waiting, _ = site.waits(version, involved=[HOSTILE], review=f"# Code\n\n{HOSTILE}\n\n[x](javascript:alert(1))")
    page = delivery.signed_in("ben").get(PAGE)
    site.stop(waiting)
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in page.text
    assert 'href="javascript' not in page.text
    for name in ("promotions", "versions", "builds"):
        assert "&lt;script&gt;alert" in section(page.text, name), name
    assert len(page.text) < 100_000


def test_a_page_takes_the_same_calls_however_much_other_teams_have(
    delivery: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, calls = delivery.site, Counter[str]()
    usual = botocore.client.BaseClient._make_api_call  # type: ignore[attr-defined]

    def counted(client: Any, operation: str, given: Any) -> Any:
        calls[operation] += 1
        return usual(client, operation, given)

    site.version()
    ben = delivery.signed_in("ben")
    ben.get(PAGE)
    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", counted)
    ben.get(PAGE)
    before = Counter(calls)
    calls.clear()
    monkeypatch.undo()
    for number in range(12):
        site.sagemaker.create_model_package_group(ModelPackageGroupName=f"churn--case{number}-main")
    monkeypatch.setenv("AWS_ENDPOINT_URL", site.aws.url)
    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", counted)
    ben.get(PAGE)
    assert calls == before
    assert before["DescribeModelPackage"] <= 10
    assert before["ListActionExecutions"] <= 5
    ben.get("/")
    assert calls["GetPipelineState"] - before["GetPipelineState"] == 1


def test_the_first_page_says_which_promotions_wait_for_the_person(delivery: Delivery) -> None:
    site = delivery.site
    execution, _ = site.waits()
    ben = delivery.signed_in("ben").get("/").text
    assert '<a href="/use-cases/fraud--scoring">fraud--scoring</a>: Review' in ben
    assert "LeadScientist-tooling" in section(ben, "roles")
    assert 'href="/requests' not in ben
    assert "No promotion waits for you" in delivery.signed_in("gina").get("/").text
    site.stop(execution)
    assert "No promotion waits for you" in delivery.signed_in("chloe").get("/").text


def test_the_newest_comparison_is_shown_to_whoever_watches_models(delivery: Delivery) -> None:
    site = delivery.site
    bucket = f"ml-prod-fraud-{site.production}-{REGION}-an"
    s3 = site.aws.client("s3", site.production)
    s3.create_bucket(
        Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION}, BucketNamespace="account-regional"
    )
    erin = delivery.signed_in("erin")
    assert "No comparison in the last 30 days" in section(erin.get(PAGE).text, "monitoring")
    days = [(datetime.now(UTC) - timedelta(days=age)).date().isoformat() for age in (40, 3, 2)]
    for version, day in (("00001", days[0]), ("00002", days[1]), ("00001", days[2])):
        report = {"window": day, "version": f"arn:x/{version}", "rows": 900, "verdict": "drift", "findings": []}
        key = f"scoring/monitoring/results/{version}/{day}/report.json"
        body = json.dumps({**report, "columns": [{"name": "amount", "drifted": True}]}).encode()
        s3.put_object(Bucket=bucket, Key=key, Body=body)
    found = section(erin.get(PAGE).text, "monitoring")
    assert days[2] in found
    assert days[1] not in found
    assert "<dt>Drifted</dt><dd>amount</dd>" in found
    assert MANAGEMENT not in found
