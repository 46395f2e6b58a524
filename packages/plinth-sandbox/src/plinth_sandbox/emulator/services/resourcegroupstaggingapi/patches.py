"""Resource Groups Tagging: adds the fallback store's records to moto's resources."""

from __future__ import annotations

from typing import Any

from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.store.record import Record


def _resources(exchange: Exchange) -> Answer:
    def add_stored(result: dict[str, Any]) -> None:
        if result.get("PaginationToken") or exchange.call.parameters.get("PaginationToken"):
            return
        found = [record for record in exchange.memory.store.everywhere() if _matches(record, exchange.call)]
        result["ResourceTagMappingList"] += [
            {"ResourceARN": record.arn, "Tags": [{"Key": key, "Value": value} for key, value in record.tags.items()]}
            for record in found
        ]

    return exchange.amend(add_stored)


def _matches(record: Record, call: Call) -> bool:
    if (record.place.account, record.place.region) != (call.account, call.region) or not record.tags:
        return False
    arns = call.parameters.get("ResourceARNList")
    if arns and record.arn not in arns:
        return False
    kinds = call.parameters.get("ResourceTypeFilters")
    if kinds and not any(_is_kind(record.arn, kind) for kind in kinds):
        return False
    return all(
        wanted["Key"] in record.tags and (not wanted.get("Values") or record.tags[wanted["Key"]] in wanted["Values"])
        for wanted in call.parameters.get("TagFilters", [])
    )


def _is_kind(arn: str, kind: str) -> bool:
    """Returns whether an ARN has a resource type: ``sagemaker`` or ``sagemaker:domain``."""
    service, _, resource = kind.partition(":")
    parts = arn.split(":", 5)
    return parts[2] == service and (not resource or parts[5].startswith(f"{resource}/"))


PATCHES: Patches = {"GetResources": _resources}
