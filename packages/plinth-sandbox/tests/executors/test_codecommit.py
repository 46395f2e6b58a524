"""CodeCommit's repositories are git repositories, which git reads and writes under their own address."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from events.site import Site
from executors.developer import ADDRESS, Developer
from plinth_sandbox.environment import git_configuration
from plinth_sandbox.testing import EmulatedAws, refusal
from plinth_sandbox.waiting import eventually

NAME, UNCHANGED = "fraud", "unchanged"
PATTERN = {"source": ["aws.codecommit"], "detail-type": ["CodeCommit Repository State Change"]}


@pytest.fixture(scope="module")
def aws(server: EmulatedAws) -> EmulatedAws:
    return server


@pytest.fixture
def codecommit(aws: EmulatedAws) -> Iterator[Any]:
    """Returns a client. The account has one, empty repository."""
    client = aws.client("codecommit")
    client.create_repository(repositoryName=NAME, repositoryDescription="Models", tags={"team": "fraud"})
    yield client
    client.delete_repository(repositoryName=NAME)


def folder_of(aws: EmulatedAws, identifier: str) -> Path:
    return aws.directory / "git" / f"{identifier}.git"


@pytest.fixture
def developer(aws: EmulatedAws, tmp_path: Path) -> Developer:
    return Developer(aws, tmp_path / "home")


@pytest.fixture(scope="module")
def queue(aws: EmulatedAws) -> str:
    """Returns the address of a queue that receives the events."""
    site = Site(aws)
    address, arn = site.queue("events")
    site.rule("changes", PATTERN, {"Arn": arn})
    return address


@pytest.fixture
def events(aws: EmulatedAws, queue: str, codecommit: Any) -> Any:
    """Returns a function that returns the details of the repository's events since its last call."""
    identifier = codecommit.get_repository(repositoryName=NAME)["repositoryMetadata"]["repositoryId"]

    def receive() -> list[dict[str, Any]]:
        details = [body["detail"] for body in Site(aws).bodies(queue)]
        return [detail for detail in details if detail["repositoryId"] == identifier]

    return receive


def test_what_is_pushed_is_cloned_and_each_change_is_an_event(
    codecommit: Any, developer: Developer, events: Any
) -> None:
    first = developer.clone(NAME, "first")
    begun = developer.commit(first, "train.py", "print(1)\n")
    developer.push(first, "HEAD:refs/heads/main")
    developer.git("-C", str(first), "checkout", "--quiet", "-b", "feature/more")
    more = developer.commit(first, "more.py", "print(2)\n")
    developer.push(first, "feature/more")
    again = developer.commit(first, "more.py", "print(3)\n")
    developer.git("-C", str(first), "tag", "v1")
    developer.push(first, "feature/more", "v1")
    developer.push(first, "--delete", "feature/more")

    second = developer.clone(NAME, "second")
    assert (second / "train.py").read_text() == "print(1)\n"
    assert codecommit.get_repository(repositoryName=NAME)["repositoryMetadata"]["defaultBranch"] == "main"
    assert codecommit.list_branches(repositoryName=NAME)["branches"] == ["main"]
    assert codecommit.get_branch(repositoryName=NAME, branchName="main")["branch"]["commitId"] == begun
    seen = [(it["event"], it["referenceName"], it.get("oldCommitId"), it.get("commitId")) for it in events()]
    assert sorted(seen[2:4]) == [
        ("referenceCreated", "v1", None, again),
        ("referenceUpdated", "feature/more", more, again),
    ]
    assert [*seen[:2], *seen[4:]] == [
        ("referenceCreated", "main", None, begun),
        ("referenceCreated", "feature/more", None, more),
        ("referenceDeleted", "feature/more", again, None),
    ]


def test_the_default_branch_cannot_be_deleted(codecommit: Any, developer: Developer) -> None:
    copy = developer.clone(NAME, "copy")
    developer.commit(copy, "a", "1")
    developer.push(copy, "HEAD:refs/heads/trunk")
    assert "refusing to delete the current branch" in developer.git(
        "-C", str(copy), "push", "origin", "--delete", "trunk", fails=True
    )
    named = {"repositoryName": NAME, "branchName": "trunk"}
    assert refusal(codecommit.delete_branch, **named) == "DefaultBranchCannotBeDeletedException"


def test_only_credentials_of_the_account_reach_a_repository(
    aws: EmulatedAws, codecommit: Any, developer: Developer, tmp_path: Path
) -> None:
    del codecommit
    look = ("ls-remote", f"{ADDRESS}/{NAME}")
    wrong = {**developer.keys, "AWS_SECRET_ACCESS_KEY": "guessed"}
    assert "403" in developer.git(*look, keys=wrong, fails=True)
    assert "403" in developer.git(*look, keys={**wrong, "AWS_ACCESS_KEY_ID": "AKIAUNKNOWN000000000"}, fails=True)
    assert "could not read Username" in developer.git(*look, keys={}, fails=True)
    other = Developer(aws, tmp_path / "other", aws.new_account("other"))
    assert "not found" in other.git(*look, fails=True)
    assert developer.git(*look) == ""


def test_a_session_of_a_member_account_reaches_its_own_repository(aws: EmulatedAws, tmp_path: Path) -> None:
    account = aws.new_account("member")
    aws.client("codecommit", account).create_repository(repositoryName=NAME)
    member = Developer(aws, tmp_path / "member", account)
    copy = member.clone(NAME, "copy")
    member.commit(copy, "a", "1")
    member.push(copy, "HEAD:refs/heads/main")
    assert "refs/heads/main" in member.git("ls-remote", f"{ADDRESS}/{NAME}")


def test_a_working_copy_names_the_account_that_a_shell_of_management_signs_in_to(
    aws: EmulatedAws, tmp_path: Path
) -> None:
    account = aws.new_account("tooling")
    aws.client("codecommit", account).create_repository(repositoryName=NAME)
    ana = Developer(aws, tmp_path / "ana")
    ana.keys["AWS_ENDPOINT_URL"] = aws.url
    ana.git("clone", f"{ADDRESS}/{NAME}", "copy", fails=True)
    options = [f"--config=plinth.account={account}", "--config=plinth.person=ana"]
    ana.git("clone", "--quiet", *options, f"{ADDRESS}/{NAME}", "own")
    copy = tmp_path / "ana" / "own"
    ana.commit(copy, "a", "1")
    ana.push(copy, "HEAD:refs/heads/main")
    branch = aws.client("codecommit", account).get_branch(repositoryName=NAME, branchName="main")["branch"]
    assert branch["commitId"] == ana.git("-C", str(copy), "rev-parse", "HEAD").strip()


def test_a_restart_keeps_what_was_pushed_and_committed_and_repeats_no_event(
    aws: EmulatedAws, codecommit: Any, developer: Developer, events: Any
) -> None:
    put = {"repositoryName": NAME, "branchName": "main", "filePath": "a.txt", "fileContent": b"one"}
    first = codecommit.put_file(**put)["commitId"]
    assert refusal(codecommit.put_file, **put) == "ParentCommitIdRequiredException"
    codecommit.create_branch(repositoryName=NAME, branchName="short", commitId=first)
    codecommit.delete_branch(repositoryName=NAME, branchName="short")
    copy = developer.clone(NAME, "copy")
    pushed = developer.commit(copy, "b.txt", "two")
    developer.push(copy, "HEAD:refs/heads/main")
    last = codecommit.put_file(**{**put, "fileContent": b"three"}, parentCommitId=pushed)["commitId"]
    developer.git("-C", str(copy), "push", "--quiet", "--force", "origin", "HEAD:refs/heads/main")
    assert len(events()) == 6
    for _ in range(2):
        aws.restart()
        assert codecommit.get_branch(repositoryName=NAME, branchName="main")["branch"]["commitId"] == pushed
        assert codecommit.list_branches(repositoryName=NAME)["branches"] == ["main"]
        assert codecommit.get_commit(repositoryName=NAME, commitId=last)["commit"]["parents"] == [pushed]
        assert events() == []


def test_a_push_that_the_sandbox_did_not_live_to_record_is_recorded_at_its_next_start(
    aws: EmulatedAws, codecommit: Any, developer: Developer, events: Any
) -> None:
    codecommit.put_file(repositoryName=NAME, branchName="main", filePath="a", fileContent=b"1")
    commit = codecommit.get_branch(repositoryName=NAME, branchName="main")["branch"]["commitId"]
    identifier = codecommit.get_repository(repositoryName=NAME)["repositoryMetadata"]["repositoryId"]
    assert len(events()) == 1
    aws.kill()
    folder = folder_of(aws, identifier)
    developer.git("--git-dir", str(folder), "update-ref", "refs/heads/late", commit)
    aws.start()
    assert [(it["event"], it["referenceName"]) for it in events()] == [("referenceCreated", "late")]
    aws.restart()
    assert events() == []


def test_a_repository_made_again_is_empty(aws: EmulatedAws, codecommit: Any, developer: Developer) -> None:
    codecommit.put_file(repositoryName=NAME, branchName="main", filePath="a", fileContent=b"1")
    assert codecommit.delete_repository(repositoryName=NAME)["repositoryId"]
    assert "repositoryId" not in codecommit.delete_repository(repositoryName=NAME)
    assert "not found" in developer.git("ls-remote", f"{ADDRESS}/{NAME}", fails=True)
    folders = len(list((aws.directory / "git").iterdir()))
    codecommit.create_repository(repositoryName=NAME)
    for _ in range(2):
        assert developer.git("ls-remote", f"{ADDRESS}/{NAME}") == ""
        assert codecommit.list_branches(repositoryName=NAME)["branches"] == []
        assert len(list((aws.directory / "git").iterdir())) == folders + 1
        aws.restart()


def test_others_cannot_read_a_repository_on_disk(aws: EmulatedAws, codecommit: Any) -> None:
    codecommit.put_file(repositoryName=NAME, branchName="main", filePath="a", fileContent=b"1")
    folder = aws.directory / "git"
    assert [path for path in (folder, *folder.rglob("*")) if path.stat().st_mode & 0o077] == []


def test_commits_of_the_api_are_commits_of_git(codecommit: Any, developer: Developer) -> None:
    files = [
        {"filePath": "run.sh", "fileMode": "EXECUTABLE", "fileContent": b"#!/bin/sh\n"},
        {"filePath": "src/a.py", "fileContent": b"a = 1\n"},
    ]
    main = {"repositoryName": NAME, "branchName": "main"}
    first = codecommit.create_commit(
        **main, putFiles=files, authorName="Ana", email="ana@acme.example", commitMessage="Begin"
    )
    assert [file["absolutePath"] for file in first["filesAdded"]] == ["run.sh", "src/a.py"]
    second = codecommit.create_commit(
        **main,
        parentCommitId=first["commitId"],
        putFiles=[{"filePath": "src/a.py", "fileContent": b"a = 2\n"}],
        deleteFiles=[{"filePath": "run.sh"}],
    )
    copy = developer.clone(NAME, "copy")
    assert developer.git("-C", str(copy), "log", "--format=%an %s").splitlines()[1] == "Ana Begin"
    assert (copy / "src/a.py").read_text() == "a = 2\n"
    read = codecommit.get_file(repositoryName=NAME, commitSpecifier=first["commitId"], filePath="run.sh")
    assert (read["fileMode"], read["fileContent"]) == ("EXECUTABLE", b"#!/bin/sh\n")
    folder = codecommit.get_folder(repositoryName=NAME, folderPath="/")
    assert [it["absolutePath"] for it in folder["subFolders"]] == ["src"]
    assert folder["files"] == []
    span = {"beforeCommitSpecifier": first["commitId"], "afterCommitSpecifier": "main"}
    differences = codecommit.get_differences(repositoryName=NAME, **span)["differences"]
    assert [
        (difference["changeType"], (difference.get("afterBlob") or difference["beforeBlob"])["path"])
        for difference in differences
    ] == [
        ("D", "run.sh"),
        ("M", "src/a.py"),
    ]
    assert codecommit.get_commit(repositoryName=NAME, commitId=second["commitId"])["commit"]["parents"] == [
        first["commitId"]
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"putFiles": []}, "FileEntryRequiredException"),
        ({"parentCommitId": "0" * 40}, "ParentCommitDoesNotExistException"),
        ({"branchName": "none"}, "BranchDoesNotExistException"),
        ({"branchName": "a..b"}, "InvalidBranchNameException"),
        ({"putFiles": [{"filePath": "../a", "fileContent": b"1"}]}, "InvalidPathException"),
        ({"putFiles": [{"filePath": "a", "fileContent": b"1"}]}, "NoChangeException"),
        ({"putFiles": [{"filePath": "a/b", "fileContent": b"1"}]}, "DirectoryNameConflictsWithFileNameException"),
        ({"putFiles": [{"filePath": "b", "fileContent": b"1"}] * 2}, "SamePathRequestException"),
        ({"putFiles": [], "deleteFiles": [{"filePath": "b"}]}, "FileDoesNotExistException"),
        ({"keepEmptyFolders": True}, "NotImplementedBySandbox"),
        ({"repositoryName": "none"}, "RepositoryDoesNotExistException"),
    ],
)
def test_commits_that_codecommit_refuses_change_nothing(
    read_only: tuple[Any, str], changes: dict[str, Any], code: str
) -> None:
    codecommit, head = read_only
    given = {"putFiles": [{"filePath": "b", "fileContent": b"1"}], "parentCommitId": head}
    wanted = {"repositoryName": UNCHANGED, "branchName": "main", **given, **changes}
    assert refusal(codecommit.create_commit, **wanted) == code
    assert codecommit.get_branch(repositoryName=UNCHANGED, branchName="main")["branch"]["commitId"] == head


@pytest.fixture(scope="module")
def read_only(aws: EmulatedAws) -> tuple[Any, str]:
    """Returns a client and the last commit of a repository that no test changes."""
    client = aws.client("codecommit")
    client.create_repository(repositoryName=UNCHANGED)
    put = client.put_file(repositoryName=UNCHANGED, branchName="main", filePath="a", fileContent=b"1")
    return client, put["commitId"]


def test_a_comment_on_a_commit_is_posted_once_and_survives_a_restart(aws: EmulatedAws, codecommit: Any) -> None:
    place = {"repositoryName": NAME}
    first = codecommit.put_file(**place, branchName="main", filePath="a", fileContent=b"1")["commitId"]
    second = codecommit.put_file(**place, branchName="main", filePath="a", fileContent=b"2", parentCommitId=first)[
        "commitId"
    ]
    compared = {**place, "beforeCommitId": first, "afterCommitId": second}
    request = {**compared, "content": "f1: 0.71 < 0.80", "clientRequestToken": "build-1"}
    posted = codecommit.post_comment_for_compared_commit(**request)["comment"]
    assert codecommit.post_comment_for_compared_commit(**request)["comment"] == posted
    codecommit.post_comment_for_compared_commit(**place, afterCommitId=first, content="registered")
    aws.restart()
    (found,) = codecommit.get_comments_for_compared_commit(**compared)["commentsForComparedCommitData"]
    assert found["comments"] == [posted]
    assert (found["beforeCommitId"], posted["content"]) == (first, "f1: 0.71 < 0.80")
    assert codecommit.get_comment(commentId=posted["commentId"])["comment"] == posted
    (of_first,) = codecommit.get_comments_for_compared_commit(**place, afterCommitId=first)[
        "commentsForComparedCommitData"
    ]
    assert [comment["content"] for comment in of_first["comments"]] == ["registered"]
    for changes, code in (
        ({"content": "other"}, "IdempotencyParameterMismatchException"),
        ({"clientRequestToken": "2", "content": "x" * 10_241}, "CommentContentSizeLimitExceededException"),
        ({"clientRequestToken": "2", "beforeCommitId": second}, "BeforeCommitIdAndAfterCommitIdAreSameException"),
        ({"clientRequestToken": "2", "beforeCommitId": "0" * 40}, "CommitDoesNotExistException"),
        ({"clientRequestToken": "2", "afterCommitId": "main"}, "InvalidCommitIdException"),
        ({"clientRequestToken": "2", "location": {"filePath": "a"}}, "NotImplementedBySandbox"),
    ):
        assert refusal(codecommit.post_comment_for_compared_commit, **request | changes) == code
    without = {name: value for name, value in request.items() if name != "beforeCommitId"} | {"clientRequestToken": "3"}
    assert refusal(codecommit.post_comment_for_compared_commit, **without) == "CommitIdRequiredException"


def test_repositories_are_described_renamed_and_tagged(codecommit: Any) -> None:
    found = codecommit.get_repository(repositoryName=NAME)["repositoryMetadata"]
    assert (found["cloneUrlHttp"], found["repositoryDescription"]) == (f"{ADDRESS}/{NAME}", "Models")
    assert codecommit.list_tags_for_resource(resourceArn=found["Arn"])["tags"] == {"team": "fraud"}
    codecommit.update_repository_name(oldName=NAME, newName="churn")
    assert refusal(codecommit.get_repository, repositoryName=NAME) == "RepositoryDoesNotExistException"
    codecommit.update_repository_description(repositoryName="churn", repositoryDescription="Other models")
    listed = codecommit.list_repositories()["repositories"]
    assert {"repositoryName": "churn", "repositoryId": found["repositoryId"]} in listed
    both = codecommit.batch_get_repositories(repositoryNames=["churn", NAME])
    assert [repository["repositoryDescription"] for repository in both["repositories"]] == ["Other models"]
    assert both["repositoriesNotFound"] == [NAME]
    assert refusal(codecommit.create_repository, repositoryName="churn") == "RepositoryNameExistsException"
    assert refusal(codecommit.create_repository, repositoryName="x.git") == "InvalidRepositoryNameException"
    codecommit.delete_repository(repositoryName="churn")


def test_a_push_does_not_wait_for_other_calls(aws: EmulatedAws, codecommit: Any, developer: Developer) -> None:
    """A client that waits for messages, and pushes, of which one waits for a hook, occupy nothing."""
    copy = developer.clone(NAME, "copy")
    developer.commit(copy, "a", "1")
    folder = folder_of(aws, codecommit.get_repository(repositoryName=NAME)["repositoryMetadata"]["repositoryId"])
    reached, gate = (aws.directory / name for name in ("reached", "gate"))
    hook = folder / "hooks" / "pre-receive"
    hook.parent.mkdir()
    hook.write_text(f"#!/bin/sh\ntouch {reached}\nwhile ! [ -e {gate} ]; do sleep 0.02; done\n")
    hook.chmod(0o700)
    variables = {**os.environ, **git_configuration(aws.url), **developer.keys}
    words = ["git", "-C", str(copy), "push", "--quiet", "origin", "HEAD:refs/heads/main"]
    with subprocess.Popen(words, env=variables) as pushing:
        eventually(reached.exists)
        assert codecommit.list_branches(repositoryName=NAME)["branches"] == []
        gate.touch()
    assert pushing.returncode == 0
    assert codecommit.list_branches(repositoryName=NAME)["branches"] == ["main"]
