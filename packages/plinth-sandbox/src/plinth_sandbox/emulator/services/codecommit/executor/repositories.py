"""Repositories: their creation, description and deletion. Their tags are those of the store's records."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from moto.moto_api._internal import mock_random

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.codecommit.executor.references import BRANCHES, NOUN, git_of, set_default_branch
from plinth_sandbox.emulator.store.record import Record, now

_NAME = re.compile(r"[\w.-]{1,100}", re.ASCII)
_BATCH = 25
"""Repositories in one request (CodeCommit API, BatchGetRepositories)."""
_METADATA = ("repositoryName", "repositoryId", "repositoryDescription", "defaultBranch", "kmsKeyId")


def repository(exchange: Exchange, member: str = "repositoryName") -> Record:
    """Returns the repository that a call names. Raises AwsError."""
    return repository_named(exchange, str(exchange.call.parameters.get(member, "")))


def repository_named(exchange: Exchange, name: str) -> Record:
    """Returns a repository of the account that a call concerns. Raises AwsError."""
    _check_name(name)
    record = exchange.kept(NOUN, {"repositoryName": name})
    if record is None:
        raise AwsError("RepositoryDoesNotExistException", f"{name} does not exist")
    return record


def _check_name(name: str) -> None:
    """Refuses names that CodeCommit refuses (CodeCommit User Guide, "Quotas")."""
    if not _NAME.fullmatch(name) or name.endswith(".git"):
        raise AwsError("InvalidRepositoryNameException", f"The repository name is not valid: {name}")


def _create(exchange: Exchange, runtime: Runtime) -> Answer:
    call, place = exchange.call, exchange.place
    name = str(call.parameters["repositoryName"])
    _check_name(name)
    if exchange.kept(NOUN, {"repositoryName": name}):
        raise AwsError("RepositoryNameExistsException", f"Repository named {name} already exists")
    values = {key: value for key, value in call.parameters.items() if key in _METADATA}
    record = Record(
        place,
        NOUN,
        {**values, "repositoryId": str(mock_random.uuid4())},
        _arn(exchange, name),
        dict(call.parameters.get("tags") or {}),
    )
    git_of(record, runtime).create()
    runtime.memory.store.add(record)
    return call.reply({"repositoryMetadata": _metadata(record)})


def _arn(exchange: Exchange, name: str) -> str:
    return f"arn:aws:codecommit:{exchange.place.region}:{exchange.place.account}:{name}"


def _metadata(record: Record) -> dict[str, Any]:
    place, name = record.place, record.values["repositoryName"]
    address = f"git-codecommit.{place.region}.amazonaws.com/v1/repos/{name}"
    return {
        **{key: record.values[key] for key in _METADATA if record.values.get(key)},
        "accountId": place.account,
        "Arn": record.arn,
        "cloneUrlHttp": f"https://{address}",
        "cloneUrlSsh": f"ssh://{address}",
        "creationDate": record.created,
        "lastModifiedDate": record.changed,
    }


def _get(exchange: Exchange, _: Runtime) -> Answer:
    return exchange.call.reply({"repositoryMetadata": _metadata(repository(exchange))})


def _get_some(exchange: Exchange, _: Runtime) -> Answer:
    names = exchange.call.parameters["repositoryNames"]
    if len(names) > _BATCH:
        raise AwsError("MaximumRepositoryNamesExceededException", f"At most {_BATCH} repositories can be named")
    found = {name: exchange.kept(NOUN, {"repositoryName": name}) for name in names}
    return exchange.call.reply(
        {
            "repositories": [_metadata(record) for record in found.values() if record],
            "repositoriesNotFound": [name for name, record in found.items() if record is None],
        }
    )


def _list(exchange: Exchange, runtime: Runtime) -> Answer:
    parameters = exchange.call.parameters
    by_date = parameters.get("sortBy") == "lastModifiedDate"
    found = sorted(
        runtime.memory.store.records(exchange.place, NOUN),
        key=lambda record: record.changed if by_date else record.values["repositoryName"],
        reverse=parameters.get("order") == "descending",
    )
    members = ("repositoryName", "repositoryId")
    return exchange.call.reply({"repositories": [{key: record.values[key] for key in members} for record in found]})


def _delete(exchange: Exchange, runtime: Runtime) -> Answer:
    """Deletes a repository. One that does not exist has no id in the answer."""
    name = str(exchange.call.parameters["repositoryName"])
    _check_name(name)
    record = exchange.kept(NOUN, {"repositoryName": name})
    if record is None:
        return exchange.call.reply({})
    git_of(record, runtime).delete()
    runtime.memory.store.remove(record)
    return exchange.call.reply({"repositoryId": record.values["repositoryId"]})


def _rename(exchange: Exchange, _: Runtime) -> Answer:
    record, name = repository(exchange, "oldName"), str(exchange.call.parameters["newName"])
    _check_name(name)
    if exchange.kept(NOUN, {"repositoryName": name}):
        raise AwsError("RepositoryNameExistsException", f"Repository named {name} already exists")
    record.values["repositoryName"], record.arn, record.changed = name, _arn(exchange, name), now()
    return exchange.call.reply({})


def _update(exchange: Exchange, _: Runtime) -> Answer:
    record, parameters = repository(exchange), exchange.call.parameters
    record.values |= {key: parameters.get(key, "") for key in ("repositoryDescription",)}
    record.changed = now()
    return exchange.call.reply({})


def _update_key(exchange: Exchange, _: Runtime) -> Answer:
    record = repository(exchange)
    before, record.values["kmsKeyId"] = record.values.get("kmsKeyId"), exchange.call.parameters["kmsKeyId"]
    record.changed = now()
    result = {"repositoryId": record.values["repositoryId"], "kmsKeyId": record.values["kmsKeyId"]}
    return exchange.call.reply({**result, **({"originalKmsKeyId": before} if before else {})})


def _update_default_branch(exchange: Exchange, runtime: Runtime) -> Answer:
    record, branch = repository(exchange), str(exchange.call.parameters["defaultBranchName"])
    if BRANCHES + branch not in record.values.get("references", {}):
        raise AwsError("BranchDoesNotExistException", f"Branch {branch} does not exist")
    set_default_branch(record, branch, runtime)
    record.changed = now()
    return exchange.call.reply({})


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    "BatchGetRepositories": _get_some,
    "CreateRepository": _create,
    "DeleteRepository": _delete,
    "GetRepository": _get,
    "ListRepositories": _list,
    "UpdateDefaultBranch": _update_default_branch,
    "UpdateRepositoryDescription": _update,
    "UpdateRepositoryEncryptionKey": _update_key,
    "UpdateRepositoryName": _rename,
}
