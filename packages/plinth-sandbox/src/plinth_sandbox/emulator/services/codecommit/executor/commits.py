"""Commits that the API makes, and what a commit says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.git.repository import EMPTY_TREE, GitRepository, Signature
from plinth_sandbox.emulator.layers.moto import NotEmulatedError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.codecommit.executor.branches import branch_name
from plinth_sandbox.emulator.services.codecommit.executor.references import (
    BRANCHES,
    Change,
    caller_of,
    change,
    check_commit_id,
    git_of,
)
from plinth_sandbox.emulator.services.codecommit.executor.repositories import repository
from plinth_sandbox.emulator.store.record import now

MODES = {"NORMAL": "100644", "EXECUTABLE": "100755", "SYMLINK": "120000"}
"""Mode in git by mode in the API."""
MODE_NAMES = {mode: name for name, mode in MODES.items()}
_FILE_BYTES = 6 * 1024 * 1024
_ENTRIES = 100
"""Size of a file and number of entries in one request (CodeCommit User Guide, "Quotas", read 2026-11-22)."""

Changes = dict[str, tuple[str, bytes | None] | None]
"""Mode and content by path. Without content the file keeps its own; None deletes the file."""


def _create_commit(exchange: Exchange, runtime: Runtime) -> Answer:
    parameters = exchange.call.parameters
    if parameters.get("keepEmptyFolders"):
        raise NotEmulatedError("keepEmptyFolders")
    puts, deletes, modes = (parameters.get(name) or [] for name in ("putFiles", "deleteFiles", "setFileModes"))
    if not (puts or deletes or modes):
        raise AwsError("FileEntryRequiredException", "The commit changes no file")
    if len(puts) + len(deletes) + len(modes) > _ENTRIES:
        raise AwsError("MaximumFileEntriesExceededException", f"A commit changes at most {_ENTRIES} files")
    paths = [entry["filePath"] for entry in (*puts, *deletes, *modes)]
    if len(paths) != len(set(paths)):
        raise AwsError("SamePathRequestException", "A path is named twice")
    changes: Changes = {entry["filePath"]: _put(entry) for entry in puts}
    changes |= {entry["filePath"]: None for entry in deletes}
    changes |= {entry["filePath"]: (MODES[entry["fileMode"]], None) for entry in modes}
    author = parameters.get("authorName"), parameters.get("email")
    return _commit(exchange, runtime, changes, author, lambda _, files: files)


def _put(entry: Mapping[str, Any]) -> tuple[str, bytes | None]:
    if "sourceFile" in entry:
        raise NotEmulatedError("sourceFile")
    if entry.get("fileContent") is None:
        raise AwsError("SourceFileOrContentRequiredException", f"{entry['filePath']} has no content")
    return MODES[entry.get("fileMode", "NORMAL")], entry["fileContent"]


def _put_file(exchange: Exchange, runtime: Runtime) -> Answer:
    parameters = exchange.call.parameters
    path, mode = str(parameters["filePath"]), MODES[parameters.get("fileMode", "NORMAL")]
    author = parameters.get("name"), parameters.get("email")

    def result(git: GitRepository, files: dict[str, Any]) -> dict[str, Any]:
        (entry,) = git.entries(files["treeId"], path)
        return {"commitId": files["commitId"], "treeId": files["treeId"], "blobId": entry.id}

    changes: Changes = {path: (mode, parameters["fileContent"])}
    return _commit(exchange, runtime, changes, author, result, same="SameFileContentException")


def _delete_file(exchange: Exchange, runtime: Runtime) -> Answer:
    parameters = exchange.call.parameters
    if parameters.get("keepEmptyFolders"):
        raise NotEmulatedError("keepEmptyFolders")
    author = parameters.get("name"), parameters.get("email")

    def result(_: GitRepository, files: dict[str, Any]) -> dict[str, Any]:
        (deleted,) = files["filesDeleted"]
        return {
            "commitId": files["commitId"],
            "treeId": files["treeId"],
            "blobId": deleted["blobId"],
            "filePath": deleted["absolutePath"],
        }

    return _commit(exchange, runtime, {str(parameters["filePath"]): None}, author, result)


def _commit(
    exchange: Exchange,
    runtime: Runtime,
    changes: Changes,
    author: tuple[str | None, str | None],
    result: Callable[[GitRepository, dict[str, Any]], dict[str, Any]],
    same: str = "NoChangeException",
) -> Answer:
    """Commits ``changes`` to the branch. ``same`` is the error if they change nothing."""
    call, record, branch = exchange.call, repository(exchange), branch_name(exchange)
    name = author[0] or caller_of(exchange).rpartition("/")[2]
    message = call.parameters.get("commitMessage") or f"Edited {', '.join(changes)}"

    def make(git: GitRepository) -> Change:
        parent = _parent(git, branch, call.parameters.get("parentCommitId"))
        base = git.commit(parent).tree if parent else EMPTY_TREE
        tree = git.changed_tree(base, {path: _entry(git, base, path, change) for path, change in changes.items()})
        if tree == base:
            raise AwsError(same, "The commit would change nothing")
        commit = git.store_commit(tree, [parent] if parent else [], message, name, author[1] or "", now())
        return Change(commit, result(git, {"commitId": commit, "treeId": tree, **_files(git, base, tree)}))

    return call.reply(change(record, BRANCHES + branch, call.access_key, runtime, make))


def _parent(git: GitRepository, branch: str, given: str | None) -> str | None:
    """Returns the commit that the new one follows. Only an empty repository has none. Raises AwsError."""
    references = git.references()
    head = references.get(BRANCHES + branch)
    if head is None and references:
        raise AwsError("BranchDoesNotExistException", f"Branch {branch} does not exist")
    if head is not None and given is None:
        raise AwsError("ParentCommitIdRequiredException", "The id of the branch's last commit is required")
    if given is not None:
        check_commit_id(given, "InvalidParentCommitIdException")
    if given is not None and git.resolve(given) is None:
        raise AwsError("ParentCommitDoesNotExistException", f"Commit {given} does not exist")
    if given != head:
        raise AwsError("ParentCommitIdOutdatedException", f"{given} is not the last commit of {branch}")
    return head


def _entry(
    git: GitRepository, base: str, path: str, changed: tuple[str, bytes | None] | None
) -> tuple[str, str] | None:
    """Returns the mode and the blob of a changed file, or None for a deleted one. Raises AwsError."""
    check_path(path)
    found = next(iter(git.entries(base, path)), None)
    if changed is None or changed[1] is None:
        if found is None or found.kind != "blob":
            raise AwsError("FileDoesNotExistException", f"{path} does not exist")
        return changed and (changed[0], found.id)
    if found is not None and found.kind == "tree":
        raise AwsError("FileNameConflictsWithDirectoryNameException", f"{path} is a folder")
    folders = [path[:end] for end, letter in enumerate(path) if letter == "/"]
    if any(entry.kind != "tree" for folder in folders for entry in git.entries(base, folder)):
        raise AwsError("DirectoryNameConflictsWithFileNameException", f"A folder of {path} is a file")
    mode, content = changed
    if len(content or b"") > _FILE_BYTES:
        raise AwsError("FileContentSizeLimitExceededException", f"{path} is larger than {_FILE_BYTES} bytes")
    return mode, git.store_blob(content or b"")


def check_path(path: str) -> None:
    parts = path.split("/")
    if any(part in ("", ".", "..") or part.lower() == ".git" for part in parts) or "\0" in path:
        raise AwsError("InvalidPathException", f"The path is not valid: {path}")


def _files(git: GitRepository, before: str, after: str) -> dict[str, Sequence[Mapping[str, str]]]:
    added: list[dict[str, str]] = []
    updated: list[dict[str, str]] = []
    deleted: list[dict[str, str]] = []
    for found in git.differences(before, after):
        is_gone = found.change == "D"
        entry = {"absolutePath": found.path, "blobId": found.old_id if is_gone else found.new_id}
        entry["fileMode"] = MODE_NAMES[found.old_mode if is_gone else found.new_mode]
        (deleted if is_gone else added if found.change == "A" else updated).append(entry)
    return {"filesAdded": added, "filesUpdated": updated, "filesDeleted": deleted}


def _get(exchange: Exchange, runtime: Runtime) -> Answer:
    git, identifier = git_of(repository(exchange), runtime), str(exchange.call.parameters["commitId"])
    check_commit_id(identifier)
    if git.resolve(identifier) != identifier:
        raise AwsError("CommitIdDoesNotExistException", f"Commit {identifier} does not exist")
    found = git.commit(identifier)
    return exchange.call.reply(
        {
            "commit": {
                "commitId": found.id,
                "treeId": found.tree,
                "parents": list(found.parents),
                "message": found.message,
                "author": _user(found.author),
                "committer": _user(found.committer),
                "additionalData": "",
            }
        }
    )


def _user(signature: Signature) -> dict[str, str]:
    return {"name": signature.name, "email": signature.email, "date": signature.date}


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    "CreateCommit": _create_commit,
    "DeleteFile": _delete_file,
    "GetCommit": _get,
    "PutFile": _put_file,
}
