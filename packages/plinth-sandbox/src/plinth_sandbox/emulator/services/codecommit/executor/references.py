"""Branches and tags: what changed, who changed it, and the events that say so.

Git keeps the references. The journal keeps which changes are known: those of calls, and those of pushes, which are
recorded when a push has ended. A change that is not recorded when the sandbox stops is recorded at its next start.

A replay of the journal meets references of a later time. A call therefore changes a reference together with a marker,
and its replay changes nothing: the marker shows whether the call had succeeded.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from moto.iam.models import get_account_id_from
from moto.moto_api._internal import mock_random
from moto.sts.models import sts_backends

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.executors.task_runner import Outcome, request_of
from plinth_sandbox.emulator.git.repository import GitError, GitRepository
from plinth_sandbox.emulator.message import Request
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.codecommit.executor.pull_request_records import follow_branch
from plinth_sandbox.emulator.services.events.executor import outbox
from plinth_sandbox.emulator.store.record import Place, Record, now

NOUN = "Repository"
BRANCHES, TAGS = "refs/heads/", "refs/tags/"
_KNOWN = "references"
"""Value of a record with the recorded references by full name."""
_SUFFIX = ".git"
_COMMIT_ID = re.compile(r"[0-9a-f]{40}")


def git_of(record: Record, runtime: Runtime) -> GitRepository:
    return GitRepository(runtime.repositories / f"{record.values['repositoryId']}{_SUFFIX}")


def records(runtime: Runtime) -> list[Record]:
    """Returns the repositories of all accounts."""
    everything = runtime.memory.store.everywhere()
    return [record for record in everything if record.noun == NOUN and record.place.service == "codecommit"]


def find(runtime: Runtime, access_key: str, region: str, name: str) -> GitRepository | None:
    """Returns the repository of the account to which the access key belongs."""
    place = Place(str(get_account_id_from(access_key)), region, "codecommit")
    record = runtime.memory.store.find(place, NOUN, {"repositoryName": name})
    return git_of(record, runtime) if record else None


def record_of(runtime: Runtime, repository: GitRepository) -> Record | None:
    return _by_id(runtime, repository.folder.name.removesuffix(_SUFFIX))


def _by_id(runtime: Runtime, identifier: str) -> Record | None:
    return next((record for record in records(runtime) if record.values["repositoryId"] == identifier), None)


def unrecorded(runtime: Runtime, record: Record, access_key: str = "") -> Request | None:
    """Returns the call that records what differs between git and the journal, or None if nothing does."""
    actual, known = git_of(record, runtime).references(), recorded(record)
    changes = {name: actual.get(name, "") for name in sorted({*actual, *known}) if actual.get(name) != known.get(name)}
    if not changes:
        return None
    place = record.place
    pusher = caller(place.account, place.region, access_key)
    left = {"references": changes, "caller": pusher}
    return request_of(
        Outcome("codecommit", record.values["repositoryId"], place.account, place.region, "SUCCEEDED", "", 0, left)
    )


def record_outcome(outcome: Outcome, runtime: Runtime) -> None:
    """Records a push."""
    record = _by_id(runtime, outcome.run)
    if record is not None:
        _record(record, outcome.left["references"], outcome.left["caller"], runtime)


@dataclass(frozen=True, slots=True)
class Change:
    """The new commit of a reference, and the answer of the call that makes it. An empty commit deletes it."""

    commit: str
    result: dict[str, Any] = field(default_factory=dict)


def change(
    record: Record,
    reference: str,
    access_key: str,
    runtime: Runtime,
    make: Callable[[GitRepository], Change],
    *,
    deletes: bool = False,
) -> dict[str, Any]:
    """Changes a reference as a call requires, and returns the call's result. A replay has no result.

    Raises: the AwsError of ``make``, or of a change that another client makes at the same time.
    """
    repository, marker = git_of(record, runtime), str(mock_random.uuid4())
    if runtime.runner.is_open:
        changed = make(repository)
        old = repository.references().get(reference, "")
        try:
            repository.update(reference, old, changed.commit, marker)
        except GitError as error:
            raise AwsError("ConcurrentReferenceUpdateException", str(error)) from error
    else:
        commit = repository.marked(marker)
        if commit is None:
            raise AwsError("ConcurrentReferenceUpdateException", "The call had not changed the reference.")
        changed = Change("" if deletes else commit)
    _record(record, {reference: changed.commit}, caller(record.place.account, record.place.region, access_key), runtime)
    return changed.result


def caller(account: str, region: str, access_key: str) -> str:
    """Returns the ARN of who holds an access key, or the account's if nobody knows."""
    if not access_key:
        return f"arn:aws:iam::{account}:root"
    return str(sts_backends[account]["aws"].get_caller_identity(access_key, region)[1])


def caller_of(exchange: Exchange) -> str:
    """Returns the ARN of who makes a call."""
    call = exchange.call
    return caller(call.account, call.region, call.access_key)


def check_commit_id(commit: str, error: str = "InvalidCommitIdException") -> None:
    """Raises AwsError unless a text is a full commit id."""
    if not _COMMIT_ID.fullmatch(commit):
        raise AwsError(error, f"The commit id is not valid: {commit}")


def recorded(record: Record) -> dict[str, str]:
    """Returns the recorded references by full name. A replay of the journal has those of its time."""
    known: dict[str, str] = record.values.setdefault(_KNOWN, {})
    return known


def _record(record: Record, changes: dict[str, str], user: str, runtime: Runtime) -> None:
    known = recorded(record)
    for reference, commit in changes.items():
        old = known.pop(reference, "")
        if commit:
            known[reference] = commit
        if old != commit:
            _emit(record, reference, old, commit, user)
            follow_branch(record, reference, commit, user)
    record.changed = now()
    created = [name.removeprefix(BRANCHES) for name in changes if name.startswith(BRANCHES) and changes[name]]
    if created and not record.values.get("defaultBranch"):
        # The first branch of a repository becomes its default (CodeCommit User Guide, "Change the default branch").
        set_default_branch(record, "main" if "main" in created else created[0], runtime)


def set_default_branch(record: Record, branch: str, runtime: Runtime) -> None:
    record.values["defaultBranch"] = branch
    git_of(record, runtime).point_head(branch)


def _emit(record: Record, reference: str, old: str, new: str, user: str) -> None:
    """Emits the event of a changed reference (CodeCommit User Guide, "Monitoring CodeCommit events", read
    2026-11-22)."""
    kind, prefix = ("branch", BRANCHES) if reference.startswith(BRANCHES) else ("tag", TAGS)
    detail = {
        "event": "referenceUpdated" if old and new else "referenceCreated" if new else "referenceDeleted",
        "callerUserArn": user,
        "repositoryName": record.values["repositoryName"],
        "repositoryId": record.values["repositoryId"],
        "referenceType": kind,
        "referenceName": reference.removeprefix(prefix),
        "referenceFullName": reference,
        **({"commitId": new} if new else {}),
        **({"oldCommitId": old} if old else {}),
    }
    outbox.publish(
        record.place.account,
        record.place.region,
        "aws.codecommit",
        "CodeCommit Repository State Change",
        detail,
        resources=[record.arn],
    )
