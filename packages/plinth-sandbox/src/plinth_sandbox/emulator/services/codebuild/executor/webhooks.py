"""Webhooks of projects whose source is at a provider, and the builds that a push starts.

Sources: CodeBuild API, CreateWebhook and WebhookFilter; CodeBuild User Guide, "GitHub webhook events" and "GitLab
webhook events" (read 2026-11-22). Only pushes to branches occur in the sandbox, because a git repository
has no pull requests.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from moto.moto_api._internal import mock_random

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.git.repository import ABSENT
from plinth_sandbox.emulator.layers.moto import NotEmulatedError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange
from plinth_sandbox.emulator.services.codebuild.executor.builds import begin
from plinth_sandbox.emulator.services.codebuild.executor.projects import NOUN, PROVIDERS, project
from plinth_sandbox.emulator.services.codeconnections.executor.provider import (
    full_name,
    install_hook,
    is_available,
    repository,
)

log = logging.getLogger(__name__)

_FILTERS = ("EVENT", "HEAD_REF")
"""Types of filters that the sandbox can decide."""
_CHANGEABLE = ("filterGroups", "branchFilter", "buildType")
_BRANCHES = "refs/heads/"


@dataclass(frozen=True, slots=True)
class Push:
    """A changed reference of a provider's repository."""

    connection: str
    repository: str
    reference: str
    old: str
    new: str


def _create(exchange: Exchange, runtime: Runtime) -> Answer:
    parameters = exchange.call.parameters
    record = project(exchange, str(parameters["projectName"]), runtime)
    source = record.values["source"]
    if source["type"] not in PROVIDERS:
        raise AwsError("InvalidInputException", f"Webhooks are not supported for the source type {source['type']}")
    if "webhook" in record.values:
        message = f"Webhook already exists for project {record.values['name']}"
        raise AwsError("ResourceAlreadyExistsException", message)
    if unsupported := sorted(set(parameters) - {"projectName", *_CHANGEABLE}):
        raise NotEmulatedError(f"CreateWebhook with {', '.join(unsupported)}")
    _check(parameters)
    connection, location = str((source.get("auth") or {}).get("resource", "")), str(source["location"])
    if not is_available(runtime, connection):
        raise AwsError("InvalidInputException", f"Access denied to connection {connection}")
    folder = repository(runtime, connection, location)
    if folder is not None:
        install_hook(runtime, folder)
    elif runtime.runner.is_open:
        message = "Failed to create webhook. Repository not found or permission denied."
        raise AwsError("OAuthProviderException", message)
    kept = {name: parameters[name] for name in _CHANGEABLE if name in parameters}
    url = f"{location.removesuffix('.git')}/hooks/{mock_random.randint(10**8, 10**9 - 1)}"
    record.values["webhook"] = {"buildType": "BUILD", **kept, "url": url, "status": "ACTIVE"}
    return exchange.call.reply({"webhook": record.values["webhook"]})


def _check(parameters: Mapping[str, Any]) -> None:
    """Refuses filters that the sandbox cannot decide, and patterns that are no regular expressions."""
    if parameters.get("branchFilter") or parameters.get("buildType", "BUILD") != "BUILD":
        raise NotEmulatedError("A webhook with branchFilter or another type of builds")
    for filter_ in (member for group in parameters.get("filterGroups") or [] for member in group):
        if filter_["type"] not in _FILTERS:
            raise NotEmulatedError(f"A webhook with a filter of type {filter_['type']}")
        try:
            re.compile(filter_["pattern"])
        except re.error as error:
            raise AwsError("InvalidInputException", f"Invalid filter pattern {filter_['pattern']}: {error}") from error


def _update(exchange: Exchange, runtime: Runtime) -> Answer:
    parameters = exchange.call.parameters
    webhook = _existing(exchange, runtime)
    if unsupported := sorted(set(parameters) - {"projectName", *_CHANGEABLE}):
        raise NotEmulatedError(f"UpdateWebhook with {', '.join(unsupported)}")
    _check(parameters)
    webhook |= {name: parameters[name] for name in _CHANGEABLE if name in parameters}
    return exchange.call.reply({"webhook": webhook})


def _delete(exchange: Exchange, runtime: Runtime) -> Answer:
    _existing(exchange, runtime)
    project(exchange, str(exchange.call.parameters["projectName"]), runtime).values.pop("webhook")
    return exchange.call.reply({})


def _existing(exchange: Exchange, runtime: Runtime) -> dict[str, Any]:
    name = str(exchange.call.parameters["projectName"])
    webhook: dict[str, Any] | None = project(exchange, name, runtime).values.get("webhook")
    if webhook is None:
        raise AwsError("ResourceNotFoundException", f"Webhook not found for project {name}")
    return webhook


def pushed(runtime: Runtime, push: Push) -> None:
    """Starts a build of each project whose webhook admits a push. The deletion of a branch starts none."""
    if push.new == ABSENT or not push.reference.startswith(_BRANCHES):
        return
    branch = push.reference.removeprefix(_BRANCHES)
    request = {
        "sourceVersion": push.new,
        "webhookVariables": {
            "CODEBUILD_WEBHOOK_EVENT": "PUSH",
            "CODEBUILD_WEBHOOK_HEAD_REF": push.reference,
            "CODEBUILD_WEBHOOK_PREV_COMMIT": push.old,
            "CODEBUILD_WEBHOOK_TRIGGER": f"branch/{branch}",
        },
    }
    for record in list(runtime.memory.store.everywhere()):
        webhook = record.values.get("webhook") if (record.place.service, record.noun) == ("codebuild", NOUN) else None
        if webhook is None or not _reads(record.values["source"], push):
            continue
        if _admits(webhook.get("filterGroups") or [], {"EVENT": "PUSH", "HEAD_REF": push.reference}):
            provider = PROVIDERS[record.values["source"]["type"]]
            try:
                begin(record.place, record, request, runtime, f"{provider}-Hookshot")
            except (AwsError, NotEmulatedError) as error:
                log.warning("the push to %s started no build of %s: %s", push.repository, record.arn, error)


def _reads(source: Mapping[str, Any], push: Push) -> bool:
    connection = (source.get("auth") or {}).get("resource")
    return connection == push.connection and full_name(str(source["location"])) == push.repository


def _admits(groups: Sequence[Sequence[Mapping[str, Any]]], event: Mapping[str, str]) -> bool:
    """Returns whether all filters of a group match. A webhook without groups admits everything."""
    return not groups or any(all(_matches(filter_, event) for filter_ in group) for group in groups)


def _matches(filter_: Mapping[str, Any], event: Mapping[str, str]) -> bool:
    if filter_["type"] == "EVENT":
        return event["EVENT"] in [name.strip() for name in filter_["pattern"].split(",")]
    found = re.search(filter_["pattern"], event[filter_["type"]]) is not None
    return found != bool(filter_.get("excludeMatchedPattern"))


OPERATIONS: Mapping[str, Callable[[Exchange, Runtime], Answer]] = {
    "CreateWebhook": _create,
    "DeleteWebhook": _delete,
    "UpdateWebhook": _update,
}
