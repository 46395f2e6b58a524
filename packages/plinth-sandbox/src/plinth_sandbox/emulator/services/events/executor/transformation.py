"""The text that a target receives: the event, a part of it, a constant, or a filled template.

Source: EventBridge User Guide, "Amazon EventBridge input transformation", and PutTargets in the API reference (read
2026-11-22).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_ABSENT = object()
_STEP = re.compile(r"\.([\w\-/]+|\*)|\[(\d+|\*)\]")
_PATH = re.compile(rf"\$({_STEP.pattern})*")
_VARIABLE = re.compile(r"<([A-Za-z0-9._\-]+)>")
_LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"')


def is_path(text: str) -> bool:
    """Returns whether EventBridge reads a JSON path: dot notation, indices and wildcards."""
    return _PATH.fullmatch(text) is not None


def find(event: Any, path: str) -> Any:
    """Returns the value at a path. A path that does not exist has the value None."""
    found = _find(event, path)
    return None if found is _ABSENT else found


def _find(event: Any, path: str) -> Any:
    value = event
    for name, index in _STEP.findall(path.removeprefix("$")):
        if "*" in (name, index):
            value = list(value.values()) if isinstance(value, Mapping) else value
        elif index:
            value = value[int(index)] if isinstance(value, list) and int(index) < len(value) else _ABSENT
        else:
            value = value.get(name, _ABSENT) if isinstance(value, Mapping) else _ABSENT
    return value


def input_of(target: Mapping[str, Any], event: Mapping[str, Any], rule_arn: str, ingested: str) -> str:
    """Returns the text for a target. ``ingested`` is the time at which EventBridge received the event."""
    if "Input" in target:
        return str(target["Input"])
    if "InputPath" in target:
        return json.dumps(find(event, target["InputPath"]))
    if "InputTransformer" not in target:
        return json.dumps(event)
    transformer = target["InputTransformer"]
    reserved = {
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule_arn.rpartition("/")[2],
        "aws.events.event.ingestion-time": ingested,
        "aws.events.event": {key: value for key, value in event.items() if key != "detail"},
        "aws.events.event.json": event,
    }
    paths = transformer.get("InputPathsMap") or {}
    values = {name: _find(event, path) for name, path in paths.items()} | reserved
    return _filled(str(transformer["InputTemplate"]), values)


def _filled(template: str, values: Mapping[str, Any]) -> str:
    """Fills a template. The result is JSON if the filled template is, and a JSON string otherwise."""
    places, end = [], 0
    for literal in _LITERAL.finditer(template):
        places.append(_VARIABLE.sub(lambda found: _value(found[1], values), template[end : literal.start()]))
        places.append(_VARIABLE.sub(lambda found: _text(found[1], values), literal[0]))
        end = literal.end()
    places.append(_VARIABLE.sub(lambda found: _value(found[1], values), template[end:]))
    text = "".join(places)
    try:
        return json.dumps(json.loads(text))
    except ValueError:
        return json.dumps(_VARIABLE.sub(lambda found: _text(found[1], values), template))


def _value(name: str, values: Mapping[str, Any]) -> str:
    """Returns a variable outside quotes. One without a value leaves an empty string."""
    if name not in values:
        return f"<{name}>"
    return json.dumps("" if values[name] is _ABSENT else values[name])


def _text(name: str, values: Mapping[str, Any]) -> str:
    """Returns a variable inside quotes. EventBridge does not escape it."""
    if name not in values:
        return f"<{name}>"
    value = values[name]
    if value is _ABSENT:
        return ""
    return value if isinstance(value, str) else json.dumps(value)
