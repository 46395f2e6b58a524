"""Samples of AWS CodeBuild."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import urllib.request
from typing import Any

from conformance.sample import Aws, Kept, Need, Sample
from plinth_sandbox.emulator.process import PROVIDER_PATH

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


def _connected_project(aws: Aws, known: dict[str, Any]) -> dict[str, Any]:
    """Makes a project whose source is a repository at a provider, through a connection that is available."""
    root, name = tempfile.mkdtemp(), f"connected-{known['n']}"
    subprocess.run(["git", "init", "--quiet", "--bare", f"{root}/acme/{name}.git"], check=True)
    arn = aws("codeconnections").create_connection(ConnectionName=name, ProviderType="GitHub")["ConnectionArn"]
    owner = {"Authorization": f"Bearer {os.environ['AWS_SECRET_ACCESS_KEY']}"}
    body = json.dumps({"connection": arn, "root": root}).encode()
    urllib.request.urlopen(urllib.request.Request(os.environ["AWS_ENDPOINT_URL"] + PROVIDER_PATH, body, owner)).close()
    inputs = _inputs("before", 10)
    aws("codebuild").create_project(
        name=name,
        source={
            "type": "GITHUB",
            "location": f"https://github.com/acme/{name}.git",
            "auth": {"type": "CODECONNECTIONS", "resource": arn},
        },
        artifacts=inputs["artifacts"],
        environment={**inputs["environment"], "environmentVariables": []},
        serviceRole=known["before"].outputs["arn"],
    )
    return {"name": name}


def _groups(branch: str) -> list[dict[str, Any]]:
    pattern = f"^refs/heads/{branch}$"
    return [{"filters": [{"type": "EVENT", "pattern": "PUSH"}, {"type": "HEAD_REF", "pattern": pattern}]}]


def _webhook(aws: Aws, it: Kept) -> list[str]:
    (found,) = aws("codebuild").batch_get_projects(names=[it.id])["projects"]
    return [filter_["pattern"] for group in found["webhook"]["filterGroups"] for filter_ in group]


SAMPLES = [
    Sample(
        type="aws:codebuild/webhook:Webhook",
        needs={"before": _role("connected")},
        prepare=_connected_project,
        inputs={"projectName": "{prepared.name}", "filterGroups": _groups("main")},
        look=_webhook,
        seen=["PUSH", "^refs/heads/main$"],
        change={"filterGroups": _groups("develop")},
        seen_changed=["PUSH", "^refs/heads/develop$"],
        replace={"projectName": "{prepared.name}-other"},
        drift=lambda aws, it: aws("codebuild").update_webhook(
            projectName=it.id, filterGroups=[group["filters"] for group in _groups("drifted")]
        ),
        drifts="filterGroups",
        remove=lambda aws, it: aws("codebuild").delete_webhook(projectName=it.id),
    ),
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
