"""Tagging of resources by ARN: records of the store, and resources of moto whose tags moto cannot store."""

from __future__ import annotations

from typing import Any

from moto.core.model import ListShape, MapShape, Shape, StructureShape

from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.store import refusals
from plinth_sandbox.emulator.store.projection import tags_as, tags_from
from plinth_sandbox.emulator.store.record import Store
from plinth_sandbox.emulator.store.vocabulary import Verb, members


def target(call: Call) -> str:
    """Returns the ARN of the tagged resource. Services call the member Resource, ResourceArn, ResourceName and so
    on."""
    texts = {name: value for name, value in call.parameters.items() if isinstance(value, str)}
    named = [value for name, value in texts.items() if name.lower().startswith("resource")]
    return next(iter(named or texts.values()), "")


def perform(store: Store, call: Call, verb: Verb) -> dict[str, Any]:
    assert call.operation is not None
    arn = target(call)
    record = store.by_arn(call.account, arn)
    owner = arn.split(":")[4] if arn.count(":") > 4 else ""
    if record is None and owner not in ("", call.account):
        raise refusals.not_found(call.operation, "Resource", {"arn": arn})
    tags = record.tags if record else store.tags_beside(call.account, arn)
    match verb:
        case Verb.TAG:
            tags |= tags_from(_argument(call, list, dict))
        case Verb.UNTAG:
            for key in _argument(call, list):
                tags.pop(key, None)
        case _:
            return _listed(members(call.operation.output_shape), tags)
    return {}


def _argument(call: Call, *types: type) -> Any:
    return next((value for value in call.parameters.values() if isinstance(value, types)), [])


def _listed(output: dict[str, Shape], tags: dict[str, str]) -> dict[str, Any]:
    for name, shape in output.items():
        pairs = isinstance(shape, ListShape) and isinstance(shape.member, StructureShape)
        if pairs or isinstance(shape, MapShape):
            return {name: tags_as(shape, tags)}
    return {}
