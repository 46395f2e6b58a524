"""Comments on commits and pull requests. A comment belongs to the comparison of a commit with another one.

Source: CodeCommit API, PostCommentForComparedCommit and PostCommentForPullRequest (read 2026-11-27). Comments on lines
of files, replies and reactions are not supported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from moto.moto_api._internal import mock_random

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.layers.moto import NotEmulatedError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.paging import page
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.codecommit.executor.pull_requests import named_pull_request
from plinth_sandbox.emulator.services.codecommit.executor.references import caller_of, check_commit_id, git_of, records
from plinth_sandbox.emulator.services.codecommit.executor.repositories import repository
from plinth_sandbox.emulator.store.record import Record, now

MOST_CHARACTERS = 10_240
"""Longest comment (CodeCommit API, CommentContentSizeLimitExceededException)."""
_COMMITS = ("beforeCommitId", "afterCommitId")
_COMPARED = ("pullRequestId", "repositoryName", *_COMMITS)
_PAGE = 100


def _post(exchange: Exchange, runtime: Runtime) -> Answer:
    call, record = exchange.call, repository(exchange)
    given, known = call.parameters, _comments(record)
    if given.get("location"):
        raise NotEmulatedError("location")
    content, token = str(given["content"]), given.get("clientRequestToken")
    if not content:
        raise AwsError("CommentContentRequiredException", "A comment has no content")
    if len(content) > MOST_CHARACTERS:
        message = f"The comment is too large. Comments are limited to {MOST_CHARACTERS:,} characters."
        raise AwsError("CommentContentSizeLimitExceededException", message)
    compared = _compared(exchange, record, runtime)
    same = next(
        (candidate for candidate in known if token and candidate["comment"]["clientRequestToken"] == token), None
    )
    if same is not None and (same["compared"], same["comment"]["content"]) != (compared, content):
        message = "The client request token has been used in a previous request and cannot be reused"
        raise AwsError("IdempotencyParameterMismatchException", message)
    if same is None:
        comment: dict[str, Any] = {
            "commentId": f"{mock_random.uuid4()}:{mock_random.uuid4()}",
            "content": content,
            "creationDate": now(),
            "lastModifiedDate": now(),
            "authorArn": caller_of(exchange),
            "deleted": False,
            "clientRequestToken": token or "",
            "callerReactions": [],
            "reactionCounts": {},
        }
        same = {"compared": compared, "comment": comment}
        known.append(same)
    return call.reply({**same["compared"], "comment": same["comment"]})


def _post_for_pull_request(exchange: Exchange, runtime: Runtime) -> Answer:
    named_pull_request(exchange)
    return _post(exchange, runtime)


def _get_all(exchange: Exchange, runtime: Runtime) -> Answer:
    return _listed(exchange, runtime, repository(exchange), "commentsForComparedCommitData")


def _get_all_for_pull_request(exchange: Exchange, runtime: Runtime) -> Answer:
    return _listed(exchange, runtime, named_pull_request(exchange)[0], "commentsForPullRequestData")


def _listed(exchange: Exchange, runtime: Runtime, record: Record, member: str) -> Answer:
    """Returns the comments by comparison. Those of pull requests are separate from those of commits."""
    parameters = exchange.call.parameters
    for_pull_request = "pullRequestId" in parameters
    wanted = {name: parameters[name] for name in _COMPARED if parameters.get(name)}
    _check_commits(record, runtime, [wanted[name] for name in _COMMITS if name in wanted])
    groups: dict[str, dict[str, Any]] = {}
    for comment in _comments(record):
        if (
            wanted.items() <= comment["compared"].items()
            and ("pullRequestId" in comment["compared"]) == for_pull_request
        ):
            key = " ".join(str(comment["compared"].get(name)) for name in _COMMITS)
            groups.setdefault(key, {**comment["compared"], "comments": []})["comments"].append(comment["comment"])
    items, further = page(list(groups.values()), parameters, _PAGE, token="nextToken", limit="maxResults")
    return exchange.call.reply({member: items, **further})


def _get(exchange: Exchange, runtime: Runtime) -> Answer:
    identifier = str(exchange.call.parameters["commentId"])
    for record in records(runtime):
        if record.place == exchange.place:
            for comment in _comments(record):
                if comment["comment"]["commentId"] == identifier:
                    return exchange.call.reply({"comment": comment["comment"]})
    raise AwsError("CommentDoesNotExistException", f"No comment exists with the id {identifier}")


def _comments(record: Record) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = record.values.setdefault("comments", [])
    return found


def _compared(exchange: Exchange, record: Record, runtime: Runtime) -> dict[str, str]:
    """Returns the repository and both commits. Only the first commit of a repository is compared with none."""
    given = {name: str(exchange.call.parameters[name]) for name in _COMPARED if exchange.call.parameters.get(name)}
    before, after = given.get("beforeCommitId"), given["afterCommitId"]
    _check_commits(record, runtime, [commit for commit in (before, after) if commit])
    if before == after:
        raise AwsError("BeforeCommitIdAndAfterCommitIdAreSameException", "The commits must be different")
    if before is None and git_of(record, runtime).commit(after).parents:
        raise AwsError("CommitIdRequiredException", "The id of the before commit is required")
    return given


def _check_commits(record: Record, runtime: Runtime, commits: list[str]) -> None:
    for commit in commits:
        check_commit_id(commit)
        if git_of(record, runtime).resolve(commit) != commit:
            raise AwsError("CommitDoesNotExistException", f"Commit {commit} does not exist")


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    "GetComment": _get,
    "GetCommentsForComparedCommit": _get_all,
    "GetCommentsForPullRequest": _get_all_for_pull_request,
    "PostCommentForComparedCommit": _post,
    "PostCommentForPullRequest": _post_for_pull_request,
}
