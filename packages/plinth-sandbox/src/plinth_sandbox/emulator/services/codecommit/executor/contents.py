"""Files, folders and differences of commits."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.git.repository import EMPTY_TREE, Difference, Entry, GitError, GitRepository
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.paging import page
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.codecommit.executor.commits import MODE_NAMES, check_path
from plinth_sandbox.emulator.services.codecommit.executor.references import BRANCHES, git_of
from plinth_sandbox.emulator.services.codecommit.executor.repositories import repository

_NAME = re.compile(r"[^-~^:?*\[\\\s@][^~^:?*\[\\\s]*")
"""A full commit id, a branch, a tag or HEAD. Other expressions of git are not specifiers of CodeCommit."""
_PAGE = 100
_ANSWER_BYTES = 6 * 1024 * 1024
"""Size of a file that GetFile and GetBlob return (CodeCommit User Guide, "Quotas", read 2026-11-22)."""


def commit_of(git: GitRepository, specifier: str) -> str:
    """Returns the id of the commit that a specifier names. Raises AwsError."""
    found = next((git.resolve(name) for name in (BRANCHES + specifier, specifier) if git.resolve(name)), None)
    if not _NAME.fullmatch(specifier) or found is None:
        raise AwsError("CommitDoesNotExistException", f"Commit {specifier} does not exist")
    return found


def _named_commit(exchange: Exchange, git: GitRepository) -> str:
    return commit_of(git, str(exchange.call.parameters.get("commitSpecifier") or "HEAD"))


def _get_file(exchange: Exchange, runtime: Runtime) -> Answer:
    git, path = git_of(repository(exchange), runtime), str(exchange.call.parameters["filePath"])
    check_path(path)
    commit = _named_commit(exchange, git)
    found = next(iter(git.entries(commit, path)), None)
    if found is None or found.kind != "blob":
        raise AwsError("FileDoesNotExistException", f"{path} does not exist in {commit}")
    if found.size > _ANSWER_BYTES:
        raise AwsError("FileTooLargeException", f"{path} is larger than {_ANSWER_BYTES} bytes")
    return exchange.call.reply(
        {
            "commitId": commit,
            "blobId": found.id,
            "filePath": path,
            "fileMode": MODE_NAMES[found.mode],
            "fileSize": found.size,
            "fileContent": git.blob(found.id),
        }
    )


def _get_blob(exchange: Exchange, runtime: Runtime) -> Answer:
    git, identifier = git_of(repository(exchange), runtime), str(exchange.call.parameters["blobId"])
    if git.resolve(identifier, "blob") != identifier:
        raise AwsError("BlobIdDoesNotExistException", f"Blob {identifier} does not exist")
    return exchange.call.reply({"content": git.blob(identifier)})


def _get_folder(exchange: Exchange, runtime: Runtime) -> Answer:
    git, path = git_of(repository(exchange), runtime), str(exchange.call.parameters["folderPath"]).strip("/")
    commit = _named_commit(exchange, git)
    named = [entry.id for entry in git.entries(commit, path) if entry.kind == "tree"] if path else [commit]
    tree = git.resolve(named[0], "tree") if named else None
    if tree is None:
        raise AwsError("FolderDoesNotExistException", f"{path} does not exist in {commit}")
    found: dict[str, list[dict[str, str]]] = {
        name: [] for name in ("subFolders", "files", "symbolicLinks", "subModules")
    }
    for entry in git.entries(tree):
        place = {"absolutePath": f"{path}/{entry.path}".lstrip("/"), "relativePath": entry.path}
        name, content = _element(entry)
        found[name].append({**place, **content})
    return exchange.call.reply({"commitId": commit, "folderPath": path, "treeId": tree, **found})


def _element(entry: Entry) -> tuple[str, dict[str, str]]:
    """Returns the list that an entry of a folder belongs to, and its members."""
    if entry.kind == "tree":
        return "subFolders", {"treeId": entry.id}
    if entry.kind == "commit":
        return "subModules", {"commitId": entry.id}
    mode = MODE_NAMES[entry.mode]
    return "symbolicLinks" if mode == "SYMLINK" else "files", {"blobId": entry.id, "fileMode": mode}


def _get_differences(exchange: Exchange, runtime: Runtime) -> Answer:
    git, parameters = git_of(repository(exchange), runtime), exchange.call.parameters
    after = commit_of(git, str(parameters["afterCommitSpecifier"]))
    given = parameters.get("beforeCommitSpecifier")
    before = commit_of(git, str(given)) if given else EMPTY_TREE
    path = str(parameters.get("afterPath") or parameters.get("beforePath") or "").strip("/")
    try:
        found = [_difference(difference) for difference in git.differences(before, after, path)]
    except GitError as error:
        raise AwsError("PathDoesNotExistException", str(error)) from error
    items, further = page(found, parameters, _PAGE)
    return exchange.call.reply({"differences": items, **further})


def _difference(difference: Difference) -> dict[str, Any]:
    old = {"blobId": difference.old_id, "path": difference.path, "mode": difference.old_mode}
    new = {"blobId": difference.new_id, "path": difference.path, "mode": difference.new_mode}
    sides = {"A": {"afterBlob": new}, "D": {"beforeBlob": old}}
    kind = difference.change if difference.change in sides else "M"
    return {"changeType": kind, **sides.get(kind, {"beforeBlob": old, "afterBlob": new})}


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    "GetBlob": _get_blob,
    "GetDifferences": _get_differences,
    "GetFile": _get_file,
    "GetFolder": _get_folder,
}
