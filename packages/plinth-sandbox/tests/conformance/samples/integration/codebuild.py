"""Samples of AWS CodeBuild."""

from __future__ import annotations

import json
from typing import Any

from conformance.sample import Aws, Kept, Need, Sample

_TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "codebuild.amazonaws.com"}}],
}


def _role(name: str) -> Need:
    return ("aws:iam/role:Role", {"name": f"{name}-{{n}}", "assumeRolePolicy": json.dumps(_TRUST)})


def _project(aws: Aws, it: Kept) -> dict[str, Any]:
    (found,) = aws("codebuild").batch_get_projects(names=[it.id])["projects"]
    return {
        "about": found["description"],
        "from": found["source"]["buildspec"],
        "image": found["environment"]["image"],
        "variables": found["environment"]["environmentVariables"],
        "artifacts": found["artifacts"]["type"],
        "as": found["serviceRole"],
        "minutes": (found["timeoutInMinutes"], found["queuedTimeoutInMinutes"]),
        "at once": found["concurrentBuildLimit"],
        "log": found["logsConfig"]["cloudWatchLogs"]["groupName"],
        "under": found["encryptionKey"],
        "tags": {tag["key"]: tag["value"] for tag in found["tags"]},
    }


def _inputs(when: str, minutes: int) -> dict[str, Any]:
    return {
        "description": when,
        "source": {"type": "NO_SOURCE", "buildspec": f"version: 0.2 # {when}"},
        "environment": {
            "type": "LINUX_CONTAINER",
            "image": f"aws/codebuild/{when}",
            "computeType": "BUILD_GENERAL1_SMALL",
            "environmentVariables": [{"name": "WHEN", "value": when}],
        },
        "artifacts": {"type": "NO_ARTIFACTS"},
        "serviceRole": f"{{{when}.outputs.arn}}",
        "buildTimeout": minutes,
        "queuedTimeout": minutes + 1,
        "concurrentBuildLimit": minutes,
        "logsConfig": {"cloudwatchLogs": {"groupName": when}},
        "encryptionKey": f"arn:aws:kms:eu-west-1:123456789012:key/{when}",
        "tags": {"own": when},
    }


def _seen(when: str, minutes: int) -> dict[str, Any]:
    return {
        "about": when,
        "from": f"version: 0.2 # {when}",
        "image": f"aws/codebuild/{when}",
        "variables": [{"name": "WHEN", "value": when, "type": "PLAINTEXT"}],
        "artifacts": "NO_ARTIFACTS",
        "as": f"{{{when}.outputs.arn}}",
        "minutes": (minutes, minutes + 1),
        "at once": minutes,
        "log": when,
        "under": f"arn:aws:kms:eu-west-1:123456789012:key/{when}",
        "tags": {"from": "provider", "own": when},
    }


def _group(aws: Aws, it: Kept) -> dict[str, Any]:
    (found,) = aws("codebuild").batch_get_report_groups(reportGroupArns=[it.id])["reportGroups"]
    destination = found["exportConfig"]["s3Destination"]
    return {
        "type": found["type"],
        "to": destination["bucket"],
        "path": destination["path"],
        "tags": {tag["key"]: tag["value"] for tag in found["tags"]},
    }


def _export(when: str) -> dict[str, Any]:
    key = f"arn:aws:kms:eu-west-1:123456789012:key/{when}"
    destination = {"bucket": f"reports-{when}", "path": when, "encryptionKey": key, "packaging": "ZIP"}
    return {"exportConfig": {"type": "S3", "s3Destination": destination}, "tags": {"own": when}}


def _exported(when: str) -> dict[str, Any]:
    return {
        "type": "TEST",
        "to": f"reports-{when}",
        "path": when,
        "tags": {"from": "provider", "own": when},
    }


SAMPLES = [
    Sample(
        type="aws:codebuild/project:Project",
        needs={"before": _role("before"), "after": _role("after")},
        inputs={"name": "project-{n}", **_inputs("before", 10)},
        look=_project,
        seen=_seen("before", 10),
        change=_inputs("after", 20),
        seen_changed=_seen("after", 20),
        replace={"name": "project-{n}-renamed"},
        drift=lambda aws, it: aws("codebuild").update_project(name=it.inputs["name"], description="drifted"),
        drifts="description",
        remove=lambda aws, it: aws("codebuild").delete_project(name=it.inputs["name"]),
    ),
    Sample(
        type="aws:codebuild/reportGroup:ReportGroup",
        inputs={"name": "reports-{n}", "type": "TEST", **_export("before")},
        look=_group,
        seen=_exported("before"),
        change=_export("after"),
        seen_changed=_exported("after"),
        replace={"type": "CODE_COVERAGE"},
        drift=lambda aws, it: aws("codebuild").update_report_group(
            arn=it.id, exportConfig={"exportConfigType": "NO_EXPORT"}
        ),
        drifts="exportConfig",
        remove=lambda aws, it: aws("codebuild").delete_report_group(arn=it.id),
    ),
]
