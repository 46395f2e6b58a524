"""Secret values in properties: they are unwrapped for the API server, and wrapped again for the engine's state.

The engine sends secrets to this plugin as such, because values appear in other places of an object than the program put
them: ``stringData`` in ``data``, and any value in an error message.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"
_SHORTEST = 4
"""Shortest text that is hidden wherever it appears. Shorter ones are only hidden where the program put them."""
_HIDDEN = "[secret]"
_SECRET_MEMBERS = ("data", "stringData")


def unwrapped(value: Any) -> Any:
    """Returns a value without its marks."""
    if isinstance(value, Mapping):
        if value.get(SIGNATURE) == _SECRET:
            return unwrapped(value.get("value"))
        return {name: unwrapped(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [unwrapped(inner) for inner in value]
    return value


def wrapped(value: Any) -> dict[str, Any]:
    """Returns a value as a secret."""
    return {SIGNATURE: _SECRET, "value": value}


class Secrets:
    """The secret values of one resource."""

    def __init__(self, *marked: Mapping[str, Any]) -> None:
        """``marked`` are properties as the engine sends them. The data of a Secret is always secret."""
        self._paths: set[tuple[str | int, ...]] = set()
        self._texts: set[str] = set()
        for properties in marked:
            self._collect(properties, ())
            if properties.get("kind") == "Secret":
                for member in _SECRET_MEMBERS:
                    if member in properties:
                        self._paths.add((member,))
                        self._remember(unwrapped(properties[member]))
                self._paths.add(("data",))

    def mark(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """Returns properties with marks: where the program put a secret, and wherever the same value appears."""
        return {name: self._marked(value, (name,)) for name, value in properties.items()}

    def hide(self, message: str) -> str:
        """Returns a message without secret values."""
        for text in sorted(self._texts, key=len, reverse=True):
            message = message.replace(text, _HIDDEN)
        return message

    def _collect(self, value: Any, path: tuple[str | int, ...]) -> None:
        if isinstance(value, Mapping):
            if value.get(SIGNATURE) == _SECRET:
                self._paths.add(path)
                self._remember(unwrapped(value))
                return
            for name, inner in value.items():
                self._collect(inner, (*path, name))
        elif isinstance(value, list):
            for number, inner in enumerate(value):
                self._collect(inner, (*path, number))

    def _remember(self, value: Any) -> None:
        if isinstance(value, str) and len(value) >= _SHORTEST:
            self._texts |= {value, base64.b64encode(value.encode()).decode()}
        elif isinstance(value, Mapping):
            for inner in value.values():
                self._remember(inner)
        elif isinstance(value, list):
            for inner in value:
                self._remember(inner)

    def _marked(self, value: Any, path: tuple[str | int, ...]) -> Any:
        if path in self._paths:
            return wrapped(value)
        if isinstance(value, Mapping):
            return {name: self._marked(inner, (*path, name)) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._marked(inner, (*path, number)) for number, inner in enumerate(value)]
        if isinstance(value, str) and any(text in value for text in self._texts):
            return wrapped(value)
        return value
