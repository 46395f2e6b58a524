"""Computes the state for the engine: a resource's outputs and inputs, from the program's inputs and AWS's answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from plinth_sandbox.provider import tagging
from plinth_sandbox.provider.entry import Entry
from plinth_sandbox.provider.naming import GENERATED
from plinth_sandbox.provider.properties.comparison import agree, merged
from plinth_sandbox.provider.rpc.configuration import Configuration
from plinth_sandbox.provider.rpc.wire import UNKNOWN
from plinth_sandbox.provider.templates import ABSENT, fill
from plinth_sandbox.provider.vocabulary import Properties

UNFINISHED = "__unfinished"
"""Output that marks a resource whose last operation failed before its end."""


def unfinished(outputs: Properties) -> Properties:
    """Returns the outputs of an incomplete resource, with the mark."""
    return {**outputs, UNFINISHED: True}


def finished(outputs: Properties) -> Properties:
    """Returns the outputs without the mark."""
    return {name: value for name, value in outputs.items() if name != UNFINISHED}


def is_unfinished(outputs: Mapping[str, Any]) -> bool:
    """Returns whether the last operation failed before its end. The engine then stores all inputs as if they had been
    set."""
    return UNFINISHED in outputs


def outputs_of(
    entry: Entry,
    inputs: Properties,
    live: Properties,
    place: Mapping[str, Any],
    identifier: str,
    configuration: Configuration,
) -> Properties:
    """Returns the outputs: the values in AWS, in the program's spelling if both mean the same."""
    outputs: Properties = {}
    for name in entry.schema.outputs.fields:
        wanted, found = inputs.get(name), live.get(name)
        if found is None:  # AWS leaves out properties with default values
            found = entry.resource.defaults.get(name)
        if name not in live and wanted is not None:
            outputs[name] = wanted
        else:
            outputs[name] = found if wanted is None else merged(wanted, found, name, entry.tolerance)
    outputs |= {"id": identifier, "region": inputs.get("region") or place["@region"]}
    for name, template in entry.resource.derived.items():
        if outputs.get(name) is None and (value := fill(template, {**place, **outputs})) is not ABSENT:
            outputs[name] = value
    if entry.tagging is not None:
        found_tags = tagging.visible(configuration, live.get("tagsAll") or {})
        outputs["tagsAll"] = found_tags
        own_tags = tagging.own(configuration, found_tags, inputs.get("tags") or {})
        outputs["tags"] = own_tags if own_tags or "tags" in inputs else None
    return {name: value for name, value in outputs.items() if value is not None}


def inputs_after_reading(
    entry: Entry, inputs: Mapping[str, Any], outputs: Mapping[str, Any], live: Mapping[str, Any]
) -> Properties:
    """Returns the inputs that would produce the current state in AWS: the program's if they still hold, else the found
    values.

    `outputs` are those of the last operation, or None during an import. `live` are outputs made from the values that
    were read.
    """
    found: Properties = {name: inputs[name] for name in (GENERATED,) if name in inputs}
    for name in entry.schema.inputs.fields:
        before, now = inputs.get(name), live.get(name)
        if before is not None:
            value = before if _holds(entry, name, before, outputs.get(name), now) else now
        else:
            value = now if _is_added(entry, name, outputs, now) else None
        if value is not None:
            found[name] = value
    return found


def _holds(entry: Entry, name: str, before: Any, last: Any, now: Any) -> bool:
    """Returns whether AWS still has the value that the program requested, without additions."""
    if now is None:
        return entry.tolerance.may_be_left_out(name, before) and name not in entry.resource.computed
    if last is None:
        return agree(before, now, name, entry.tolerance)
    generous = replace(entry.tolerance, accepts_more=True)
    return agree(last, now, name, entry.tolerance) and agree(before, now, name, generous)


def _is_added(entry: Entry, name: str, outputs: Mapping[str, Any], now: Any) -> bool:
    """Returns whether AWS has a value for a property that the program omits, and did not have it before."""
    if now is None:
        return False
    if name in entry.identity and not outputs:
        return True
    if entry.tolerance.may_be_left_out(name, now):
        return False
    return not outputs or not agree(outputs.get(name), now, name, entry.tolerance)


def previewed_outputs(
    entry: Entry, inputs: Properties, last: Properties | None, place: Mapping[str, Any], configuration: Configuration
) -> Properties:
    """Returns the outputs in a preview: the inputs, and unknowns for values that AWS decides.

    `last` are the outputs before an update, which keep values that AWS decided; None for a creation.
    """
    outputs: Properties = {}
    unsettled = {*entry.resource.volatile, *(entry.resource.computed if last and is_unfinished(last) else ())}
    for name in entry.schema.outputs.fields:
        if name in inputs:
            outputs[name] = inputs[name]
        elif last is not None and name in unsettled:
            outputs[name] = UNKNOWN
        elif last is not None:
            kept = name not in entry.schema.inputs.fields or name in entry.resource.computed
            outputs[name] = last.get(name) if kept else entry.resource.defaults.get(name)
        elif name in entry.schema.inputs.fields and name not in entry.resource.computed:
            outputs[name] = entry.resource.defaults.get(name)
        else:
            outputs[name] = UNKNOWN
    outputs["region"] = inputs.get("region") or place["@region"]
    if entry.tagging is not None:
        own = inputs.get("tags") or {}
        outputs["tagsAll"] = UNKNOWN if own == UNKNOWN else tagging.effective(configuration, own)
    return {name: value for name, value in outputs.items() if value is not None}
