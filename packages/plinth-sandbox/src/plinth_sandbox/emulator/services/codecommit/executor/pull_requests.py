"""Pull requests: their creation, description, reviews and closing. Merges are in :mod:`merges`.

Source: CodeCommit API, CreatePullRequest and the operations beside it (read 2026-11-27). Approval rules and their
templates are not supported, so that a pull request needs no approval.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from moto.moto_api._internal import mock_random

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.paging import page
from plinth_sandbox.emulator.patches.patch import Exchange, Memory
from plinth_sandbox.emulator.services.codecommit.executor.pull_request_records import (
    CLOSED,
    OPEN,
    PullRequest,
    close,
    emit,
    pull_requests,
    revise,
    target,
)
from plinth_sandbox.emulator.services.codecommit.executor.references import BRANCHES, NOUN, caller_of, git_of, recorded
from plinth_sandbox.emulator.services.codecommit.executor.repositories import repository, repository_named
from plinth_sandbox.emulator.store.record import Place, Record, now

_IDS = 10**12
"""Ids are random numbers. A replay of the journal does not count requests of repositories that were deleted since."""
_PAGE = 100
_SHOWN = (
    "pullRequestId",
    "title",
    "description",
    "lastActivityDate",
    "creationDate",
    "pullRequestStatus",
    "authorArn",
    "clientRequestToken",
    "revisionId",
)


def find_pull_request(memory: Memory, place: Place, identifier: str) -> tuple[Record, PullRequest]:
    """Returns a pull request of an account and its repository. Raises AwsError."""
    if not identifier.isdigit():
        raise AwsError("InvalidPullRequestIdException", f"The pull request id is not valid: {identifier}")
    for record in memory.store.records(place, NOUN):
        for pull_request in pull_requests(record):
            if pull_request["pullRequestId"] == identifier:
                return record, pull_request
    raise AwsError("PullRequestDoesNotExistException", f"Pull request {identifier} does not exist")


def named_pull_request(exchange: Exchange) -> tuple[Record, PullRequest]:
    """Returns the pull request that a call names, in the repository that it names if it does. Raises AwsError."""
    given = exchange.call.parameters
    record, found = find_pull_request(exchange.memory, exchange.place, str(given["pullRequestId"]))
    if given.get("repositoryName") and repository(exchange) is not record:
        message = f"Pull request {found['pullRequestId']} is not of the repository {given['repositoryName']}"
        raise AwsError("RepositoryNotAssociatedWithPullRequestException", message)
    return record, found


def reply(exchange: Exchange, record: Record, pull_request: PullRequest, runtime: Runtime) -> Answer:
    aim = target(pull_request)
    base = git_of(record, runtime).merge_base(aim["destinationCommit"], aim["sourceCommit"])
    shown = {name: pull_request[name] for name in _SHOWN if pull_request.get(name)}
    named = {**aim, "repositoryName": record.values["repositoryName"]}
    targets = [{**named, **({"mergeBase": base} if base else {})}]
    return exchange.call.reply({"pullRequest": {**shown, "pullRequestTargets": targets, "approvalRules": []}})


def _create(exchange: Exchange, runtime: Runtime) -> Answer:
    given = exchange.call.parameters
    targets = given["targets"]
    if len({entry["repositoryName"] for entry in targets}) > 1:
        message = "A pull request can only contain targets of one repository"
        raise AwsError("MultipleRepositoriesInPullRequestException", message)
    if len(targets) != 1:
        raise AwsError("InvalidTargetsException", "A pull request has exactly one target")
    record = repository_named(exchange, str(targets[0]["repositoryName"]))
    source, destination = _ends(record, targets[0])
    user, token = caller_of(exchange), given.get("clientRequestToken")
    wanted = {
        "title": _title(given),
        "description": given.get("description", ""),
        "source": source,
        "destination": destination,
    }
    for pull_request in pull_requests(record):
        if token and pull_request.get("clientRequestToken") == token:
            if pull_request["wanted"] != wanted:
                message = "The client request token has been used in a previous request and cannot be reused"
                raise AwsError("IdempotencyParameterMismatchException", message)
            return reply(exchange, record, pull_request, runtime)
    made: PullRequest = {
        "pullRequestId": str(mock_random.randrange(1, _IDS)),
        "title": wanted["title"],
        "description": wanted["description"],
        "creationDate": now(),
        "pullRequestStatus": OPEN,
        "authorArn": user,
        "clientRequestToken": token or "",
        "pullRequestTargets": [
            {
                "sourceReference": source,
                "destinationReference": destination,
                "destinationCommit": recorded(record)[destination],
                "mergeMetadata": {"isMerged": False},
            }
        ],
        "approvals": {},
        "wanted": wanted,
    }
    revise(made, recorded(record)[source])
    pull_requests(record).append(made)
    emit(record, made, "pullRequestCreated", user)
    return reply(exchange, record, made, runtime)


def _ends(record: Record, given: Mapping[str, Any]) -> tuple[str, str]:
    """Returns the full names of the source and the destination of a target. Raises AwsError."""
    source = str(given["sourceReference"])
    destination = str(given.get("destinationReference") or record.values.get("defaultBranch") or "")
    ends = [name if name.startswith("refs/") else BRANCHES + name for name in (source, destination)]
    for name in ends:
        if not name.startswith(BRANCHES):
            raise AwsError("ReferenceTypeNotSupportedException", f"{name} is not a branch")
        if name not in recorded(record):
            raise AwsError("ReferenceDoesNotExistException", f"{name} does not exist")
    if ends[0] == ends[1]:
        raise AwsError("SourceAndDestinationAreSameException", "The source and the destination are the same branch")
    return ends[0], ends[1]


def _title(given: Mapping[str, Any]) -> str:
    title = str(given.get("title", ""))
    if not title:
        raise AwsError("TitleRequiredException", "A title is required")
    return title


def _get(exchange: Exchange, runtime: Runtime) -> Answer:
    return reply(exchange, *named_pull_request(exchange), runtime)


def _list(exchange: Exchange, _: Runtime) -> Answer:
    given = exchange.call.parameters
    author, status = given.get("authorArn"), given.get("pullRequestStatus")
    found = [
        pull_request["pullRequestId"]
        for pull_request in reversed(pull_requests(repository(exchange)))
        if author in (None, pull_request["authorArn"]) and status in (None, pull_request["pullRequestStatus"])
    ]
    items, further = page(found, given, _PAGE, token="nextToken", limit="maxResults")
    return exchange.call.reply({"pullRequestIds": items, **further})


def _update_title(exchange: Exchange, runtime: Runtime) -> Answer:
    return _describe_anew(exchange, runtime, "title", _title(exchange.call.parameters))


def _update_description(exchange: Exchange, runtime: Runtime) -> Answer:
    return _describe_anew(exchange, runtime, "description", exchange.call.parameters["description"])


def _describe_anew(exchange: Exchange, runtime: Runtime, member: str, text: str) -> Answer:
    record, found = named_pull_request(exchange)
    check_open(found)
    found |= {member: text, "lastActivityDate": now()}
    return reply(exchange, record, found, runtime)


def check_open(pull_request: PullRequest) -> None:
    if pull_request["pullRequestStatus"] != OPEN:
        message = f"Pull request {pull_request['pullRequestId']} is already closed"
        raise AwsError("PullRequestAlreadyClosedException", message)


def _update_status(exchange: Exchange, runtime: Runtime) -> Answer:
    """Closes a pull request. A closed one cannot be opened again."""
    (record, found), status = named_pull_request(exchange), exchange.call.parameters["pullRequestStatus"]
    if (found["pullRequestStatus"], status) == (CLOSED, OPEN):
        raise AwsError("InvalidPullRequestStatusUpdateException", "A closed pull request cannot be opened again")
    if found["pullRequestStatus"] != status:
        close(record, found, caller_of(exchange))
    return reply(exchange, record, found, runtime)


def _approve(exchange: Exchange, _: Runtime) -> Answer:
    (record, found), given, user = named_pull_request(exchange), exchange.call.parameters, caller_of(exchange)
    check_open(found)
    if given["revisionId"] != found["revisionId"]:
        raise AwsError("RevisionNotCurrentException", "The revision is not the last one of the pull request")
    if user == found["authorArn"]:
        message = "The author of a pull request cannot approve it"
        raise AwsError("PullRequestCannotBeApprovedByAuthorException", message)
    found["approvals"].setdefault(found["revisionId"], {})[user] = given["approvalState"]
    emit(record, found, "pullRequestApprovalStateChanged", user, approvalStatus=given["approvalState"])
    return exchange.call.reply({})


def _approvals(exchange: Exchange, _: Runtime) -> Answer:
    states = named_pull_request(exchange)[1]["approvals"].get(exchange.call.parameters["revisionId"], {})
    found = [{"userArn": user, "approvalState": state} for user, state in sorted(states.items())]
    return exchange.call.reply({"approvals": found})


def _evaluate(exchange: Exchange, _: Runtime) -> Answer:
    """Returns that a pull request without approval rules is approved."""
    found = named_pull_request(exchange)[1]
    if exchange.call.parameters["revisionId"] != found["revisionId"]:
        raise AwsError("RevisionNotCurrentException", "The revision is not the last one of the pull request")
    result = {"approved": True, "overridden": False, "approvalRulesSatisfied": [], "approvalRulesNotSatisfied": []}
    return exchange.call.reply({"evaluation": result})


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    "CreatePullRequest": _create,
    "EvaluatePullRequestApprovalRules": _evaluate,
    "GetPullRequest": _get,
    "GetPullRequestApprovalStates": _approvals,
    "ListPullRequests": _list,
    "UpdatePullRequestApprovalState": _approve,
    "UpdatePullRequestDescription": _update_description,
    "UpdatePullRequestStatus": _update_status,
    "UpdatePullRequestTitle": _update_title,
}
