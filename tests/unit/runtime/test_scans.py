"""Findings of scans in images, and what keeps a version with them from being promoted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from runtime.promotion.decisions.scans import ScanRules, judge_images
from runtime.promotion.errors import PromotionError
from runtime.promotion.plan import Plan
from runtime.promotion.records import plan_of
from runtime.promotion.review import document
from tests.unit.runtime.use_case import UseCase

REGISTRY = "111111111111"
IMAGE = f"{REGISTRY}.dkr.ecr.eu-west-1.amazonaws.com/fraud/scoring/train@sha256:{'a' * 64}"
TODAY = date(2026, 11, 27)
CVE = "CVE-2026-12345"


class Ecr:
    """Answers with pages of one scan."""

    def __init__(self, status: str, *pages: Mapping[str, Any]) -> None:
        self.status, self.pages, self.asked = status, pages or ({},), []

    def get_paginator(self, operation: str) -> Ecr:
        assert operation == "describe_image_scan_findings"
        return self

    def paginate(self, **asked: Any) -> list[dict[str, Any]]:
        self.asked.append(asked)
        return [{"imageScanStatus": {"status": self.status}, "imageScanFindings": page} for page in self.pages]


def basic(**severities: str) -> dict[str, Any]:
    return {
        "findings": [{"name": name.replace("_", "-"), "severity": severity} for name, severity in severities.items()]
    }


def enhanced(severity: str, status: str = "ACTIVE") -> dict[str, Any]:
    details = {"vulnerabilityId": CVE}
    finding = {"severity": severity, "status": status, "title": CVE, "packageVulnerabilityDetails": details}
    return {"enhancedFindings": [finding]}


def waiver(days: int, finding: str = CVE) -> dict[str, str]:
    expires = (TODAY + timedelta(days=days)).isoformat()
    return {"finding": finding, "reason": "Never called.", "requester": "security@acme.example", "expires": expires}


def judge(ecr: Ecr, refused: str = "HIGH", *waivers: Mapping[str, str], image: str = IMAGE) -> list[dict[str, Any]]:
    return judge_images(ecr, REGISTRY, [{"image": image}], ScanRules(refused=refused, waivers=waivers), TODAY)


def test_findings_below_the_severity_of_the_settings_are_counted_and_pass():
    ecr = Ecr("COMPLETE", basic(CVE_1="MEDIUM", CVE_2="LOW"), basic(CVE_3="MEDIUM", CVE_4="UNTRIAGED"))
    (found,) = judge(ecr)
    counts = {"MEDIUM": 2, "LOW": 1, "UNTRIAGED": 1}
    assert found == {"image": IMAGE, "status": "COMPLETE", "findings": counts, "waived": []}
    asked = {"repositoryName": "fraud/scoring/train", "imageId": {"imageDigest": f"sha256:{'a' * 64}"}}
    assert ecr.asked == [asked]


@pytest.mark.parametrize(
    ("refused", "severity", "passes"),
    [
        ("CRITICAL", "HIGH", True),
        ("CRITICAL", "CRITICAL", False),
        ("HIGH", "HIGH", False),
        ("LOW", "LOW", False),
        ("LOW", "INFORMATIONAL", True),
    ],
)
@pytest.mark.parametrize("scan", ["basic", "enhanced"])
def test_a_finding_of_the_refused_severity_or_worse_is_named(refused: str, severity: str, passes: bool, scan: str):
    ecr = Ecr("COMPLETE", basic(CVE=severity)) if scan == "basic" else Ecr("ACTIVE", enhanced(severity))
    if passes:
        assert judge(ecr, refused)[0]["findings"] == {severity: 1}
        return
    with pytest.raises(PromotionError, match=rf"{IMAGE}: findings of severity {refused} or worse") as refusal:
        judge(ecr, refused)
    assert f"({severity})" in str(refusal.value)
    assert "plinth:organization.images.waivers" in str(refusal.value)


def test_a_finding_that_inspector_has_closed_does_not_count():
    assert judge(Ecr("ACTIVE", enhanced("CRITICAL", status="CLOSED")))[0]["findings"] == {}


@pytest.mark.parametrize("days", [0, 1, 90])
def test_a_waiver_lets_one_finding_pass_until_its_last_day(days: int):
    (found,) = judge(Ecr("ACTIVE", enhanced("CRITICAL")), "HIGH", waiver(days))
    assert found["waived"] == [waiver(days)]
    with pytest.raises(PromotionError, match="CVE-9"):
        judge(Ecr("COMPLETE", basic(**{CVE: "HIGH", "CVE_9": "HIGH"})), "HIGH", waiver(days))


@pytest.mark.parametrize(("days", "reason"), [(-1, "its waiver has expired"), (91, "is more than 90 days ahead")])
def test_an_expired_or_too_long_waiver_is_void_and_named(days: int, reason: str):
    with pytest.raises(PromotionError, match=reason):
        judge(Ecr("ACTIVE", enhanced("CRITICAL")), "HIGH", waiver(days))


@pytest.mark.parametrize("status", ["IN_PROGRESS", "PENDING"])
def test_an_image_whose_scan_has_not_ended_waits(status: str):
    with pytest.raises(PromotionError, match=rf"the scan has not ended \({status}\)"):
        judge(Ecr(status))


@pytest.mark.parametrize("status", ["FAILED", "UNSUPPORTED_IMAGE", "SCAN_ELIGIBILITY_EXPIRED"])
def test_an_image_that_was_not_scanned_needs_a_waiver_of_its_own(status: str):
    with pytest.raises(PromotionError, match=rf"\(scan {status}\)"):
        judge(Ecr(status), "CRITICAL")
    assert judge(Ecr(status), "CRITICAL", waiver(1, "UNSCANNED"))[0]["waived"] == [waiver(1, "UNSCANNED")]


def test_an_image_of_aws_is_shown_as_not_scanned_here():
    image = f"763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch@sha256:{'a' * 64}"
    ecr = Ecr("COMPLETE")
    assert judge(ecr, image=image) == [{"image": image, "status": "OTHER_REGISTRY", "findings": {}, "waived": []}]
    assert ecr.asked == []


def test_a_version_whose_image_has_a_critical_finding_is_promoted_with_a_waiver_only(case: UseCase):
    scans = case.tooling.aws.directory / "scans.json"
    scans.write_text(json.dumps({f"*/fraud/{case.name}/train@*": {CVE: "CRITICAL", "CVE-2026-2": "LOW"}}))
    execution = case.start(case.approved())
    with pytest.raises(SystemExit, match=rf"- {CVE} \(CRITICAL\)"):
        case.prepare(execution)
    failure = case.records.read(f"executions/{execution}/failure-prepare.json")
    assert CVE in failure["reason"]
    today = date.today()
    case.waivers = [{**waiver(1), "expires": today.isoformat()}]
    plan = case.review(execution, "ben")
    written = case.records.read(plan_of(execution))
    assert written["scans"][0]["findings"] == {"CRITICAL": 1, "LOW": 1}
    assert f"{CVE} is waived by security@acme.example until {today}: Never called." in document(
        Plan.of_record(written), []
    )
    case.verify(execution, plan)
    case.waivers = []
    with pytest.raises(SystemExit, match=CVE):
        case.verify(execution, plan)
