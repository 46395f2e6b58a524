"""Cost allocation tags, which moto lacks. AWS knows a tag after a bill contained it; here every tag is known."""

from __future__ import annotations

from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Memory, Patches
from plinth_sandbox.emulator.store.record import now


def _update(exchange: Exchange) -> Answer:
    for wanted in exchange.call.parameters["CostAllocationTagsStatus"]:
        _known(exchange)[wanted["TagKey"]] = {
            **wanted,
            "Type": "UserDefined",
            "LastUpdatedDate": now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
    return exchange.call.reply({"Errors": []})


def _list(exchange: Exchange) -> Answer:
    keys, status = exchange.call.parameters.get("TagKeys"), exchange.call.parameters.get("Status")
    found = [
        tag
        for tag in _known(exchange).values()
        if (not keys or tag["TagKey"] in keys) and status in (None, tag["Status"])
    ]
    return exchange.call.reply({"CostAllocationTags": found})


def is_active(key: str, memory: Memory) -> bool:
    """Returns whether the organization's bills have a tag."""
    return bool(memory.notes("ce", DEFAULT_ACCOUNT_ID, "tags").get(key, {}).get("Status") == "Active")


def _known(exchange: Exchange) -> dict[str, Any]:
    if exchange.call.account != DEFAULT_ACCOUNT_ID:
        message = "Linked account doesn't have access to cost allocation tags."
        raise AwsError("AccessDeniedException", message)
    return exchange.memory.notes("ce", exchange.call.account, "tags")


PATCHES: Patches = {"ListCostAllocationTags": _list, "UpdateCostAllocationTagsStatus": _update}
