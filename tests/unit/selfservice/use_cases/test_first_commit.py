"""A use case is created in steps, each of which is left out if it was done before."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.credentials import ReadOnlyCredentials

from plinth_sandbox.emulator.git import credentials
from selfservice.engine.account_access import Account
from selfservice.errors import BadInputError, ExitCode, RefusedError
from selfservice.use_cases import codecommit_access, creation, first_commit, repository
from selfservice.use_cases.creation import Surface, created
from selfservice.use_cases.first_commit import FirstCommit, lacks_commit
from selfservice.use_cases.git import git
from selfservice.use_cases.repository import recorded_answers, refuse_other_content
from tests.support.workbench import REPOSITORY
from tests.unit.selfservice.use_cases.test_answers import OUTPUTS
from tests.unit.selfservice.use_cases.test_deployment_answers import OUTPUTS as PLACES

STACK = "fraud--card-risk"


class Organization:
    """A deployed organization whose repository is a folder of this machine."""

    def __init__(self, root: Path, patch: pytest.MonkeyPatch) -> None:
        self.stack, self.outputs = STACK, dict[str, Any]()
        self.remote, self.folder = root / "remote.git", root / "build"
        subprocess.run(["git", "init", "--quiet", "--bare", str(self.remote)], check=True)
        self.deployed = {stack: {**outputs} for stack, outputs in OUTPUTS.items() if stack != STACK}
        self.deployed["tooling"]["artifact_bucket"] = "acme-artifacts"
        self.answers: dict[str, str] = {}
        self.operations: list[tuple[str, ...]] = []
        self.followed: list[bool] = []
        self.refusal: Any = None
        self.said: list[str] = []
        """Messages of the last command to the user."""
        self.status, self.models = ExitCode.OK, [{"group": f"{STACK}-main", "version": "1"}]
        graph = dict.fromkeys(("tooling", "fraud-development", "fraud-production", STACK), ())
        project = SimpleNamespace(
            directory=REPOSITORY, program_directory=REPOSITORY, state_directory=root / "state", graph=graph
        )
        for module in (creation, first_commit):
            patch.setattr(module, "open_project", lambda directory: project)
            patch.setattr(module, "deployments_by_stack", lambda project, stacks: {s: self._state(s) for s in stacks})
        patch.setattr(first_commit.stack_outputs, "read", lambda project, stack, show_secrets: self.deployed[stack])
        account = Account("222222222222", "eu-west-1", None)
        patch.setattr(creation.delivery, "place_of", lambda project, stack: SimpleNamespace(tooling=account))
        patch.setattr(creation.model_versions, "models", lambda place: self.models)
        patch.setattr(creation, "package_place", lambda project: None)
        patch.setattr(repository, "access", lambda account, url: ([], {}))
        for name, value in (("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_NOSYSTEM", "1")):
            patch.setenv(name, value)

    def create(self, *, wait: bool = False) -> ExitCode:
        first = FirstCommit(
            stack=self.stack, folder=self.folder, template="tabular", version=None, answers=self.answers
        )
        surface = Surface(announce=self.said.append, deploy=self._deploy, follow=self._watch if wait else None)
        self.said.clear()
        self.made = created(REPOSITORY, first, surface)
        return self.made.status

    def _deploy(self, stacks: tuple[str, ...]) -> Any:
        if self.refusal is not None:
            return self.refusal
        self.operations.append(stacks)
        self.deployed[self.stack] = {
            "artifact_bucket": "acme-artifacts",
            "clone_urls": {"build": str(self.remote)},
            "image_repositories": {},
            **self.outputs,
        }
        return SimpleNamespace(exit_code=ExitCode.OK)

    def _watch(self, place: Any, *, expects_build: bool) -> ExitCode:
        self.followed.append(expects_build)
        return self.status

    def _state(self, stack: str) -> dict[str, Any]:
        return {"resources": [{"type": "pulumi:pulumi:Stack", "outputs": self.deployed.get(stack, {})}]}


@pytest.fixture
def organization(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Organization:
    return Organization(tmp_path, monkeypatch)


@pytest.mark.requirement("TPL-02")
def test_one_command_deploys_generates_and_pushes_and_a_second_changes_nothing(organization: Organization) -> None:
    assert organization.create() is ExitCode.OK
    assert organization.operations == [("fraud-development", STACK)]
    commit = git(organization.remote, "rev-parse", "main")
    assert git(organization.folder, "log", "--format=%an <%ae> %s") == (
        "plinth <fraud-owner@acme.example> Begin from the template"
    )
    assert (organization.made.commit, organization.made.repository) == (commit, str(organization.remote))
    pushed, following = organization.said
    assert pushed.endswith(f"Its first commit {commit[:7]} is pushed to main.")
    assert f"plinth runs {STACK} --watch" in following
    assert organization.create() is ExitCode.OK
    assert organization.operations == [("fraud-development", STACK)]
    assert git(organization.remote, "rev-parse", "main") == commit
    deployed, left, following = organization.said
    assert deployed == f"The stack {STACK} is deployed already."
    assert left.endswith("has branches already (main), so nothing is pushed.")
    assert following.startswith("Next:")


def test_an_interrupted_push_is_repeated_with_the_generated_project(organization: Organization, tmp_path: Path) -> None:
    kept = organization.remote.rename(tmp_path / "kept.git")
    with pytest.raises(RefusedError, match="in the account 222222222222 refused git ls-remote"):
        organization.create()
    kept.rename(organization.remote)
    hook = organization.remote / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(RefusedError, match="refused git push"):
        organization.create()
    hook.unlink()
    (organization.folder / "mine.txt").write_text("kept")
    assert organization.create() is ExitCode.OK
    assert git(organization.remote, "rev-parse", "main") == git(organization.folder, "rev-parse", "HEAD")
    assert (organization.folder / "mine.txt").exists()


def test_a_repeated_command_follows_the_first_build_until_there_is_a_model(organization: Organization) -> None:
    organization.status, organization.models = ExitCode.FAILED, []
    assert [organization.create(wait=True) for _ in range(2)] == [ExitCode.FAILED, ExitCode.FAILED]
    assert organization.followed == [True, False]
    organization.models = [{"group": f"{STACK}-main", "version": "1"}]
    assert organization.create(wait=True) is ExitCode.OK
    assert f"The newest model version is {STACK}-main  1" in organization.said[-2]


@pytest.mark.requirement("TPL-02")
def test_a_use_case_whose_models_are_promoted_gets_its_deployment_repository(
    organization: Organization, tmp_path: Path
) -> None:
    remote = tmp_path / "deployment.git"
    subprocess.run(["git", "init", "--quiet", "--bare", str(remote)], check=True)
    organization.stack, organization.answers = "fraud--scoring", {"problem": "regression"}
    organization.deployed |= {**PLACES, "tooling": {**organization.deployed["tooling"], **PLACES["tooling"]}}
    organization.outputs = {
        "clone_urls": {"build": str(organization.remote), "deployment": str(remote)},
        "role_arns": {"promoter": "arn:aws:iam::222222222222:role/promoter"},
    }
    assert organization.create() is ExitCode.OK
    folder = tmp_path / "fraud--scoring-deployment"
    commit = git(remote, "rev-parse", "main")
    assert f"{folder} is the deployment repository. Its first commit {commit[:7]}" in organization.said[1]
    assert organization.made.commit == git(organization.remote, "rev-parse", "main")
    foundation = json.loads((folder / "foundation.json").read_text())
    assert foundation["tags"]["plinth:owner"] == "fraud-owner@acme.example"
    assert foundation["environments"]["prod"]["account_id"] == PLACES["fraud-production"]["account_id"]
    assert recorded_answers(folder, ("problem", "repository")) == {"problem": "regression", "repository": "deployment"}
    organization.answers = {}
    shutil.rmtree(folder)
    git(remote, "branch", "-D", "main")
    assert organization.create() is ExitCode.OK
    assert recorded_answers(folder, ("problem",)) == {"problem": "regression"}, "not the default of the question"


def test_a_project_at_a_source_provider_is_generated_and_left_to_push(organization: Organization) -> None:
    source = "https://github.com/acme/fraud-card-risk-build.git"
    organization.deployed[STACK] = {
        "artifact_bucket": "acme-artifacts",
        "clone_urls": {"build": str(organization.remote)},
        "image_repositories": {},
        "source_urls": {"build": source},
    }
    assert organization.create() is ExitCode.OK
    assert (organization.folder / "build_spec.yml").exists()
    assert f"Push it to main of {source}" in organization.said[1]
    assert (organization.made.to_push, organization.made.commit, organization.made.repository) == (True, None, source)
    assert git(organization.remote, "for-each-ref") == ""


def test_the_first_use_case_also_deploys_what_tooling_lacks(organization: Organization) -> None:
    organization.deployed["tooling"] = {key: OUTPUTS["tooling"][key] for key in ("account_id", "key_arn")}
    organization.create()
    assert organization.operations == [("tooling", "fraud-development", STACK)]


def test_a_failed_deployment_ends_the_command(organization: Organization) -> None:
    organization.refusal = SimpleNamespace(exit_code=ExitCode.REFUSED, problems="refused by SM-14: 1 resource")
    assert organization.create() is ExitCode.REFUSED
    assert organization.said == []
    assert organization.made.problems == "refused by SM-14: 1 resource"
    assert not organization.folder.exists()


def test_a_folder_with_something_else_is_refused(organization: Organization) -> None:
    organization.create()
    refuse_other_content(organization.folder, STACK)
    with pytest.raises(BadInputError, match="is not empty; name another folder with --directory"):
        refuse_other_content(organization.folder, "fraud--scoring")


def test_the_password_is_the_one_that_codecommit_expects() -> None:
    host, path = "git-codecommit.eu-west-1.amazonaws.com", "/v1/repos/fraud--card-risk-build"
    account = Account("222222222222", "eu-west-1", None)
    keys = ReadOnlyCredentials("AKIAEXAMPLE", "secret", "token")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Account, "keys", lambda self: keys)
        configuration, environment = codecommit_access.access(account, f"https://{host}{path}")
    assert environment["PLINTH_GIT_USER"] == "AKIAEXAMPLE%token"
    assert credentials.is_password(environment["PLINTH_GIT_PASSWORD"], "secret", "eu-west-1", host, path)
    assert [value == "" for _, value in configuration] == [True, False]


def test_a_deployed_use_case_lacks_its_first_commit_until_somebody_has_pushed_it(organization: Organization) -> None:
    project: Any = first_commit.open_project(REPOSITORY)
    assert not lacks_commit(project, STACK)  # it is not deployed
    organization.deployed[STACK] = {"clone_urls": {"build": str(organization.remote)}}
    assert lacks_commit(project, STACK)
    organization.deployed[STACK] |= {"artifact_bucket": "acme-artifacts", "image_repositories": {}}
    assert organization.create() is ExitCode.OK
    assert not lacks_commit(project, STACK)
    organization.deployed[STACK]["source_urls"] = {"build": "https://github.com/acme/fraud-card-risk-build.git"}
    assert not lacks_commit(project, STACK)
