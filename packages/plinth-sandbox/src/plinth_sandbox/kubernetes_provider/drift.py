"""Finds what changed in the cluster since the program's inputs were applied."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_MERGE_KEYS = ("name", "containerPort", "mountPath", "ip", "key", "type", "uid")
"""Members that identify the elements of Kubernetes' lists, the most specific first."""


def inputs_after_reading(
    inputs: Mapping[str, Any], applied: Mapping[str, Any], live: Mapping[str, Any]
) -> dict[str, Any]:
    """Returns the inputs with the values of the cluster, where these differ from what the inputs would become.

    ``applied`` is the object that the inputs would give now, with the server's defaults and spellings (``1000m`` is
    ``1``), so that only changes by others count. What others added is not the program's, so it does not count either.
    """
    found = _observed(inputs, applied, live)
    assert isinstance(found, dict)
    if live.get("kind") == "Secret" and "stringData" in inputs:
        found["stringData"] = _texts(inputs["stringData"], applied.get("data") or {}, live.get("data") or {})
    return found


def _observed(given: Any, applied: Any, live: Any) -> Any:
    if applied == live:
        return given
    if isinstance(given, Mapping) and isinstance(live, Mapping):
        before = applied if isinstance(applied, Mapping) else {}
        return {name: _observed(inner, before.get(name), live[name]) for name, inner in given.items() if name in live}
    if isinstance(given, list) and isinstance(live, list):
        return _elements(given, applied if isinstance(applied, list) else [], live)
    return live


def _elements(given: list[Any], applied: list[Any], live: list[Any]) -> list[Any]:
    key = next((name for name in _MERGE_KEYS if _identifies(name, given) and _identifies(name, live)), None)
    if key is None:
        if len(given) != len(live):
            return live
        before = applied if len(applied) == len(given) else [None] * len(given)
        return [_observed(*three) for three in zip(given, before, live, strict=True)]
    before_by, live_by = ({element[key]: element for element in listed if key in element} for listed in (applied, live))
    return [
        _observed(element, before_by.get(element[key]), live_by[element[key]])
        for element in given
        if element[key] in live_by
    ]


def _identifies(name: str, listed: Sequence[Any]) -> bool:
    values = [element.get(name) if isinstance(element, Mapping) else None for element in listed]
    return None not in values and len(set(map(str, values))) == len(values)


def _texts(given: Mapping[str, str], applied: Mapping[str, str], live: Mapping[str, str]) -> dict[str, str]:
    """Returns ``stringData``, which the server keeps in base64 among ``data``."""
    return {
        name: text if applied.get(name) == live[name] else base64.b64decode(live[name]).decode(errors="replace")
        for name, text in given.items()
        if name in live
    }


def differences(old: Any, new: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yields path and kind (``ADD``, ``DELETE``, ``UPDATE``) of each difference between two values."""
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in sorted({*old, *new}):
            inner = _joined(path, name)
            if name not in new:
                yield inner, "DELETE"
            elif name not in old:
                yield inner, "ADD"
            else:
                yield from differences(old[name], new[name], inner)
        return
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from differences(before, after, f"{path}[{number}]")
        return
    yield path, "UPDATE"


def _joined(path: str, name: str) -> str:
    if not name.replace("_", "").isalnum():
        return f'{path}["{name}"]'
    return f"{path}.{name}" if path else name
