"""Identity Center directory: attributes of users that moto does not keep, and updates of groups, which moto keeps as
immutable tuples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.identitystore.models import identitystore_backends

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Memory, Patches

ENTERPRISE = "aws:identitystore:enterprise"
"""The extension with the attributes of the enterprise schema of SCIM, such as ``department``."""
_MEMBERS = {"description": "Description", "displayName": "DisplayName"}


def extensions(memory: Memory, directory: str, user: str) -> Mapping[str, Any]:
    """Returns the extensions of a user."""
    found: Mapping[str, Any] = memory.notes("identitystore", directory, "extensions").get(user, {})
    return found


def _create_user(exchange: Exchange) -> Answer:
    call = exchange.call
    given = call.parameters.get("Extensions", {})
    if unknown := sorted(set(given) - {ENTERPRISE}):
        raise AwsError("ValidationException", f"Unsupported extension: {', '.join(unknown)}")
    answer = exchange.below()
    if answer.succeeded and given:
        directory, user = call.parameters["IdentityStoreId"], call.result(answer)["UserId"]
        exchange.memory.notes("identitystore", directory, "extensions")[user] = given
    return answer


def _describe_user(exchange: Exchange) -> Answer:
    given = exchange.call.parameters
    kept = extensions(exchange.memory, given["IdentityStoreId"], given["UserId"])
    return exchange.amend(lambda result: result.update(Extensions=kept)) if kept else exchange.below()


def _update_group(exchange: Exchange) -> Answer:
    call = exchange.call
    directory, wanted = call.parameters["IdentityStoreId"], call.parameters["GroupId"]
    groups = identitystore_backends[call.account][call.region].identity_stores[directory].groups
    if wanted not in groups:
        raise AwsError("ResourceNotFoundException", "GROUP not found.")
    changes = {
        _MEMBERS[operation["AttributePath"]]: operation.get("AttributeValue")
        for operation in call.parameters["Operations"]
    }
    groups[wanted] = groups[wanted]._replace(**changes)
    return call.reply({"IdentityStoreId": directory, "GroupId": wanted})


PATCHES: Patches = {"CreateUser": _create_user, "DescribeUser": _describe_user, "UpdateGroup": _update_group}
