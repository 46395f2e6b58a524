"""Scans of images in ECR. Nothing is scanned: a scan has the findings that somebody declared, and by default none.

Amazon Inspector scans the images of an account in which it is active for ECR (enhanced scanning); in others, ECR scans
those that are pushed to repositories with scans on push (basic scanning). Source: Amazon ECR API,
DescribeImageScanFindings; Amazon ECR User Guide, "Scan images for software vulnerabilities" (read 2026-11-27).
"""

from __future__ import annotations

import fnmatch
import json
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from moto.ecr.models import ecr_backends
from moto.inspector2.models import inspector2_backends

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.ecr.executor.manifests import image_in
from plinth_sandbox.emulator.store.record import now
from plinth_sandbox.executors.images import NoEnvironmentError, environment_of

SCANS_FILE = "scans.json"
"""File of the sandbox with declared findings: their severity by name, by pattern of images."""


def _describe(exchange: Exchange, runtime: Runtime) -> Answer:
    call = exchange.call
    name, wanted = str(call.parameters["repositoryName"]), call.parameters["imageId"]
    registry = str(call.parameters.get("registryId") or call.account)
    digest, tag = wanted.get("imageDigest"), wanted.get("imageTag")
    image = f"{registry}.dkr.ecr.{call.region}.amazonaws.com/{name}{f'@{digest}' if digest else f':{tag}'}"
    repository = ecr_backends[registry][call.region].repositories.get(name)
    if repository is None:
        message = f"The repository with name '{name}' does not exist in the registry with id '{registry}'"
        raise AwsError("RepositoryNotFoundException", message)
    described = "{" + f"imageDigest:'{digest or 'null'}', imageTag:'{tag or 'null'}'" + "}"
    if image_in(repository, wanted) is None and not _stood_in(image, runtime.runner.images):
        message = f"The image with imageId {described} does not exist within the repository with name '{name}'"
        raise AwsError("ImageNotFoundException", f"{message} in the registry with id '{registry}'")
    enhanced = _is_enhanced(call, registry)
    if not enhanced and not (repository.image_scanning_configuration or {}).get("scanOnPush"):
        message = f"Image scan does not exist for the image with '{described}' in the repository with name '{name}'"
        raise AwsError("ScanNotFoundException", f"{message} in the registry with id '{registry}'")
    found = declared(image, runtime.runner.images.with_name(SCANS_FILE))
    findings = {
        "imageScanCompletedAt": now(),
        "vulnerabilitySourceUpdatedAt": now(),
        "findingSeverityCounts": dict(Counter(found.values())),
        **({"enhancedFindings": _enhanced(found, registry)} if enhanced else {"findings": _basic(found)}),
    }
    status = "ACTIVE" if enhanced else "COMPLETE"
    return call.reply(
        {
            "registryId": registry,
            "repositoryName": name,
            "imageId": wanted,
            "imageScanStatus": {"status": status, "description": "The sandbox scans nothing; findings are declared."},
            "imageScanFindings": findings,
        }
    )


def _stood_in(image: str, images: Path) -> bool:
    """Returns whether an environment of this machine stands for an image that nobody pushed."""
    try:
        environment_of(image, images)
    except NoEnvironmentError:
        return False
    return True


def _is_enhanced(call: Call, account: str) -> bool:
    """Returns whether Inspector is active for the images of an account."""
    status = inspector2_backends[account][call.region].batch_get_account_status([account])
    return any(account_state["resourceState"]["ecr"]["status"] == "ENABLED" for account_state in status)


def declared(image: str, file: Path) -> dict[str, str]:
    """Returns the severity of each finding that was declared for an image, by its name."""
    known: Mapping[str, Mapping[str, str]] = json.loads(file.read_text()) if file.exists() else {}
    found: dict[str, str] = {}
    for pattern, findings in known.items():
        if fnmatch.fnmatchcase(image, pattern):
            found |= findings
    return found


def _basic(found: Mapping[str, str]) -> list[dict[str, Any]]:
    return [{"name": name, "severity": severity} for name, severity in found.items()]


def _enhanced(found: Mapping[str, str], account: str) -> list[dict[str, Any]]:
    return [
        {
            "awsAccountId": account,
            "type": "PACKAGE_VULNERABILITY",
            "status": "ACTIVE",
            "severity": severity,
            "title": name,
            "packageVulnerabilityDetails": {"vulnerabilityId": name},
        }
        for name, severity in found.items()
    ]


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {"DescribeImageScanFindings": _describe}
