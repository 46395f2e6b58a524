"""Identity Center directory: updates of groups, which moto keeps as immutable tuples."""

from __future__ import annotations

from moto.identitystore.models import identitystore_backends

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches

_MEMBERS = {"description": "Description", "displayName": "DisplayName"}


def _update_group(exchange: Exchange) -> Answer:
    call = exchange.call
    directory, wanted = call.parameters["IdentityStoreId"], call.parameters["GroupId"]
    groups = identitystore_backends[call.account][call.region].identity_stores[directory].groups
    if wanted not in groups:
        raise AwsError("ResourceNotFoundException", "GROUP not found.")
    changes = {_MEMBERS[one["AttributePath"]]: one.get("AttributeValue") for one in call.parameters["Operations"]}
    groups[wanted] = groups[wanted]._replace(**changes)
    return call.reply({"IdentityStoreId": directory, "GroupId": wanted})


PATCHES: Patches = {"UpdateGroup": _update_group}
