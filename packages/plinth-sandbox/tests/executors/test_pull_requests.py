"""Pull requests of CodeCommit: reviews, merges, and what pushes do to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from events.site import Site
from executors.developer import Developer
from plinth_sandbox.testing import REGION, EmulatedAws, refusal
from plinth_sandbox.waiting import eventually

NAME = "reviewed"
MAIN, FEATURE = "refs/heads/main", "refs/heads/feature/f1"


class Repository:
    """A repository with a file on main, and a branch that changes it."""

    def __init__(self, client: Any) -> None:
        self.client = client
        client.create_repository(repositoryName=NAME)
        self.first = self.put("main", "model.py", "a = 1\n")
        client.create_branch(repositoryName=NAME, branchName="feature/f1", commitId=self.first)
        self.second = self.put("feature/f1", "model.py", "a = 2\n")

    def put(self, branch: str, path: str, content: str) -> str:
        """Commits a file and returns the id of the commit."""
        parent = {} if not self.branches() else {"parentCommitId": self.head(branch)}
        given = {"filePath": path, "fileContent": content.encode(), **parent}
        return str(self.client.put_file(repositoryName=NAME, branchName=branch, **given)["commitId"])

    def head(self, branch: str) -> str:
        return str(self.client.get_branch(repositoryName=NAME, branchName=branch)["branch"]["commitId"])

    def branches(self) -> list[str]:
        return list(self.client.list_branches(repositoryName=NAME)["branches"])

    def open(self, **further: Any) -> dict[str, Any]:
        target = {"repositoryName": NAME, "sourceReference": "feature/f1"}
        created = self.client.create_pull_request(title="Raise a", targets=[target], **further)
        return dict(created["pullRequest"])

    def read(self, identifier: str) -> dict[str, Any]:
        return dict(self.client.get_pull_request(pullRequestId=identifier)["pullRequest"])


@pytest.fixture
def repository(server: EmulatedAws) -> Iterator[Repository]:
    made = Repository(server.client("codecommit"))
    yield made
    made.client.delete_repository(repositoryName=NAME)


def target(pull_request: dict[str, Any]) -> dict[str, Any]:
    (found,) = pull_request["pullRequestTargets"]
    return dict(found)


def test_a_pull_request_compares_a_branch_with_the_default_branch(repository: Repository) -> None:
    opened = repository.open(description="The metrics are better", clientRequestToken="1")
    assert target(opened) == {
        "repositoryName": NAME,
        "sourceReference": FEATURE,
        "destinationReference": MAIN,
        "sourceCommit": repository.second,
        "destinationCommit": repository.first,
        "mergeBase": repository.first,
        "mergeMetadata": {"isMerged": False},
    }
    assert (opened["pullRequestStatus"], opened["title"]) == ("OPEN", "Raise a")
    assert repository.read(opened["pullRequestId"]) == opened
    assert repository.open(description="The metrics are better", clientRequestToken="1") == opened
    for given, code in (
        ({"clientRequestToken": "1", "description": "other"}, "IdempotencyParameterMismatchException"),
        ({"title": ""}, "TitleRequiredException"),
        ({"targets": [{"repositoryName": NAME, "sourceReference": "none"}]}, "ReferenceDoesNotExistException"),
        ({"targets": [{"repositoryName": NAME, "sourceReference": "main"}]}, "SourceAndDestinationAreSameException"),
        ({"targets": [{"repositoryName": "none", "sourceReference": "a"}]}, "RepositoryDoesNotExistException"),
    ):
        wanted = {"title": "Raise a", "targets": [{"repositoryName": NAME, "sourceReference": "feature/f1"}], **given}
        assert refusal(repository.client.create_pull_request, **wanted) == code
    listed = repository.client.list_pull_requests(repositoryName=NAME, pullRequestStatus="OPEN")
    assert listed["pullRequestIds"] == [opened["pullRequestId"]]
    assert refusal(repository.client.get_pull_request, pullRequestId="987654") == "PullRequestDoesNotExistException"


def test_a_new_commit_of_the_source_is_another_revision_whose_approval_is_open(
    server: EmulatedAws, repository: Repository
) -> None:
    opened = repository.open()
    number, revision = opened["pullRequestId"], opened["revisionId"]
    approval = {"pullRequestId": number, "approvalState": "APPROVE"}
    approve = repository.client.update_pull_request_approval_state
    assert refusal(approve, **approval, revisionId=revision) == "PullRequestCannotBeApprovedByAuthorException"
    reviewer = _user(server, "lea")
    reviewer.update_pull_request_approval_state(**approval, revisionId=revision)
    states = repository.client.get_pull_request_approval_states
    assert [state["approvalState"] for state in states(pullRequestId=number, revisionId=revision)["approvals"]] == [
        "APPROVE"
    ]
    repository.put("feature/f1", "model.py", "a = 3\n")
    changed = repository.read(number)
    assert target(changed)["sourceCommit"] == repository.head("feature/f1")
    assert changed["revisionId"] != revision
    assert states(pullRequestId=number, revisionId=changed["revisionId"])["approvals"] == []
    stale = {**approval, "revisionId": revision}
    assert refusal(reviewer.update_pull_request_approval_state, **stale) == "RevisionNotCurrentException"


@pytest.mark.parametrize(
    ("way", "option", "parents"),
    [
        ("merge_pull_request_by_fast_forward", "FAST_FORWARD_MERGE", ["first"]),
        ("merge_pull_request_by_squash", "SQUASH_MERGE", ["first"]),
        ("merge_pull_request_by_three_way", "THREE_WAY_MERGE", ["first", "second"]),
    ],
)
def test_a_merge_changes_the_destination_closes_the_request_and_survives_a_restart(
    server: EmulatedAws, repository: Repository, way: str, option: str, parents: list[str]
) -> None:
    client, number = repository.client, repository.open()["pullRequestId"]
    merge = getattr(client, way)
    named = {"pullRequestId": number, "repositoryName": NAME}
    assert refusal(merge, **named, sourceCommitId=repository.first) == "TipOfSourceReferenceIsDifferentException"
    merged = merge(**named, sourceCommitId=repository.second)["pullRequest"]
    head = repository.head("main")
    metadata = target(merged)["mergeMetadata"]
    assert (metadata["isMerged"], metadata["mergeOption"], metadata["mergeCommitId"]) == (True, option, head)
    commit = client.get_commit(repositoryName=NAME, commitId=head)["commit"]
    assert commit["parents"] == [getattr(repository, name) for name in parents]
    content = client.get_file(repositoryName=NAME, commitSpecifier="main", filePath="model.py")["fileContent"]
    assert content == b"a = 2\n"
    assert target(merged)["destinationCommit"] == repository.first
    assert refusal(merge, **named) == "PullRequestAlreadyClosedException"
    update = {"pullRequestId": number, "pullRequestStatus": "OPEN"}
    assert refusal(client.update_pull_request_status, **update) == "InvalidPullRequestStatusUpdateException"
    server.restart()
    assert repository.read(number) == merged


def test_a_conflict_is_not_merged_and_a_diverged_branch_is_not_fast_forwarded(repository: Repository) -> None:
    client, number = repository.client, repository.open()["pullRequestId"]
    named = {"pullRequestId": number, "repositoryName": NAME}
    head = repository.put("main", "other.py", "b = 1\n")
    assert refusal(client.merge_pull_request_by_fast_forward, **named) == "ManualMergeRequiredException"
    assert target(repository.read(number))["destinationCommit"] == head
    conflicting = repository.put("main", "model.py", "a = 9\n")
    assert refusal(client.merge_pull_request_by_squash, **named) == "ManualMergeRequiredException"
    assert refusal(client.merge_pull_request_by_three_way, **named) == "ManualMergeRequiredException"
    assert repository.head("main") == conflicting
    assert repository.read(number)["pullRequestStatus"] == "OPEN"


def test_a_pushed_fast_forward_merges_and_a_deleted_branch_closes(
    server: EmulatedAws, repository: Repository, tmp_path: Any
) -> None:
    number = repository.open()["pullRequestId"]
    developer = Developer(server, tmp_path / "home")
    copy = developer.clone(NAME, "copy")
    developer.push(copy, f"{repository.second}:main")
    merged = eventually(lambda: (found := repository.read(number))["pullRequestStatus"] == "CLOSED" and found)
    assert target(merged)["mergeMetadata"]["mergeOption"] == "FAST_FORWARD_MERGE"
    repository.put("feature/f1", "model.py", "a = 3\n")
    number = repository.open()["pullRequestId"]
    repository.client.delete_branch(repositoryName=NAME, branchName="feature/f1")
    closed = repository.read(number)
    assert (closed["pullRequestStatus"], target(closed)["mergeMetadata"]) == ("CLOSED", {"isMerged": False})


def test_comments_of_a_pull_request_are_apart_from_those_of_commits(repository: Repository) -> None:
    client, number = repository.client, repository.open()["pullRequestId"]
    compared = {
        "repositoryName": NAME,
        "beforeCommitId": repository.first,
        "afterCommitId": repository.second,
    }
    client.post_comment_for_compared_commit(**compared, content="f1: 0.81")
    posted = client.post_comment_for_pull_request(pullRequestId=number, **compared, content="Please add a test")
    (found,) = client.get_comments_for_pull_request(pullRequestId=number)["commentsForPullRequestData"]
    assert [comment["content"] for comment in found["comments"]] == ["Please add a test"]
    assert (found["pullRequestId"], posted["pullRequestId"]) == (number, number)
    (of_commits,) = client.get_comments_for_compared_commit(**compared)["commentsForComparedCommitData"]
    assert [comment["content"] for comment in of_commits["comments"]] == ["f1: 0.81"]
    other = {**compared, "repositoryName": "other"}
    client.create_repository(repositoryName="other")
    assert (
        refusal(client.post_comment_for_pull_request, pullRequestId=number, **other, content="x")
        == "RepositoryNotAssociatedWithPullRequestException"
    )
    client.delete_repository(repositoryName="other")


def test_reviews_and_merges_are_events(server: EmulatedAws, repository: Repository) -> None:
    site = Site(server)
    url, arn = site.queue("reviews")
    site.rule("reviews", {"detail-type": ["CodeCommit Pull Request State Change"]}, {"Arn": arn})
    number = repository.open()["pullRequestId"]
    repository.put("feature/f1", "model.py", "a = 3\n")
    repository.client.merge_pull_request_by_squash(pullRequestId=number, repositoryName=NAME)
    found: list[dict[str, Any]] = []

    def received() -> list[dict[str, Any]] | None:
        found.extend(body["detail"] for body in site.bodies(url))
        return found if len(found) == 3 else None

    events = {detail["event"]: detail for detail in eventually(received)}
    assert events.keys() == {
        "pullRequestCreated",
        "pullRequestSourceBranchUpdated",
        "pullRequestMergeStatusUpdated",
    }
    merged = events["pullRequestMergeStatusUpdated"]
    assert (merged["isMerged"], merged["pullRequestStatus"], merged["mergeOption"]) == (
        "True",
        "Closed",
        "SQUASH_MERGE",
    )
    assert merged["repositoryNames"] == [NAME]


def _user(server: EmulatedAws, name: str) -> Any:
    """Returns a client of a new user of the account."""
    iam = server.client("iam")
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return boto3.client(
        "codecommit",
        endpoint_url=server.url,
        region_name=REGION,
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
