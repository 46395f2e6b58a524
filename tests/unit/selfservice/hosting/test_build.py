"""A build works on the branch of the settings with the installed program, as the role that it assumes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
import yaml

from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws
from selfservice.hosting import build
from selfservice.hosting.credentials import SESSION, provisioner_environment, session
from selfservice.hosting.installed_program import PROGRAM
from selfservice.settings_repository.branch import SettingsBranch
from tests.support.git import commit_as_runner, git

ROLE = "arn:aws:iam::123456789012:role/plinth/platform-provisioner"
VARIABLES = {
    "PLINTH_TASK": "requests",
    "PLINTH_PROVISIONER": ROLE,
    "PLINTH_SETTINGS_ACCOUNT": "111122223333",
    "PULUMI_BACKEND_URL": "s3://acme-states?region=eu-west-1&awssdk=v2",
}
PROJECT = "name: plinth\nruntime: python\nmain: ../elsewhere\nstackConfigDir: environments\n"


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The source of a build: a detached clone of the settings."""
    commit_as_runner(monkeypatch)
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch", "main", "remote")
    git(tmp_path, "clone", "--quiet", "remote", "colleague")
    colleague = tmp_path / "colleague"
    git(colleague, "switch", "--quiet", "--create", "main")
    (colleague / "environments").mkdir()
    (colleague / "environments" / "Pulumi.organization.yaml").write_text("config: {}\n")
    (colleague / "Pulumi.yaml").write_text(PROJECT)
    git(colleague, "add", "--all")
    git(colleague, "commit", "--quiet", "--message", "Settings")
    git(colleague, "push", "--quiet", "origin", "main")
    git(tmp_path, "clone", "--quiet", "remote", "source")
    git(tmp_path / "source", "switch", "--quiet", "--detach", "origin/main")
    git(tmp_path / "source", "branch", "--quiet", "--delete", "main")
    return tmp_path / "source"


def commit(folder: Path, name: str) -> None:
    (folder / "environments" / f"Pulumi.{name}.yaml").write_text("config: {}\n")
    git(folder, "add", "environments")
    git(folder, "commit", "--quiet", "--message", f"Add the team {name}")


def test_a_working_copy_is_of_the_branch_and_its_program_is_installed(source: Path) -> None:
    build.prepare(source, "111122223333")
    described = yaml.safe_load((source / "Pulumi.yaml").read_text())
    assert (described["main"], described["runtime"]["options"]["virtualenv"]) == (str(PROGRAM), sys.prefix)
    assert git(source, "status", "--porcelain") == ""
    branch = SettingsBranch.of(source)
    assert (branch.base, branch.remote) == ("main", "origin")
    commit(source, "claims")
    assert branch.push_to_base() == ["Add the team claims"]
    remote = source.parent / "remote"
    assert git(remote, "log", "--format=%s", "main").splitlines() == ["Add the team claims", "Settings"]
    assert git(remote, "show", "main:Pulumi.yaml") == PROJECT.strip()


def test_commits_follow_those_that_somebody_else_has_pushed_meanwhile(source: Path) -> None:
    build.prepare(source, "111122223333")
    colleague = source.parent / "colleague"
    commit(colleague, "fraud")
    git(colleague, "push", "--quiet", "origin", "main")
    commit(source, "claims")
    branch = SettingsBranch.of(source)
    assert "Add the team claims" in branch.push_to_base()
    assert branch.push_to_base() == []
    subjects = git(source.parent / "remote", "log", "--no-merges", "--format=%s", "main").splitlines()
    assert sorted(subjects) == ["Add the team claims", "Add the team fraud", "Settings"]


@pytest.mark.parametrize(("task", "words"), build.COMMANDS.items())
def test_the_command_line_runs_the_task_as_the_provisioner(
    source: Path, monkeypatch: pytest.MonkeyPatch, task: str, words: tuple[str, ...]
) -> None:
    started: list[tuple[list[str], dict[str, str]]] = []
    real = subprocess.run

    def run(command: list[str], **others: Any) -> subprocess.CompletedProcess[str]:
        if command[0] == "git":
            return real(command, **others)
        started.append((command, others["env"]))
        return subprocess.CompletedProcess(command, 4)

    monkeypatch.setattr(subprocess, "run", run)
    assert build.run({**os.environ, **VARIABLES, "PLINTH_TASK": task}, source) == 4
    ((command, environment),) = started
    assert command[-len(words) :] == list(words)
    assert environment["AWS_PROFILE"] == "provisioner"
    assert not Path(environment["PLINTH_STATE_DIR"]).is_relative_to(source)


@pytest.fixture
def emulated(tmp_path: Path) -> Iterator[EmulatedAws]:
    folder = tmp_path / "aws"
    folder.mkdir()
    with EmulatedAws(folder) as server:
        yield server


def test_sdks_act_as_the_role_whose_session_is_opened_with_the_own_keys(emulated: EmulatedAws, tmp_path: Path) -> None:
    iam = emulated.client("iam", "123456789012")
    trust = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    arn = iam.create_role(RoleName="platform-provisioner", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    home = tmp_path / "home"
    home.mkdir()
    keys = {name.upper(): value for name, value in emulated.credentials(MANAGEMENT).items()}
    shell = {**keys, "AWS_ENDPOINT_URL": emulated.url, "AWS_DEFAULT_REGION": REGION}
    environment = provisioner_environment({**os.environ, **shell}, arn, home)
    assert {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}.isdisjoint(environment)
    program = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"
    said = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    assert said.stdout.strip() == "arn:aws:sts::123456789012:assumed-role/platform-provisioner/plinth-requests"
    modes = {file.name: oct(file.stat().st_mode)[-2:] for file in home.iterdir()}
    assert modes == {"config": "00", "credentials": "00", SESSION: "00"}


def test_a_session_is_used_again_as_long_as_it_is_valid_for_a_while(tmp_path: Path) -> None:
    now = datetime(2026, 11, 27, 12, tzinfo=UTC)
    known = json.dumps({"Version": 1, "AccessKeyId": "ASIA", "Expiration": (now + timedelta(minutes=16)).isoformat()})
    (tmp_path / SESSION).write_text(known)
    assert session(ROLE, tmp_path, now) == known


def test_a_session_that_ends_soon_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 11, 27, 12, tzinfo=UTC)
    (tmp_path / SESSION).write_text(json.dumps({"Expiration": (now + timedelta(minutes=14)).isoformat()}))
    issued = {
        "AccessKeyId": "ASIA",
        "SecretAccessKey": "s",
        "SessionToken": "t",
        "Expiration": now + timedelta(hours=1),
    }
    sts = SimpleNamespace(assume_role=lambda **_: {"Credentials": issued})
    monkeypatch.setattr(boto3, "client", lambda _: sts)
    found = json.loads(session(ROLE, tmp_path, now))
    assert (found["AccessKeyId"], found["Expiration"]) == ("ASIA", "2026-11-27T13:00:00+00:00")
    assert json.loads((tmp_path / SESSION).read_text()) == found
