"""Pull requests of a repository as its record keeps them, and what changes of branches do to them.

Sources: CodeCommit User Guide, "Merge a pull request" (deleted branches and pushed fast-forwards close a pull request)
and "Monitoring CodeCommit events" (read 2026-11-27).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from plinth_sandbox.emulator.services.events.executor import outbox
from plinth_sandbox.emulator.store.record import Record, now

OPEN, CLOSED = "OPEN", "CLOSED"
FAST_FORWARD = "FAST_FORWARD_MERGE"
PullRequest = dict[str, Any]
"""A pull request under the names of the API, and ``approvals``: the state by revision and user."""


def pull_requests(record: Record) -> list[PullRequest]:
    """Returns the pull requests of a repository, the oldest first."""
    found: list[PullRequest] = record.values.setdefault("pullRequests", [])
    return found


def target(pull_request: PullRequest) -> dict[str, Any]:
    """Returns the target. CodeCommit supports one per pull request."""
    found: dict[str, Any]
    (found,) = pull_request["pullRequestTargets"]
    return found


def revise(pull_request: PullRequest, commit: str) -> None:
    """Sets the tip of the source branch. Each has a revision of its own, to which approvals belong."""
    target(pull_request)["sourceCommit"] = commit
    text = f"{pull_request['pullRequestId']} {pull_request['creationDate']} {commit}"
    pull_request["revisionId"] = hashlib.sha256(text.encode()).hexdigest()


def close(record: Record, pull_request: PullRequest, user: str, merge: Mapping[str, Any] | None = None) -> None:
    """Closes a pull request, with the metadata of the merge if there was one."""
    pull_request["pullRequestStatus"] = CLOSED
    if merge is not None:
        target(pull_request)["mergeMetadata"] = {"isMerged": True, "mergedBy": user, **merge}
    emit(record, pull_request, "pullRequestMergeStatusUpdated" if merge else "pullRequestStatusChanged", user)


def follow_branch(record: Record, reference: str, commit: str, user: str) -> None:
    """Changes the open pull requests of a branch that has a new commit, or none because it was deleted."""
    for pull_request in pull_requests(record):
        aim = target(pull_request)
        ends = aim["sourceReference"], aim["destinationReference"]
        if pull_request["pullRequestStatus"] != OPEN or reference not in ends:
            continue
        if not commit:
            close(record, pull_request, user)
        elif reference == aim["sourceReference"]:
            revise(pull_request, commit)
            emit(record, pull_request, "pullRequestSourceBranchUpdated", user)
        elif commit == aim["sourceCommit"]:
            close(record, pull_request, user, {"mergeCommitId": commit, "mergeOption": FAST_FORWARD})
        else:
            aim["destinationCommit"] = commit


def emit(record: Record, pull_request: PullRequest, event: str, user: str, **further: str) -> None:
    """Publishes the event of a change and notes when it happened."""
    pull_request["lastActivityDate"] = now()
    aim = target(pull_request)
    merge = aim["mergeMetadata"]
    detail = {
        "event": event,
        "callerUserArn": user,
        "author": pull_request["authorArn"],
        "pullRequestId": pull_request["pullRequestId"],
        "revisionId": pull_request["revisionId"],
        "title": pull_request["title"],
        "pullRequestStatus": pull_request["pullRequestStatus"].capitalize(),
        "repositoryNames": [record.values["repositoryName"]],
        "sourceReference": aim["sourceReference"],
        "sourceCommit": aim["sourceCommit"],
        "destinationReference": aim["destinationReference"],
        "destinationCommit": aim["destinationCommit"],
        "isMerged": str(merge["isMerged"]),
        "creationDate": str(pull_request["creationDate"]),
        "lastModifiedDate": str(pull_request["lastActivityDate"]),
        **({"mergeOption": merge["mergeOption"]} if merge["isMerged"] else {}),
        **further,
    }
    place = record.place
    kind = "CodeCommit Pull Request State Change"
    outbox.publish(place.account, place.region, "aws.codecommit", kind, detail, resources=[record.arn])
