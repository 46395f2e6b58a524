"""EMR Serverless: application members that moto loses, and the initial state."""

from __future__ import annotations

from functools import wraps
from typing import Any

from moto.emrserverless.models import Application, EMRServerlessBackend, emrserverless_backends

from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches

FORGOTTEN = (
    "architecture", "imageConfiguration", "interactiveConfiguration", "jobLevelCostAllocationConfiguration",
    "monitoringConfiguration", "runtimeConfiguration", "schedulerConfiguration", "diskEncryptionConfiguration",
)  # fmt: skip
"""Members that moto accepts and does not keep."""


def _notes(exchange: Exchange, application: str) -> dict[str, Any]:
    return exchange.memory.notes("emr-serverless", exchange.call.account, exchange.call.region, application)


def _remember(exchange: Exchange, application: str) -> None:
    given = exchange.call.parameters
    _notes(exchange, application).update({name: given[name] for name in FORGOTTEN if given.get(name) is not None})


def _create(exchange: Exchange) -> Answer:
    """Creates an application that waits for its first job. moto starts it at once."""
    call = exchange.call

    def complete(result: dict[str, Any]) -> None:
        identity = str(result["applicationId"])
        emrserverless_backends[call.account][call.region].applications[identity].state = "CREATED"
        _notes(exchange, identity)["architecture"] = "X86_64"
        _remember(exchange, identity)

    return exchange.amend(complete)


def _get(exchange: Exchange) -> Answer:
    def complete(result: dict[str, Any]) -> None:
        result["application"].update(_notes(exchange, str(exchange.call.parameters["applicationId"])))

    return exchange.amend(complete)


def _update(exchange: Exchange) -> Answer:
    identity = str(exchange.call.parameters["applicationId"])

    def complete(result: dict[str, Any]) -> None:
        _remember(exchange, identity)
        backend = emrserverless_backends[exchange.call.account][exchange.call.region]
        release = exchange.call.parameters.get("releaseLabel")
        if release is not None:
            backend.applications[identity].release_label = release
            result["application"]["releaseLabel"] = release
        result["application"].update(_notes(exchange, identity))

    return exchange.amend(complete)


def _tag(exchange: Exchange) -> Answer:
    _tags(exchange).update(exchange.call.parameters["tags"])
    return exchange.call.reply({})


def _untag(exchange: Exchange) -> Answer:
    for key in exchange.call.parameters["tagKeys"]:
        _tags(exchange).pop(key, None)
    return exchange.call.reply({})


def _list_tags(exchange: Exchange) -> Answer:
    return exchange.call.reply({"tags": dict(_tags(exchange))})


def _tags(exchange: Exchange) -> dict[str, str]:
    """Returns the tags of an application, the only resource of this service with tags here."""
    call = exchange.call
    backend = emrserverless_backends[call.account][call.region]
    application: Application = backend.get_application(str(call.parameters["resourceArn"]).rpartition("/")[2])
    tags: dict[str, str] = application.tags
    return tags


def patch_moto() -> None:
    """Makes moto accept the type in any case, as AWS does. The vendor's provider writes `spark`; moto accepts capitals
    only."""
    create = EMRServerlessBackend.create_application

    @wraps(create)
    def create_application(backend: EMRServerlessBackend, **given: Any) -> Application:
        return create(backend, **{**given, "application_type": str(given["application_type"]).upper()})

    EMRServerlessBackend.create_application = create_application


PATCHES: Patches = {
    "CreateApplication": _create,
    "GetApplication": _get,
    "ListTagsForResource": _list_tags,
    "TagResource": _tag,
    "UntagResource": _untag,
    "UpdateApplication": _update,
}
