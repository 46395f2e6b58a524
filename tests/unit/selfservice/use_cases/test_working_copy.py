"""`plinth usecase clone` makes a working copy that knows its address, how git signs in, and who commits."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError
from click.testing import CliRunner, Result

from selfservice.cli.command import main
from selfservice.reports import own_credentials
from selfservice.reports.delivery import DeliveryPlace
from settings.derived.use_case_names import UseCaseNames
from tests.support.workbench import REPOSITORY

HOST = "https://git-codecommit.eu-west-1.amazonaws.com"


class Tooling:
    """The tooling account, in which CodeCommit knows one repository."""

    id = "111111111111"

    def client(self, service: str) -> Any:
        return self

    def get_repository(self, repositoryName: str) -> dict[str, dict[str, str]]:  # noqa: N803
        if repositoryName != "fraud--scoring-build":
            raise ClientError({"Error": {"Code": "RepositoryDoesNotExistException"}}, "GetRepository")
        return {"repositoryMetadata": {"cloneUrlHttp": f"{HOST}/v1/repos/{repositoryName}"}}


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs the command in a shell whose git reaches a repository on this machine under CodeCommit's address."""
    subprocess.run(["git", "init", "--quiet", "--bare", str(tmp_path / "fraud--scoring-build")], check=True)
    place = DeliveryPlace(
        names=UseCaseNames(team="fraud", use_case="scoring"),
        minimum_gates={},
        **cast(Any, {"tooling": Tooling(), "development": Tooling()}),
    )
    monkeypatch.setattr(own_credentials, "own_place_of_builds", lambda project, use_case: place)
    monkeypatch.chdir(tmp_path)
    shell = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{tmp_path}/.insteadOf",
        "GIT_CONFIG_VALUE_0": f"{HOST}/v1/repos/",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_PROFILE": "",
    }

    def run(*words: str, **variables: str | None) -> Result:
        command = ["--cwd", str(REPOSITORY), "usecase", "clone", "fraud--scoring", *words]
        return CliRunner(env={**shell, **variables}).invoke(main, command)

    return run


def configured(copy: Path, key: str) -> list[str]:
    done = subprocess.run(
        ["git", "-C", str(copy), "config", "--local", "--get-all", key], capture_output=True, text=True, check=False
    )
    return done.stdout.splitlines()


def test_a_copy_knows_its_address_its_account_and_who_commits(clone: Any, tmp_path: Path) -> None:
    done = clone("--as", "ana", "--directory", "mine", "--profile", "ana")
    assert done.exit_code == 0, done.output
    copy = tmp_path / "mine"
    assert configured(copy, "remote.origin.url") == [f"{HOST}/v1/repos/fraud--scoring-build"]
    assert configured(copy, f"credential.{HOST}.helper") == ["", "!aws --profile ana codecommit credential-helper $@"]
    assert configured(copy, f"credential.{HOST}.useHttpPath") == ["true"]
    assert (configured(copy, "plinth.account"), configured(copy, "plinth.person")) == (["111111111111"], ["ana"])
    (address,) = configured(copy, "user.email")
    assert (configured(copy, "user.name"), address.partition("@")[0]) == (["ana"], "ana")
    assert f"Commits are by ana <{address}>." in done.stdout
    assert clone("--as", "ana", "--directory", "mine").exit_code == 2


def test_a_shell_of_aws_needs_the_aws_cli(clone: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("selfservice.use_cases.working_copy.shutil.which", lambda name: name if name == "git" else None)
    done = clone("--as", "ana", "--directory", "mine", AWS_ENDPOINT_URL=None)
    assert done.exit_code == 2
    assert "no aws on the PATH" in done.stderr


def test_a_repository_that_does_not_exist_is_named(clone: Any) -> None:
    done = clone("--as", "ana", "--repository", "deployment")
    assert done.exit_code == 2
    assert "there is no repository fraud--scoring-deployment in the account 111111111111" in done.stderr
