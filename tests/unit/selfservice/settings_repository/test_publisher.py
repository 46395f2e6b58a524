"""The commits of a request are pushed to a branch with a pull request, and what was merged comes back."""

from __future__ import annotations

from pathlib import Path

import pytest

from selfservice.errors import BadInputError, RefusedError
from selfservice.reviews.pull_requests import GitHubRepository, GitLabRepository, repository_of
from selfservice.settings_repository.branch import SettingsBranch
from selfservice.settings_repository.publisher import SettingsPublisher
from tests.support.forge_server import ForgeServer
from tests.support.git import commit_as_runner, git

PROJECT = "name: plinth\nruntime: python\nstackConfigDir: environments\n"


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The runner's working copy of a project, on its branch main."""
    commit_as_runner(monkeypatch)
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch", "main", "remote")
    git(tmp_path, "clone", "--quiet", "remote", "working")
    working = tmp_path / "working"
    git(working, "switch", "--quiet", "--create", "main")
    (working / "environments").mkdir()
    (working / "Pulumi.yaml").write_text(PROJECT)
    commit(working, "first")
    git(working, "push", "--quiet", "--set-upstream", "origin", "main")
    return working


@pytest.fixture
def colleague(runner: Path) -> Path:
    """The working copy of a person who merges pull requests."""
    git(runner.parent, "clone", "--quiet", "remote", "colleague")
    return runner.parent / "colleague"


def commit(folder: Path, name: str, text: str = "config: {}\n") -> None:
    (folder / "environments").mkdir(exist_ok=True)
    (folder / "environments" / f"Pulumi.{name}.yaml").write_text(text)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", f"Add the team {name}")


def publisher(runner: Path, server: ForgeServer, forge: str = "github") -> SettingsPublisher:
    github = {"GITHUB_TOKEN": "bot-token", "GITHUB_API_URL": server.url, "GITHUB_REPOSITORY": "acme/foundation"}
    gitlab = {"GITLAB_TOKEN": "bot-token", "CI_API_V4_URL": server.url, "CI_PROJECT_ID": "12"}
    return SettingsPublisher.of(runner, github if forge == "github" else gitlab)


def published(of: SettingsPublisher, id_: str, team: str) -> str:
    return of.publish(id_, f"Add the team {team}", user="ada", approved_by="ben")


@pytest.mark.parametrize("forge", ["github", "gitlab"])
def test_a_request_becomes_one_pull_request_that_follows_its_commits(
    runner: Path, server: ForgeServer, forge: str
) -> None:
    commit(runner, "claims")
    of = publisher(runner, server, forge)
    of.receive()
    url = published(of, "r1", "claims")
    assert published(of, "r1", "claims") == url == "https://forge.example/acme/foundation/pull/1"
    commit(runner, "keys")
    published(of, "r1", "claims")
    (pull,) = server.pulls
    assert (pull["head"], pull["base"], pull["title"]) == ("plinth/request-r1", "main", "Add the team claims")
    lines = ["    Requested by ada as r1, approved by ben.", "", "    Add the team claims", "    Add the team keys", ""]
    assert pull["body"].partition("\n\n")[2] == "\n".join(lines)
    remote = runner.parent / "remote"
    assert git(remote, "rev-parse", "plinth/request-r1") == git(runner, "rev-parse", "HEAD")
    assert git(remote, "log", "--format=%s", "main") == "Add the team first"


@pytest.mark.parametrize("way", ["merge", "squash", "rebase"])
def test_what_was_merged_is_not_proposed_again(runner: Path, colleague: Path, server: ForgeServer, way: str) -> None:
    of = publisher(runner, server)
    commit(runner, "claims")
    commit(runner, "churn")
    of.receive()
    published(of, "r1", "claims")
    server.pulls[0]["state"] = "closed"
    git(colleague, "fetch", "--quiet")
    if way == "merge":
        git(colleague, "merge", "--quiet", "--no-ff", "--no-edit", "origin/plinth/request-r1")
    elif way == "squash":
        git(colleague, "merge", "--quiet", "--squash", "origin/plinth/request-r1")
        git(colleague, "commit", "--quiet", "--message", "Two teams")
    else:
        commit(colleague, "other")
        git(colleague, "cherry-pick", "origin/main..origin/plinth/request-r1")
    git(colleague, "push", "--quiet")
    of.receive()
    assert published(of, "r1", "claims") == ""
    assert git(runner, "diff", "origin/main", "HEAD") == ""
    commit(runner, "sales")
    published(of, "r2", "sales")
    assert [pull["head"] for pull in server.pulls] == ["plinth/request-r1", "plinth/request-r2"]
    assert git(runner, "diff", "--name-only", "origin/main", "HEAD") == "environments/Pulumi.sales.yaml"


def test_settings_of_others_are_merged_below_commits_that_wait(
    runner: Path, colleague: Path, server: ForgeServer
) -> None:
    commit(runner, "claims")
    commit(colleague, "churn")
    git(colleague, "push", "--quiet")
    of = publisher(runner, server)
    of.receive()
    assert {file.name for file in (runner / "environments").iterdir()} == {
        "Pulumi.first.yaml", "Pulumi.claims.yaml", "Pulumi.churn.yaml",
    }  # fmt: skip
    published(of, "r1", "claims")
    assert "    Add the team claims\n" in server.pulls[0]["body"]
    assert "Merge" not in server.pulls[0]["body"].partition("\n\n")[2]


def test_contradicting_settings_are_refused_and_leave_the_working_copy_as_it_was(
    runner: Path, colleague: Path, server: ForgeServer
) -> None:
    commit(runner, "claims", "config: {a: 1}\n")
    commit(colleague, "claims", "config: {a: 2}\n")
    git(colleague, "push", "--quiet")
    before = git(runner, "rev-parse", "HEAD")
    with pytest.raises(RefusedError, match="the settings of main at origin could not be merged"):
        publisher(runner, server).receive()
    assert (git(runner, "rev-parse", "HEAD"), git(runner, "status", "--porcelain")) == (before, "")


def test_a_repository_or_forge_that_refuses_is_named(runner: Path, server: ForgeServer) -> None:
    commit(runner, "claims")
    of = publisher(runner, server)
    of.receive()
    git(runner, "remote", "set-url", "origin", str(runner.parent / "gone"))
    with pytest.raises(RefusedError, match=r"could not be merged .*gone"):
        of.receive()
    with pytest.raises(RefusedError, match=r"could not be pushed to plinth/request-r1 at origin: .*gone"):
        published(of, "r1", "claims")
    git(runner, "remote", "set-url", "origin", str(runner.parent / "remote"))
    refused = SettingsPublisher(of.branch, GitHubRepository(api=server.url, name="acme/foundation", token="made-up"))
    with pytest.raises(BadInputError, match=r"GitHub refused the call of .*401 Bad credentials; GITHUB_TOKEN needs"):
        published(refused, "r1", "claims")


def test_a_working_copy_without_branch_or_remote_is_refused(runner: Path, tmp_path: Path) -> None:
    git(runner, "switch", "--quiet", "--detach")
    with pytest.raises(BadInputError, match="no branch checked out"):
        SettingsBranch.of(runner)
    git(runner, "switch", "--quiet", "main")
    git(runner, "remote", "remove", "origin")
    with pytest.raises(BadInputError, match="git remote add origin URL"):
        SettingsBranch.of(runner)
    alone = tmp_path / "alone"
    (alone / "environments").mkdir(parents=True)
    (alone / "Pulumi.yaml").write_text(PROJECT)
    with pytest.raises(BadInputError, match="is in no git repository"):
        SettingsBranch.of(alone)


@pytest.mark.parametrize(
    ("remote", "api"),
    [
        ("https://github.com/acme/foundation.git", "https://api.github.com"),
        ("https://ada@github.com/acme/foundation", "https://api.github.com"),
        ("git@github.com:acme/foundation.git", "https://api.github.com"),
        ("ssh://git@github.acme.example:7999/acme/foundation.git", "https://github.acme.example/api/v3"),
    ],
)
def test_the_repository_is_that_of_the_remote_url(remote: str, api: str) -> None:
    assert repository_of(remote, {"GITHUB_TOKEN": "t"}) == GitHubRepository(api=api, name="acme/foundation", token="t")
    found = repository_of("git@gitlab.acme.example:platform/ml/foundation.git", {"GITLAB_TOKEN": "t"})
    assert found == GitLabRepository(api="https://gitlab.acme.example/api/v4", name="platform/ml/foundation", token="t")


@pytest.mark.parametrize(
    ("remote", "environment", "said"),
    [
        ("git@github.com:acme/foundation.git", {}, "none is set"),
        ("git@github.com:acme/foundation.git", {"GITHUB_TOKEN": "a", "GITLAB_TOKEN": "b"}, "both are set"),
        ("/srv/git/foundation", {"GITHUB_TOKEN": "a"}, "is not at a forge"),
    ],
)
def test_a_forge_that_nothing_names_is_refused(remote: str, environment: dict[str, str], said: str) -> None:
    with pytest.raises(BadInputError, match=said):
        repository_of(remote, environment)
