"""A push to a repository at a source provider starts a build through a connection, once its handshake is done."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from plinth_sandbox.emulator.credentials import management_secret
from plinth_sandbox.emulator.executors.task_runner import BUILDS
from plinth_sandbox.emulator.process import PROVIDER_PATH
from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws, refusal
from plinth_sandbox.waiting import eventually

ADDRESS = "https://github.com/acme/scoring.git"
ROLE = f"arn:aws:iam::{MANAGEMENT}:role/mirror"
PUSHES = [[{"type": "EVENT", "pattern": "PUSH"}, {"type": "HEAD_REF", "pattern": "^refs/heads/"}]]
SAYS = "echo $CODEBUILD_WEBHOOK_EVENT $CODEBUILD_WEBHOOK_TRIGGER $(cat content)"


class Provider:
    """A developer, a folder with a provider's repositories, and a connection to it."""

    def __init__(self, aws: EmulatedAws, folder: Path) -> None:
        self.aws, self.root, self.copy = aws, folder / "repositories", folder / "copy"
        self.codebuild, self.connections = aws.client("codebuild"), aws.client("codeconnections")
        aws.role("mirror", "codebuild")
        (aws.directory / "images.json").write_text(json.dumps({"aws/codebuild/*": sys.prefix}))
        self.bare = self.root / "acme" / "scoring.git"
        self.git("init", "--quiet", "--bare", "--initial-branch=main", str(self.bare))
        self.git("clone", "--quiet", str(self.bare), str(self.copy))

    def git(self, *words: str) -> str:
        identity = {
            f"GIT_{who}_{what}": "ana@acme.example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
        }
        variables = {
            "PATH": os.environ["PATH"],
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            **identity,
        }
        done = subprocess.run(["git", *words], env=variables, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def push(self, content: str, branch: str = "main") -> str:
        (self.copy / "content").write_text(content)
        here = ("-C", str(self.copy))
        self.git(*here, "checkout", "--quiet", "-B", branch)
        self.git(*here, "add", ".")
        self.git(*here, "commit", "--quiet", "-m", content)
        self.git(*here, "push", "--quiet", "origin", branch)
        return self.git(*here, "rev-parse", "HEAD").strip()

    def connection(self, name: str) -> str:
        return str(self.connections.create_connection(ConnectionName=name, ProviderType="GitHub")["ConnectionArn"])

    def tell(self, **said: Any) -> dict[str, Any]:
        body = json.dumps(said).encode()
        owner = {"Authorization": f"Bearer {management_secret(self.aws.directory)}"}
        with urllib.request.urlopen(urllib.request.Request(self.aws.url + PROVIDER_PATH, body, owner)) as answer:
            return dict(json.load(answer))

    def connect(self, name: str) -> dict[str, Any]:
        return self.tell(connection=name, root=str(self.root))

    def project(self, name: str, connection: str, role: str = ROLE, **source: Any) -> None:
        spec = json.dumps({"version": 0.2, "phases": {"build": {"commands": [SAYS]}}})
        auth = {"type": "CODECONNECTIONS", "resource": connection}
        self.codebuild.create_project(
            name=name,
            source={"type": "GITHUB", "location": ADDRESS, "auth": auth, "buildspec": spec, **source},
            artifacts={"type": "NO_ARTIFACTS"},
            environment={
                "type": "LINUX_CONTAINER", "image": "aws/codebuild/standard:7.0",
                "computeType": "BUILD_GENERAL1_SMALL",
            },
            serviceRole=role,
        )  # fmt: skip

    def ended(self, project: str, count: int = 1) -> dict[str, Any]:
        """Returns the newest build of a project when it has ended."""
        ids = self.codebuild.list_builds_for_project(projectName=project)["ids"]
        assert len(ids) == count

        def look() -> dict[str, Any] | None:
            (build,) = self.codebuild.batch_get_builds(ids=ids[:1])["builds"]
            return build if build["buildComplete"] else None

        found: dict[str, Any] = eventually(look)
        return found

    def log(self, build: dict[str, Any]) -> str:
        named = {"logGroupName": build["logs"]["groupName"], "logStreamName": build["logs"]["streamName"]}
        return "\n".join(event["message"] for event in self.aws.client("logs").get_log_events(**named)["events"])


def reason(build: dict[str, Any]) -> str:
    (phase,) = (candidate for candidate in build["phases"] if candidate["phaseType"] == "DOWNLOAD_SOURCE")
    return str(phase["contexts"][0]["message"])


@pytest.fixture(scope="module")
def provider(server: EmulatedAws, tmp_path_factory: pytest.TempPathFactory) -> Provider:
    return Provider(server, tmp_path_factory.mktemp("provider"))


def test_a_new_connection_is_pending_until_somebody_completes_it(provider: Provider) -> None:
    arn = provider.connection("fresh")
    read = provider.connections.get_connection
    assert read(ConnectionArn=arn)["Connection"]["ConnectionStatus"] == "PENDING"
    assert read(ConnectionArn=arn)["Connection"]["OwnerAccountId"] == MANAGEMENT
    assert "No connection has the name or ARN other" in provider.connect("other")["refused"]
    assert provider.connect("fresh") == {}
    assert read(ConnectionArn=arn)["Connection"]["ConnectionStatus"] == "AVAILABLE"


def test_a_push_starts_a_build_of_its_commit_and_shows_the_status_there(provider: Provider) -> None:
    arn = provider.connection("github")
    provider.connect("github")
    provider.push("before the webhook")
    provider.project("pushed", arn, reportBuildStatus=True)
    webhook = provider.codebuild.create_webhook(projectName="pushed", filterGroups=PUSHES)["webhook"]
    assert webhook["filterGroups"] == PUSHES
    commit = provider.push("first", branch="feature/faster")
    build = provider.ended("pushed")
    assert (build["buildStatus"], build["resolvedSourceVersion"]) == ("SUCCEEDED", commit)
    assert build["initiator"] == "GitHub-Hookshot"
    assert "PUSH branch/feature/faster first" in provider.log(build)
    noted = provider.git("-C", str(provider.bare), "notes", "--ref=statuses/pushed", "show", commit)
    assert noted.strip() == f"AWS CodeBuild {REGION} (pushed): SUCCEEDED"

    provider.git("-C", str(provider.copy), "push", "--quiet", "origin", "--delete", "feature/faster")
    provider.git("-C", str(provider.copy), "tag", "v1")
    provider.git("-C", str(provider.copy), "push", "--quiet", "origin", "v1")
    assert len(provider.codebuild.list_builds_for_project(projectName="pushed")["ids"]) == 1

    only_main = [[*PUSHES[0], {"type": "HEAD_REF", "pattern": "^refs/heads/main$"}]]
    provider.codebuild.update_webhook(projectName="pushed", filterGroups=only_main)
    provider.push("second", branch="other")
    assert len(provider.codebuild.list_builds_for_project(projectName="pushed")["ids"]) == 1
    provider.codebuild.delete_webhook(projectName="pushed")
    provider.push("third")
    assert len(provider.codebuild.list_builds_for_project(projectName="pushed")["ids"]) == 1


def test_builds_of_pushes_leave_workers_to_the_builds_for_which_they_wait(provider: Provider, tmp_path: Path) -> None:
    arn = provider.connection("waiting")
    provider.connect("waiting")
    wait = {"build": {"commands": [f"while ! [ -e {tmp_path}/built ]; do sleep 0.05; done"]}}
    provider.project("first", arn, buildspec=json.dumps({"version": 0.2, "phases": wait}))
    provider.codebuild.create_webhook(projectName="first", filterGroups=PUSHES)
    for number in range(BUILDS):
        provider.push(f"push {number}", branch=f"branch-{number}")
    touch = {"build": {"commands": [f"touch {tmp_path}/built"]}}
    spec = json.dumps({"version": 0.2, "phases": touch})
    provider.project("second", arn, type="NO_SOURCE", location="", auth={"type": "OAUTH"}, buildspec=spec)
    provider.codebuild.start_build(projectName="second")
    assert provider.ended("second")["buildStatus"] == "SUCCEEDED"
    assert provider.ended("first", count=BUILDS)["buildStatus"] == "SUCCEEDED"
    provider.codebuild.delete_webhook(projectName="first")


def test_a_build_with_a_pending_connection_fails_as_at_aws(provider: Provider) -> None:
    arn = provider.connection("pending")
    provider.project("waiting", arn)
    provider.codebuild.start_build(projectName="waiting")
    assert reason(provider.ended("waiting")) == (
        f"Failed to get access token from {arn}: Access denied to connection {arn}"
    )
    assert refusal(provider.codebuild.create_webhook, projectName="waiting") == "InvalidInputException"


def test_a_role_without_the_token_of_the_connection_cannot_build(provider: Provider) -> None:
    arn = provider.connection("denied")
    provider.connect("denied")
    role = provider.aws.role("unconnected", "codebuild")
    deny = {"Effect": "Deny", "Action": "codeconnections:GetConnectionToken", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    provider.aws.client("iam").put_role_policy(RoleName="unconnected", PolicyName="deny", PolicyDocument=policy)
    provider.project("denied", arn, role=role)
    provider.codebuild.start_build(projectName="denied")
    assert "Access denied to connection" in reason(provider.ended("denied"))


@pytest.mark.parametrize(
    ("webhook", "code"),
    [
        ({"filterGroups": [[{"type": "ACTOR_ACCOUNT_ID", "pattern": "1"}]]}, "NotImplementedBySandbox"),
        ({"filterGroups": [[{"type": "HEAD_REF", "pattern": "("}]]}, "InvalidInputException"),
        ({"manualCreation": True}, "NotImplementedBySandbox"),
    ],
)
def test_webhooks_that_the_sandbox_cannot_decide_are_refused(
    provider: Provider, webhook: dict[str, Any], code: str
) -> None:
    if "refused" not in provider.codebuild.list_projects()["projects"]:
        provider.project("refused", provider.connection("refused"))
    assert refusal(provider.codebuild.create_webhook, projectName="refused", **webhook) == code


def test_a_webhook_needs_a_repository_and_a_provider(provider: Provider) -> None:
    arn = provider.connection("empty")
    provider.connect("empty")
    provider.project("absent", arn, location="https://github.com/acme/absent.git")
    assert refusal(provider.codebuild.create_webhook, projectName="absent") == "OAuthProviderException"
    provider.project("inline", arn, type="NO_SOURCE")
    assert refusal(provider.codebuild.create_webhook, projectName="inline") == "InvalidInputException"


def test_a_restart_keeps_connections_and_webhooks(provider: Provider) -> None:
    arn = provider.connection("kept")
    provider.connect("kept")
    provider.project("kept", arn)
    provider.codebuild.create_webhook(projectName="kept", filterGroups=PUSHES)
    provider.aws.restart()
    status = provider.connections.get_connection(ConnectionArn=arn)["Connection"]["ConnectionStatus"]
    assert status == "AVAILABLE"
    commit = provider.push("after the restart")
    assert provider.ended("kept")["resolvedSourceVersion"] == commit
