"""Merges of pull requests. Conflicts are not resolved, as without ``conflictResolutionStrategy`` at AWS."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.git.repository import GitRepository
from plinth_sandbox.emulator.layers.moto import NotEmulatedError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.codecommit.executor.pull_request_records import (
    FAST_FORWARD,
    OPEN,
    PullRequest,
    close,
    target,
)
from plinth_sandbox.emulator.services.codecommit.executor.pull_requests import check_open, named_pull_request, reply
from plinth_sandbox.emulator.services.codecommit.executor.references import (
    BRANCHES,
    Change,
    caller_of,
    change,
    check_commit_id,
    recorded,
)
from plinth_sandbox.emulator.store.record import now

_RESOLUTIONS = ("conflictResolution", "keepEmptyFolders")
SQUASH, THREE_WAY = "SQUASH_MERGE", "THREE_WAY_MERGE"


def _fast_forward(exchange: Exchange, runtime: Runtime) -> Answer:
    """Moves the destination to the commit of the source, which closes the pull request as a push would."""
    record, found = named_pull_request(exchange)
    aim = _checked(exchange, found)

    def make(git: GitRepository) -> Change:
        if git.merge_base(aim["destinationCommit"], aim["sourceCommit"]) != aim["destinationCommit"]:
            raise _manual(found)
        return Change(aim["sourceCommit"])

    change(record, aim["destinationReference"], exchange.call.access_key, runtime, make)
    if found["pullRequestStatus"] == OPEN:
        close(record, found, caller_of(exchange), {"mergeCommitId": aim["sourceCommit"], "mergeOption": FAST_FORWARD})
    return reply(exchange, record, found, runtime)


def _by_commit(option: str, exchange: Exchange, runtime: Runtime) -> Answer:
    """Merges with a commit of its own."""
    given = exchange.call.parameters
    if given.get("conflictResolutionStrategy", "NONE") != "NONE":
        raise NotEmulatedError("conflictResolutionStrategy")
    if unsupported := next((name for name in _RESOLUTIONS if given.get(name)), None):
        raise NotEmulatedError(unsupported)
    record, found = named_pull_request(exchange)
    aim, user = _checked(exchange, found), caller_of(exchange)
    before = dict(aim)
    name, email = given.get("authorName") or user.rpartition("/")[2], given.get("email") or ""
    ends = [aim[end].removeprefix(BRANCHES) for end in ("sourceReference", "destinationReference")]
    message = given.get("commitMessage") or f"Merge {ends[0]} into {ends[1]}"

    def make(git: GitRepository) -> Change:
        tree = git.merged_tree(before["destinationCommit"], before["sourceCommit"])
        if tree is None:
            raise _manual(found)
        others: Sequence[str] = [before["sourceCommit"]] if option == THREE_WAY else []
        return Change(git.store_commit(tree, [before["destinationCommit"], *others], message, name, email, now()))

    change(record, aim["destinationReference"], exchange.call.access_key, runtime, make)
    merged = recorded(record)[aim["destinationReference"]]
    aim["destinationCommit"] = before["destinationCommit"]
    close(record, found, user, {"mergeCommitId": merged, "mergeOption": option})
    return reply(exchange, record, found, runtime)


def _checked(exchange: Exchange, pull_request: PullRequest) -> dict[str, str]:
    """Returns the target of an open pull request whose source is the commit that the call expects. Raises AwsError."""
    check_open(pull_request)
    aim, expected = target(pull_request), exchange.call.parameters.get("sourceCommitId")
    if expected:
        check_commit_id(expected)
    if expected not in (None, aim["sourceCommit"]):
        raise AwsError("TipOfSourceReferenceIsDifferentException", f"{expected} is not the last commit of the source")
    return aim


def _manual(pull_request: PullRequest) -> AwsError:
    message = f"Pull request {pull_request['pullRequestId']} cannot be merged automatically"
    return AwsError("ManualMergeRequiredException", message)


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    "MergePullRequestByFastForward": _fast_forward,
    "MergePullRequestBySquash": partial(_by_commit, SQUASH),
    "MergePullRequestByThreeWay": partial(_by_commit, THREE_WAY),
}
