"""Branches."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.git.repository import GitRepository
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.codecommit.executor.references import (
    BRANCHES,
    Change,
    change,
    check_commit_id,
    git_of,
)
from plinth_sandbox.emulator.services.codecommit.executor.repositories import repository


def branch_name(exchange: Exchange) -> str:
    """Returns the branch that a call names. Raises AwsError."""
    name = str(exchange.call.parameters.get("branchName", ""))
    if not name:
        raise AwsError("BranchNameRequiredException", "A branch name is required")
    if not GitRepository.is_branch_name(name):
        raise AwsError("InvalidBranchNameException", f"The branch name is not valid: {name}")
    return name


def head(git: GitRepository, branch: str) -> str:
    """Returns the commit of a branch. Raises AwsError."""
    commit = git.references().get(BRANCHES + branch)
    if commit is None:
        raise AwsError("BranchDoesNotExistException", f"Branch {branch} does not exist")
    return commit


def _create(exchange: Exchange, runtime: Runtime) -> Answer:
    record, name = repository(exchange), branch_name(exchange)
    commit = str(exchange.call.parameters["commitId"])

    def make(git: GitRepository) -> Change:
        if BRANCHES + name in git.references():
            raise AwsError("BranchNameExistsException", f"Branch {name} already exists")
        check_commit_id(commit)
        if git.resolve(commit) != commit:
            raise AwsError("CommitDoesNotExistException", f"Commit {commit} does not exist")
        return Change(commit)

    return exchange.call.reply(change(record, BRANCHES + name, exchange.call.access_key, runtime, make))


def _get(exchange: Exchange, runtime: Runtime) -> Answer:
    record, name = repository(exchange), branch_name(exchange)
    commit = head(git_of(record, runtime), name)
    return exchange.call.reply({"branch": {"branchName": name, "commitId": commit}})


def _list(exchange: Exchange, runtime: Runtime) -> Answer:
    references = git_of(repository(exchange), runtime).references()
    names = [name.removeprefix(BRANCHES) for name in references if name.startswith(BRANCHES)]
    return exchange.call.reply({"branches": names})


def _delete(exchange: Exchange, runtime: Runtime) -> Answer:
    """Deletes a branch. One that does not exist is not in the answer."""
    record, name = repository(exchange), branch_name(exchange)
    if record.values.get("defaultBranch") == name:
        raise AwsError("DefaultBranchCannotBeDeletedException", f"{name} is the default branch")
    if BRANCHES + name not in record.values.get("references", {}):
        return exchange.call.reply({})

    def make(git: GitRepository) -> Change:
        return Change("", {"deletedBranch": {"branchName": name, "commitId": head(git, name)}})

    key = exchange.call.access_key
    return exchange.call.reply(change(record, BRANCHES + name, key, runtime, make, deletes=True))


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    "CreateBranch": _create,
    "DeleteBranch": _delete,
    "GetBranch": _get,
    "ListBranches": _list,
}
