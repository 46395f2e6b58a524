"""Builds: their requests, their states, and the tasks that run them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.moto_api._internal import mock_random

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.networks import RunNetwork
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.executors.task_runner import Outcome, Task
from plinth_sandbox.emulator.layers.moto import NotEmulatedError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.codebuild.executor import events
from plinth_sandbox.emulator.services.codebuild.executor.projects import (
    PROVIDERS,
    check_artifacts,
    check_role,
    check_source,
    project,
)
from plinth_sandbox.emulator.services.codebuild.executor.provider_source import remote, report_status
from plinth_sandbox.emulator.services.codebuild.executor.reports import add_reports
from plinth_sandbox.emulator.services.codecommit.executor.references import caller
from plinth_sandbox.emulator.services.ecr.executor.manifests import manifests_of
from plinth_sandbox.emulator.store.record import Place, Record, now

SOURCES = ("CODECOMMIT", "CODEPIPELINE", "NO_SOURCE", "S3", *PROVIDERS)
"""Types of sources that the sandbox can read."""
_UNREAD = ("secondarySources", "secondaryArtifacts", "fileSystemLocations")
"""Members of a project that a build would use, and the sandbox does not."""
_OVERRIDES = {
    "timeoutInMinutesOverride": "timeoutInMinutes",
    "queuedTimeoutInMinutesOverride": "queuedTimeoutInMinutes",
    "serviceRoleOverride": "serviceRole",
    "encryptionKeyOverride": "encryptionKey",
    "artifactsOverride": "artifacts",
    "logsConfigOverride": "logsConfig",
    "buildspecOverride": "source.buildspec",
    "sourceTypeOverride": "source.type",
    "sourceLocationOverride": "source.location",
    "imageOverride": "environment.image",
    "imagePullCredentialsTypeOverride": "environment.imagePullCredentialsType",
    "computeTypeOverride": "environment.computeType",
    "environmentTypeOverride": "environment.type",
    "privilegedModeOverride": "environment.privilegedMode",
}
"""Value of the project by member of StartBuild."""
_OTHERS = {"projectName", "sourceVersion", "environmentVariablesOverride", "idempotencyToken"}
_STATUS = {"FAILED": "FAULT", "STOPPED": "STOPPED", "TIMEOUT": "TIMED_OUT"}
"""Status of a build whose process did not end by itself."""


def builds(runtime: Runtime, place: Place) -> dict[str, dict[str, Any]]:
    """Returns the builds of a region by id, in the order of their start."""
    return runtime.memory.notes("codebuild-builds", place.account, place.region)


def _start(exchange: Exchange, runtime: Runtime) -> Answer:
    parameters = exchange.call.parameters
    token, place = parameters.get("idempotencyToken"), exchange.place
    tokens = runtime.memory.notes("codebuild-tokens", place.account, place.region)
    if token in tokens:
        return exchange.call.reply({"build": builds(runtime, place)[tokens[token]]})
    if unsupported := sorted(set(parameters) - set(_OVERRIDES) - _OTHERS):
        raise NotEmulatedError(f"StartBuild with {', '.join(unsupported)}")
    record = project(exchange, str(parameters["projectName"]), runtime)
    if pipeline := runtime.memory.notes("codebuild-pipelines").pop(str(token), None):
        parameters = {**parameters, "pipeline": pipeline}
    initiator = pipeline["initiator"] if pipeline else _initiator(exchange)
    build = begin(place, record, parameters, runtime, initiator)
    if token:
        tokens[token] = build["id"]
    return exchange.call.reply({"build": build})


def _initiator(exchange: Exchange) -> str:
    place = exchange.place
    return caller(place.account, place.region, exchange.call.access_key).partition("/")[2]


def begin(place: Place, record: Record, request: Mapping[str, Any], runtime: Runtime, initiator: str) -> dict[str, Any]:
    """Starts a build of a project, as ``request`` says. A webhook adds ``webhookVariables`` to it, and a pipeline adds
    ``pipeline`` with the places of its artifacts."""
    values, pipeline = _overridden(record, request), request.get("pipeline")
    if pipeline:
        # The action decides about source and artifacts, whatever the project says.
        values["source"] = {"type": "CODEPIPELINE", "buildspec": values["source"].get("buildspec", "")}
        values["artifacts"] = {"type": "CODEPIPELINE"}
    elif values["source"]["type"] == "CODEPIPELINE":
        raise AwsError("InvalidInputException", "Project with source type CODEPIPELINE is started by a pipeline only")
    _check(values, record, builds(runtime, place))
    number, uuid, started = record.values.get("builds", 0) + 1, str(mock_random.uuid4()), now()
    record.values["builds"] = number
    name = record.values["name"]
    group, stream = _log(values, name, uuid)
    members = ("source", "environment", "serviceRole", "timeoutInMinutes", "queuedTimeoutInMinutes", "encryptionKey")
    build = {
        **{member: values[member] for member in (*members, "cache")},
        "id": f"{name}:{uuid}",
        "arn": f"arn:aws:codebuild:{place.region}:{place.account}:build/{name}:{uuid}",
        "buildNumber": number,
        "startTime": started,
        "currentPhase": "QUEUED",
        "buildStatus": "IN_PROGRESS",
        "projectName": name,
        "phases": [_ended("SUBMITTED", started, started), {"phaseType": "QUEUED", "startTime": started}],
        "artifacts": {"location": ""},
        "logs": {"groupName": group, "streamName": stream} if group else {},
        "buildComplete": False,
        "initiator": initiator,
        "reportArns": [],
        "exportedEnvironmentVariables": [],
    }
    if version := request.get("sourceVersion") or record.values.get("sourceVersion"):
        build["sourceVersion"] = version
    if network := values.get("vpcConfig"):
        build["vpcConfig"] = network
    builds(runtime, place)[build["id"]] = build
    described = {**build, "artifacts": values["artifacts"]}
    subnets = (network or {}).get("subnets") or []
    moment = started.replace(tzinfo=UTC).timestamp()
    job_input = {
        "build": {key: value for key, value in described.items() if key not in ("startTime", "phases")},
        "project": record.arn,
        "subnets": subnets,
        "group": group,
        "stream": stream,
        "images": str(runtime.runner.images),
        "manifests": manifests_of([str(described["environment"]["image"])]),
        "started": round(moment * 1000),
        "queued_until": moment + 60 * values["queuedTimeoutInMinutes"],
        "remote": _remote(runtime, values),
        "webhook": request.get("webhookVariables") or {},
        "pipeline": pipeline or {},
    }
    limit = 60.0 * values["timeoutInMinutes"]
    runtime.runner.submit(
        Task(
            "codebuild",
            uuid,
            place.account,
            place.region,
            limit,
            job_input,
            keeps_data_of_failures=True,
            from_webhook="webhookVariables" in request,
            network=RunNetwork.of(place.account, place.region, network or {}),
        )
    )
    _requests(runtime, place)[build["id"]] = dict(request)
    _changed(runtime, place, build)
    return build


def _remote(runtime: Runtime, values: Mapping[str, Any]) -> dict[str, str]:
    """Returns where a build finds its repository at a source provider. Other sources have none."""
    source = values["source"]
    return remote(runtime, source, str(values["serviceRole"])) if source["type"] in PROVIDERS else {}


def _changed(runtime: Runtime, place: Place, build: Mapping[str, Any]) -> None:
    """Tells of a new status of a build: by an event, and at the commit if the project reports it there."""
    events.build_changed(place, build)
    if runtime.runner.is_open:
        report_status(build, _remote(runtime, build).get("folder", ""), place.region)


def _requests(runtime: Runtime, place: Place) -> dict[str, Any]:
    """Returns the requests of builds by id, with which RetryBuild starts them again."""
    return runtime.memory.notes("codebuild-requests", place.account, place.region)


def _overridden(record: Record, request: Mapping[str, Any]) -> dict[str, Any]:
    values = copy.deepcopy(record.values)
    for member, path in _OVERRIDES.items():
        if member in request:
            *within, name = path.split(".")
            (values[within[0]] if within else values)[name] = request[member]
    given = request.get("environmentVariablesOverride") or []
    names = {variable["name"] for variable in given}
    kept = [
        environment_variable
        for environment_variable in values["environment"].get("environmentVariables") or []
        if environment_variable["name"] not in names
    ]
    values["environment"]["environmentVariables"] = [*kept, *given]
    return values


def _check(values: Mapping[str, Any], record: Record, known: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuses builds that CodeBuild refuses, and those that the sandbox cannot run."""
    check_role(str(values["serviceRole"]))
    check_source(values["source"])
    check_artifacts(values["source"], values["artifacts"])
    for member in _UNREAD:
        if values.get(member):
            raise NotEmulatedError(f"A build with {member}")
    if values["source"]["type"] in PROVIDERS and (values["source"].get("auth") or {}).get("type") != "CODECONNECTIONS":
        raise NotEmulatedError("A build with a source of a provider without a connection")
    if values["source"]["type"] not in SOURCES:
        raise NotEmulatedError(f"A build with a source of type {values['source']['type']}")
    if (values.get("logsConfig") or {}).get("s3Logs", {}).get("status") == "ENABLED":
        raise NotEmulatedError("A build with logs in S3")
    name, limit = record.values["name"], record.values.get("concurrentBuildLimit")
    active = [build for build in known.values() if build["projectName"] == name and not build["buildComplete"]]
    if limit and len(active) >= limit:
        message = f"Cannot have more than {limit} active builds for the project {name}"
        raise AwsError("AccountLimitExceededException", message)


def _log(values: Mapping[str, Any], name: str, uuid: str) -> tuple[str, str]:
    """Returns the log group and the stream. The group is empty if the project has no log in CloudWatch Logs."""
    given = (values.get("logsConfig") or {}).get("cloudWatchLogs") or {}
    group = "" if given.get("status") == "DISABLED" else str(given.get("groupName") or f"/aws/codebuild/{name}")
    return group, "/".join(filter(None, (given.get("streamName"), uuid)))


def record_outcome(outcome: Outcome, runtime: Runtime) -> str | None:
    """Completes a build with what its process left, and returns its ARN. A build may be unknown."""
    place = Place(outcome.account, outcome.region, "codebuild")
    build = next(
        (candidate for candidate in builds(runtime, place).values() if candidate["id"].endswith(f":{outcome.run}")),
        None,
    )
    if build is None:
        return None
    left, status = outcome.left, _STATUS.get(outcome.state) or str(outcome.left.get("status", "FAULT"))
    build["phases"] = [build["phases"][0], *(_phase(phase, status) for phase in left.get("phases", []))]
    ended = now()
    build["phases"].append({"phaseType": "COMPLETED", "startTime": ended})
    build |= {
        "buildStatus": status,
        "buildComplete": True,
        "currentPhase": "COMPLETED",
        "endTime": ended,
        "artifacts": left.get("artifacts", {"location": ""}),
        "exportedEnvironmentVariables": left.get("exportedEnvironmentVariables", []),
        "reportArns": add_reports(build, left.get("reports", []), place, runtime),
    }
    if left.get("resolvedSourceVersion"):
        build["resolvedSourceVersion"] = left["resolvedSourceVersion"]
    for phase in build["phases"][:-1]:
        events.phase_changed(place, build, phase)
    _changed(runtime, place, build)
    return str(build["arn"])


def _phase(phase: Mapping[str, Any], status: str) -> dict[str, Any]:
    """Returns a phase in the API's form. The one in which the process was ended has the status of the build."""
    started = _moment(phase["start"])
    if phase["phaseStatus"] == "IN_PROGRESS":
        return _ended(phase["phaseType"], started, max(now(), started), status)
    return _ended(phase["phaseType"], started, _moment(phase["end"]), phase["phaseStatus"], phase["contexts"])


def _ended(
    phase: str,
    started: datetime,
    ended: datetime,
    status: str = "SUCCEEDED",
    contexts: list[dict[str, str]] | None = None,
) -> dict[str, Any]:
    return {
        "phaseType": phase,
        "phaseStatus": status,
        "startTime": started,
        "endTime": ended,
        "durationInSeconds": round((ended - started) / timedelta(seconds=1)),
        "contexts": contexts or [],
    }


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)


def _existing(exchange: Exchange, runtime: Runtime) -> dict[str, Any]:
    identifier = str(exchange.call.parameters.get("id", ""))
    build = _by_name(builds(runtime, exchange.place), identifier)
    if build is None:
        raise AwsError("ResourceNotFoundException", f"Build {identifier} does not exist")
    return build


def _by_name(known: Mapping[str, dict[str, Any]], name: str) -> dict[str, Any] | None:
    """Returns a build by its id or ARN."""
    return known.get(name.rpartition("build/")[2])


def _get_some(exchange: Exchange, runtime: Runtime) -> Answer:
    known = builds(runtime, exchange.place)
    found = {name: _by_name(known, name) for name in exchange.call.parameters["ids"]}
    for build in found.values():
        if build and not build["buildComplete"] and not runtime.runner.waits(build["id"].rpartition(":")[2]):
            # The phases of a running build are known when it has ended.
            build["currentPhase"] = "BUILD"
    missing = [name for name, build in found.items() if build is None]
    return exchange.call.reply({"builds": [build for build in found.values() if build], "buildsNotFound": missing})


def _list(exchange: Exchange, runtime: Runtime) -> Answer:
    parameters = exchange.call.parameters
    name = parameters.get("projectName")
    if name:
        project(exchange, str(name), runtime)
    found = [key for key, build in builds(runtime, exchange.place).items() if name in (None, build["projectName"])]
    return exchange.call.reply({"ids": found if parameters.get("sortOrder") == "ASCENDING" else found[::-1]})


def _stop(exchange: Exchange, runtime: Runtime) -> Answer:
    """Stops a build. One that has ended stays as it is."""
    build = _existing(exchange, runtime)
    runtime.runner.stop(build["id"].rpartition(":")[2])
    return exchange.call.reply({"build": build})


def _retry(exchange: Exchange, runtime: Runtime) -> Answer:
    build = _existing(exchange, runtime)
    if not build["buildComplete"]:
        raise AwsError("InvalidInputException", f"Build {build['id']} is still in progress")
    request = _requests(runtime, exchange.place)[build["id"]]
    record = project(exchange, build["projectName"], runtime)
    return exchange.call.reply({"build": begin(exchange.place, record, request, runtime, _initiator(exchange))})


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    "BatchGetBuilds": _get_some,
    "ListBuilds": _list,
    "ListBuildsForProject": _list,
    "RetryBuild": _retry,
    "StartBuild": _start,
    "StopBuild": _stop,
}
