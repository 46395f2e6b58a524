"""Projects, with the defaults that CodeBuild fills in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.preconditions.policy_documents import admits_service
from plinth_sandbox.emulator.store.projection import tags_from
from plinth_sandbox.emulator.store.record import Place, Record, now

NOUN = "Project"
PRINCIPAL = "codebuild.amazonaws.com"
_BATCH = 100
"""Names in one request (CodeBuild API, BatchGetProjects)."""
_DEFAULTS: Mapping[str, Any] = {
    "timeoutInMinutes": 60,
    "queuedTimeoutInMinutes": 480,
    "cache": {"type": "NO_CACHE"},
    "projectVisibility": "PRIVATE",
    "autoRetryLimit": 0,
}
_NESTED: Mapping[str, Mapping[str, Any]] = {
    "environment": {"environmentVariables": [], "privilegedMode": False, "imagePullCredentialsType": "CODEBUILD"},
    "source": {"insecureSsl": False},
}
PROVIDERS: Mapping[str, str] = {
    "BITBUCKET": "Bitbucket",
    "GITHUB": "GitHub",
    "GITHUB_ENTERPRISE": "GitHubEnterpriseServer",
    "GITLAB": "GitLab",
    "GITLAB_SELF_MANAGED": "GitLabSelfManaged",
}
"""Provider by type of source. Such projects can have a webhook."""
_S3_ARTIFACTS = {"namespaceType": "NONE", "packaging": "NONE", "encryptionDisabled": False}
_WITHOUT_LOCATION = ("CODEPIPELINE", "NO_SOURCE")


def find(place: Place, name: str, runtime: Runtime) -> Record | None:
    """Returns a project by its name or ARN."""
    return runtime.memory.store.find(place, NOUN, {"name": name})


def project(exchange: Exchange, name: str, runtime: Runtime) -> Record:
    record = find(exchange.place, name, runtime)
    if record is None:
        raise AwsError("ResourceNotFoundException", f"Project cannot be found: {_arn(exchange.place, name)}")
    return record


def _arn(place: Place, name: str) -> str:
    return f"arn:aws:codebuild:{place.region}:{place.account}:project/{name}"


def check_role(arn: str) -> None:
    """Refuses roles that CodeBuild cannot assume."""
    if not admits_service(arn, PRINCIPAL):
        raise AwsError("InvalidInputException", f"CodeBuild is not authorized to perform: sts:AssumeRole on {arn}")


def check_source(source: Mapping[str, Any]) -> None:
    kind, location = source["type"], source.get("location")
    if kind not in _WITHOUT_LOCATION and not location:
        raise AwsError("InvalidInputException", "Project source location is required")
    if kind == "NO_SOURCE" and not source.get("buildspec"):
        message = "Invalid input: when using source type NO_SOURCE, the buildspec must be specified."
        raise AwsError("InvalidInputException", message)


def check_connection(source: Mapping[str, Any]) -> None:
    auth = source.get("auth") or {}
    if auth.get("type") == "CODECONNECTIONS" and not auth.get("resource"):
        message = "Invalid input: auth of type CODECONNECTIONS requires the ARN of a connection as resource"
        raise AwsError("InvalidInputException", message)


def check_artifacts(source: Mapping[str, Any], artifacts: Mapping[str, Any]) -> None:
    if (source["type"] == "CODEPIPELINE") != (artifacts["type"] == "CODEPIPELINE"):
        message = "Invalid artifacts: source and artifacts must both be of type CODEPIPELINE, or neither."
        raise AwsError("InvalidInputException", message)
    if artifacts["type"] == "S3" and not artifacts.get("location"):
        raise AwsError("InvalidInputException", "Invalid artifacts: artifact type S3 requires a location")


def _create(exchange: Exchange, runtime: Runtime) -> Answer:
    call, place = exchange.call, exchange.place
    name = str(call.parameters["name"])
    if find(place, name, runtime):
        raise AwsError("ResourceAlreadyExistsException", f"Project already exists: {_arn(place, name)}")
    values = _completed(place, call.parameters)
    record = Record(place, NOUN, values, _arn(place, name), tags_from(call.parameters.get("tags")))
    runtime.memory.store.add(record)
    return call.reply({"project": _described(record)})


def _completed(place: Place, given: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the values of a project with defaults. Raises AwsError for those that CodeBuild refuses."""
    key = f"arn:aws:kms:{place.region}:{place.account}:alias/aws/s3"
    values = {**_DEFAULTS, "encryptionKey": key, **{name: value for name, value in given.items() if name != "tags"}}
    for member, defaults in _NESTED.items():
        values[member] = {**defaults, **values[member]}
    if values["artifacts"]["type"] == "S3":
        values["artifacts"] = {**_S3_ARTIFACTS, "name": values["name"], **values["artifacts"]}
    if "badgeEnabled" in values:
        values["badge"] = {"badgeEnabled": values.pop("badgeEnabled")}
    check_role(str(values["serviceRole"]))
    check_source(values["source"])
    check_connection(values["source"])
    check_artifacts(values["source"], values["artifacts"])
    return values


def _described(record: Record) -> dict[str, Any]:
    tags = [{"key": key, "value": value} for key, value in record.tags.items()]
    own = {"arn": record.arn, "created": record.created, "lastModified": record.changed, "tags": tags}
    return {"badge": {"badgeEnabled": False}, **record.values, **own}


def _update(exchange: Exchange, runtime: Runtime) -> Answer:
    call = exchange.call
    record = project(exchange, str(call.parameters["name"]), runtime)
    record.values = _completed(exchange.place, {**record.values, **call.parameters})
    if "tags" in call.parameters:
        record.tags = tags_from(call.parameters["tags"])
    record.changed = now()
    return call.reply({"project": _described(record)})


def _update_visibility(exchange: Exchange, runtime: Runtime) -> Answer:
    parameters = exchange.call.parameters
    arn = str(parameters["projectArn"])
    record = project(exchange, arn.rpartition("/")[2], runtime)
    record.values["projectVisibility"] = parameters["projectVisibility"]
    if "resourceAccessRole" in parameters:
        record.values["resourceAccessRole"] = parameters["resourceAccessRole"]
    return exchange.call.reply({"projectArn": arn, "projectVisibility": parameters["projectVisibility"]})


def _get_some(exchange: Exchange, runtime: Runtime) -> Answer:
    names = exchange.call.parameters["names"]
    if len(names) > _BATCH:
        raise AwsError("InvalidInputException", f"At most {_BATCH} projects can be named")
    found = {name: find(exchange.place, name, runtime) for name in names}
    return exchange.call.reply(
        {
            "projects": [_described(record) for record in found.values() if record],
            "projectsNotFound": [name for name, record in found.items() if record is None],
        }
    )


def _list(exchange: Exchange, runtime: Runtime) -> Answer:
    names = sorted(record.values["name"] for record in runtime.memory.store.records(exchange.place, NOUN))
    return exchange.call.reply(
        {"projects": names[:: -1 if exchange.call.parameters.get("sortOrder") == "DESCENDING" else 1]}
    )


def _delete(exchange: Exchange, runtime: Runtime) -> Answer:
    """Deletes a project. One that does not exist is no error."""
    record = find(exchange.place, str(exchange.call.parameters["name"]), runtime)
    if record is not None:
        runtime.memory.store.remove(record)
    return exchange.call.reply({})


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    "BatchGetProjects": _get_some,
    "CreateProject": _create,
    "DeleteProject": _delete,
    "ListProjects": _list,
    "UpdateProject": _update,
    "UpdateProjectVisibility": _update_visibility,
}
