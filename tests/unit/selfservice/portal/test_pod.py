"""The portal in a pod: a copy of the settings that follows their branch, and the role that reads it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plinth_sandbox.emulator.credentials import management_keys
from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws
from plinth_sandbox.waiting import eventually
from selfservice.hosting.settings_copy import SettingsCopy
from selfservice.portal import pod
from selfservice.projects.project import Project
from settings.files.validation_cache import load_cached
from settings.types.aws.portal_pods import ADDRESS_VARIABLE, ISSUER_VARIABLE, PORT

ADDRESS = "https://portal.acme.example"
ISSUER = "https://identitycenter.amazonaws.com/ssoins-1234567890abcdef"
TEAM = "environments/Pulumi.forecast.yaml"


class Repository:
    """The repository of the settings, with the example organization."""

    def __init__(self, aws: EmulatedAws, project: Path) -> None:
        self.codecommit = aws.client("codecommit")
        self.codecommit.create_repository(repositoryName="plinth-settings")
        self.head = ""
        files = {file.relative_to(project).as_posix(): file.read_bytes() for file in project.rglob("*.yaml")}
        self.commit(**files)

    def commit(self, *deleted: str, **files: bytes) -> str:
        """Commits files by path, and returns the commit."""
        parent = {"parentCommitId": self.head} if self.head else {}
        self.head = self.codecommit.create_commit(
            repositoryName="plinth-settings",
            branchName="main",
            putFiles=[{"filePath": path, "fileContent": content} for path, content in files.items()],
            deleteFiles=[{"filePath": path} for path in deleted],
            **parent,
        )["commitId"]
        return self.head


def another_team(project: Path) -> bytes:
    """Returns the settings of a team like fraud, with addresses of its own."""
    described = (project / "environments" / "Pulumi.fraud.yaml").read_bytes()
    return described.replace(b"10.1.0.0/19", b"10.1.64.0/19")


@pytest.fixture
def aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmulatedAws]:
    (tmp_path / "aws").mkdir()
    with EmulatedAws(tmp_path / "aws") as running:
        monkeypatch.setenv("AWS_ENDPOINT_URL", running.url)
        monkeypatch.setenv("AWS_REGION", REGION)
        monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
        yield running


@pytest.fixture
def repository(aws: EmulatedAws, project: Path) -> Repository:
    return Repository(aws, project)


@pytest.fixture
def copy(repository: Repository, tmp_path: Path) -> SettingsCopy:
    (tmp_path / "copies").mkdir()
    made = SettingsCopy(repository.codecommit, "plinth-settings", "main", tmp_path / "copies")
    assert made.update()
    return made


def test_the_copy_has_the_settings_of_the_newest_commit(
    copy: SettingsCopy, repository: Repository, project: Path
) -> None:
    assert load_cached(copy.directory).teams == load_cached(project).teams
    assert not copy.update()
    before = copy.directory.resolve()
    repository.commit(**{TEAM: another_team(project)})
    assert copy.update()
    assert "forecast" in load_cached(copy.directory).teams
    assert (before / "Pulumi.yaml").is_file(), "a page that reads the last commit goes on"
    repository.commit(TEAM)
    assert copy.update()
    assert "forecast" not in load_cached(copy.directory).teams
    assert not before.exists(), "older commits are removed"


def test_an_update_that_failed_leaves_the_last_copy_and_is_repeated(
    copy: SettingsCopy, repository: Repository, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    repository.commit(**{"new/Pulumi.a.yaml": b"config: {}\n"})
    client, failed, stopped = copy.codecommit, threading.Event(), threading.Event()

    def refused(**_: Any) -> Any:
        failed.set()
        raise OSError("no route")

    monkeypatch.setattr(client, "get_blob", refused)
    follower = threading.Thread(target=copy.follow, args=[stopped, 0.01])
    follower.start()
    assert eventually(failed.is_set)
    assert not (copy.directory / "new").exists()
    assert (copy.directory / "Pulumi.yaml").is_file()
    monkeypatch.undo()
    assert eventually((copy.directory / "new" / "Pulumi.a.yaml").is_file)
    stopped.set()
    follower.join()
    assert "the settings of plinth-settings could not be read" in caplog.text


def test_a_symbolic_link_in_the_repository_is_not_followed(copy: SettingsCopy, repository: Repository) -> None:
    listed = repository.codecommit.get_folder

    def with_link(**asked: Any) -> Any:
        found = listed(**asked)
        return {**found, "symbolicLinks": [{"absolutePath": "secret.yaml", "blobId": "0" * 40}]}

    repository.codecommit.get_folder = with_link
    repository.commit(**{"Pulumi.extra.yaml": b"config: {}\n"})
    assert copy.update()
    assert not (copy.directory / "secret.yaml").exists()
    assert (copy.directory / "Pulumi.extra.yaml").is_file()


def test_the_pod_serves_the_copy_at_the_address_of_the_settings(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[Any] = []

    def serve(project: Project, port: int, issuer: str, say: Any, *, address: str) -> None:
        served.append((port, issuer, address))
        assert "fraud" in load_cached(project.directory).teams
        repository.commit(**{TEAM: another_team(project.directory)})
        assert eventually(lambda: "forecast" in load_cached(project.directory).teams)

    monkeypatch.setattr(pod, "serve", serve)
    monkeypatch.setattr(SettingsCopy.follow, "__defaults__", (0.01,))
    (tmp_path / "copies").mkdir()
    variables = {ADDRESS_VARIABLE: ADDRESS, ISSUER_VARIABLE: ISSUER}
    pod.run(variables, tmp_path / "copies", repository.codecommit)
    assert served == [(PORT, ISSUER, ADDRESS)]
    assert not [thread for thread in threading.enumerate() if thread.name == "settings"]


def test_the_repository_is_read_as_the_role_that_the_stack_names(
    aws: EmulatedAws, repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{MANAGEMENT}:root"}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = aws.client("iam").create_role(RoleName="reader", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    for name, value in management_keys(aws.directory).items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    client = pod.reader(role, REGION, tmp_path, source="Environment")
    found = client.get_branch(repositoryName="plinth-settings", branchName="main")["branch"]
    assert found["commitId"] == repository.head
    assert client._request_signer._credentials.method == "assume-role"
