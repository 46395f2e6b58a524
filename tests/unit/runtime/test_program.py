"""Tests of the environment in which a promotion runs code of the deployment repository."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from runtime.promotion.environment.target import Target
from runtime.promotion.program.findings import refusals
from runtime.promotion.program.project import ReleaseProject
from runtime.promotion.program.variables import with_credentials, without_credentials
from runtime.promotion.release import Release

BUILD = {
    "PATH": "/bin",
    "HOME": "/root",
    "AWS_REGION": "eu-west-1",
    "HTTPS_PROXY": "http://proxy:3128",
    "AWS_CA_BUNDLE": "/authorities.pem",
    "AWS_ACCESS_KEY_ID": "AKIA",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_SESSION_TOKEN": "token",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/1",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN": "token",
    "AWS_PROFILE": "promotion",
    "CODEBUILD_BUILD_ARN": "arn:aws:codebuild:eu-west-1:1:build/p:1",
    "APPROVERS": "{}",
    "RELEASE_ROLES": "{}",
}
KEPT = {"PATH", "HOME", "AWS_REGION", "HTTPS_PROXY", "AWS_CA_BUNDLE"}
REPORT = """
import json, os, pathlib

def test_the_environment():
    names = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    pathlib.Path("report.json").write_text(json.dumps(names))
"""


def event(message: str, level: str = "mandatory") -> str:
    return json.dumps({"policyEvent": {"message": message, "enforcementLevel": level}})


def test_code_gets_the_variables_of_the_system_and_of_the_connection_only():
    assert without_credentials(BUILD).keys() == KEPT
    more = with_credentials(BUILD).keys() - KEPT
    assert more == {name for name in BUILD if name.startswith(("AWS_ACC", "AWS_SEC", "AWS_SES", "AWS_CONT"))}


def test_mandatory_findings_are_read_from_the_log_of_the_engine_once(tmp_path: Path):
    log = tmp_path / "events.json"
    assert refusals(log) == []
    lines = ['{"sequence": 1}', event("Rules of high severity\nSM-09 Models: planted is open; close it")] * 2
    log.write_text("\n".join([*lines, event("SM-14 Variants: one", "advisory")]))
    assert refusals(log) == ["SM-09 Models: planted is open; close it"]


def test_the_project_is_that_of_the_foundation_whatever_the_repository_says(tmp_path: Path):
    program = tmp_path / "program"
    program.mkdir()
    (program / "Pulumi.yaml").write_text("name: other\nruntime: python\nplugins: {analyzers: []}\n")
    folder = tmp_path / "project"
    folder.mkdir()
    for _ in range(2):
        ReleaseProject(folder=folder, name="fraud--scoring", program=program).write()
    project = json.loads((folder / "Pulumi.yaml").read_text())
    assert (project["name"], project["main"]) == ("fraud--scoring", str(program))
    assert "plugins" not in project
    assert project["config"] == {"pulumi:disable-default-providers": ["*"]}


class Sts:
    """STS and CodeCommit for a release whose repository has one test."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def client(self, _: str) -> Sts:
        return self

    def assume_role(self, **asked: str) -> dict[str, Any]:
        self.asked.append(asked)
        return {"Credentials": {"AccessKeyId": "ASIA", "SecretAccessKey": "limited", "SessionToken": "limited"}}


def after_tests(folder: Path, outputs: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> tuple[Sts, dict[str, str]]:
    """Runs a test of a repository, and returns STS and the environment variables of the test."""
    (folder / "tests").mkdir()
    (folder / "tests" / "test_environment.py").write_text(REPORT)
    for name, value in BUILD.items():
        if name not in ("PATH", "HOME", "AWS_PROFILE"):
            monkeypatch.setenv(name, value)
    monkeypatch.setattr(Release, "_require_content", lambda _: None)
    monkeypatch.setattr(Target, "stack", lambda _: SimpleNamespace(outputs=lambda: outputs))
    sts = Sts()
    roles = {"preproduction": "arn:aws:iam::2:role/release"}
    variables: Any = SimpleNamespace(execution="1", region="eu-west-1", release_roles=roles)
    session: Any = sts
    nothing: Any = None
    plan: Any = SimpleNamespace(execution="1")
    target = Target(
        variables=variables,
        session=session,
        records=nothing,
        plan=plan,
        environment="preproduction",
        program=folder,
    )
    Release(target).test()
    return sts, json.loads((folder / "report.json").read_text())


@pytest.mark.requirement("PRE-04.a")
def test_tests_of_the_repository_call_the_api_of_the_release_read_metrics_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    outputs = {"url": "https://api", "api_id": "abc123", "endpoint_name": "scoring"}
    sts, seen = after_tests(tmp_path, outputs, monkeypatch)
    (asked,) = sts.asked
    call, load = json.loads(asked["Policy"])["Statement"]
    assert call == {
        "Effect": "Allow",
        "Action": "execute-api:Invoke",
        "Resource": "arn:aws:execute-api:*:*:abc123/*",
    }
    assert load["Action"] == ["cloudwatch:GetMetricData", "cloudwatch:ListMetrics"]
    assert (seen["AWS_ACCESS_KEY_ID"], seen["AWS_SECRET_ACCESS_KEY"]) == ("ASIA", "limited")
    assert (seen["API_URL"], seen["LOADED_ENDPOINT"]) == ("https://api", "scoring")
    assert not seen.keys() & (BUILD.keys() - KEPT - {name for name in BUILD if name.startswith(("AWS_ACC", "AWS_SE"))})
