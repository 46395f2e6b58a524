"""Findings of scans in the images of a version: which of them the settings refuse (PROM-09).

Sources: Amazon ECR API, DescribeImageScanFindings; Amazon ECR User Guide, "Scan images for software vulnerabilities".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import boto3
from botocore.exceptions import ClientError

from runtime.promotion.errors import PromotionError
from runtime.promotion.variables import Variables

SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW")
"""The worst first. Others, such as INFORMATIONAL and UNTRIAGED, are never refused."""
UNSCANNED = "UNSCANNED"
"""Finding of an image that ECR cannot scan."""
LONGEST_DAYS = 90
"""Days for which a waiver may hold, as the settings say."""
_DONE = ("ACTIVE", "COMPLETE")
"""Status of a scan with findings: of enhanced, and of basic scanning."""
_PENDING = ("IN_PROGRESS", "PENDING")
_SETTING = "plinth:organization.images.waivers"


@dataclass(frozen=True, kw_only=True)
class ScanRules:
    """Rules of the settings about findings of scans."""

    refused: str
    """Severity from which on a finding is refused."""
    waivers: Sequence[Mapping[str, str]]
    """Waivers of the use case: ``finding``, ``reason``, ``requester`` and ``expires``."""

    @classmethod
    def read(cls, variables: Variables) -> ScanRules:
        given = json.loads(variables.required("SCAN_RULES"))
        return cls(refused=given["refused"], waivers=given["waivers"])

    def is_refused(self, severity: str) -> bool:
        return severity in SEVERITIES[: SEVERITIES.index(self.refused) + 1]

    def waiver_of(self, finding: str, today: date) -> Mapping[str, str] | None:
        """Returns the waiver of a finding that holds today."""
        for waiver in self.waivers:
            left = (date.fromisoformat(waiver["expires"]) - today).days
            if waiver["finding"] == finding and 0 <= left <= LONGEST_DAYS:
                return waiver
        return None

    def void_waiver_of(self, finding: str, today: date) -> str:
        """Returns why no waiver of a finding holds; empty if there is none."""
        for waiver in self.waivers:
            if waiver["finding"] == finding:
                late = date.fromisoformat(waiver["expires"]) < today
                why = "has expired" if late else f"is more than {LONGEST_DAYS} days ahead"
                return f"its waiver {why} ({waiver['expires']})"
        return ""


def judge_scans(
    variables: Variables, session: boto3.Session, contents: Sequence[Mapping[str, str]]
) -> list[dict[str, Any]]:
    """Returns what :func:`judge_images` does, by the settings, of the images in the registry of the use case."""
    registry = variables.model_group.split(":")[4]
    return judge_images(session.client("ecr"), registry, contents, ScanRules.read(variables))


def judge_images(
    ecr: Any, registry: str, contents: Sequence[Mapping[str, str]], rules: ScanRules, today: date | None = None
) -> list[dict[str, Any]]:
    """Returns what scans say about each image: its status, the number of findings by severity, and waived findings.

    Images in registries of other accounts, which AWS publishes, cannot be scanned here.

    Raises: PromotionError for an image with findings that the settings refuse and no waiver names.
    """
    at = today or datetime.now(UTC).date()
    images = dict.fromkeys(content["image"] for content in contents)
    return [_judged(ecr, registry, image, rules, at) for image in images]


def _judged(ecr: Any, registry: str, image: str, rules: ScanRules, today: date) -> dict[str, Any]:
    if not image.startswith(f"{registry}.dkr.ecr."):
        return {"image": image, "status": "OTHER_REGISTRY", "findings": {}, "waived": []}
    status, findings = _scan(ecr, image)
    if status in _PENDING:
        raise PromotionError(f"{image}: the scan has not ended ({status}); start the promotion again when it has")
    found = findings if status in _DONE else {UNSCANNED: SEVERITIES[0]}
    refused = {name: severity for name, severity in found.items() if rules.is_refused(severity)}
    waived = {name: waiver for name in refused if (waiver := rules.waiver_of(name, today))}
    if left := {name: severity for name, severity in refused.items() if name not in waived}:
        raise PromotionError("\n".join(_refusal(image, status, left, rules, today)))
    counts = {severity: list(found.values()).count(severity) for severity in dict.fromkeys(found.values())}
    return {
        "image": image,
        "status": status,
        "findings": counts,
        "waived": [dict(waiver) for waiver in waived.values()],
    }


def _refusal(image: str, status: str, left: Mapping[str, str], rules: ScanRules, today: date) -> Iterator[str]:
    yield f"{image}: findings of severity {rules.refused} or worse keep it from being promoted (scan {status}):"
    for name, severity in sorted(left.items()):
        void = rules.void_waiver_of(name, today)
        yield f"- {name} ({severity}){f'; {void}' if void else ''}"
    yield f"Build the image with fixed packages and train again, or add a waiver of each finding to {_SETTING}."


def _scan(ecr: Any, image: str) -> tuple[str, dict[str, str]]:
    """Returns the status of the scan of an image, and the severity of each finding by its name."""
    repository, wanted = _identified(image)
    findings: dict[str, str] = {}
    try:
        for page in ecr.get_paginator("describe_image_scan_findings").paginate(
            repositoryName=repository, imageId=wanted
        ):
            status = str(page["imageScanStatus"]["status"])
            findings |= dict(_findings(page.get("imageScanFindings", {})))
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code == "ScanNotFoundException":
            return code, {}
        raise PromotionError(f"{image}: {error.response['Error']['Message']}") from error
    return status, findings


def _findings(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yields findings of basic, or of enhanced scanning."""
    for finding in found.get("findings", []):
        yield finding["name"], finding["severity"]
    for enhanced_finding in found.get("enhancedFindings", []):
        if enhanced_finding.get("status", "ACTIVE") == "ACTIVE":
            details = enhanced_finding.get("packageVulnerabilityDetails", {})
            yield details.get("vulnerabilityId") or enhanced_finding["title"], enhanced_finding["severity"]


def _identified(image: str) -> tuple[str, dict[str, str]]:
    """Returns repository and identifier of an image."""
    path = image.partition("/")[2]
    name, _, digest = path.partition("@")
    repository, _, tag = name.partition(":")
    return repository, {"imageDigest": digest} if digest else {"imageTag": tag or "latest"}
