"""Converts property values between protobuf's Struct and Python.

Secrets never reach this plugin. It declares `accept_secrets = false`, so the engine unwraps secrets before a call and
marks the same properties of the answer as secret. This is simpler than wrapping them here.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from google.protobuf import struct_pb2

from plinth_sandbox.provider.errors import ProviderError

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""Placeholder of the engine for an unknown value in a preview."""

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_ASSET_SIGNATURE = "c44067f5952c0a294b673a41bacd8c17"
_ARCHIVE_SIGNATURE = "0def7320c3a5731c473e5ecbe6d01bc7"


def from_struct(struct: struct_pb2.Struct) -> dict[str, Any]:
    """Returns the properties of a request. Nulls mean "not given" and are dropped."""
    given = {name: from_value(value) for name, value in struct.fields.items()}
    return {name: value for name, value in given.items() if value is not None}


def from_value(value: struct_pb2.Value) -> Any:
    """Returns one value. Whole numbers become int, as AWS requires."""
    match value.WhichOneof("kind"):
        case "struct_value":
            return from_struct(value.struct_value)
        case "list_value":
            return [from_value(item) for item in value.list_value.values]
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() else number
        case "string_value":
            return value.string_value
        case "bool_value":
            return value.bool_value
        case _:
            return None


def to_struct(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    """Returns the properties of an answer, without those that have no value."""
    struct = struct_pb2.Struct()
    struct.update({name: _plain(value) for name, value in properties.items() if value is not None})
    return struct


def _plain(value: Any) -> Any:
    match value:
        case Mapping():
            return {str(name): _plain(inner) for name, inner in value.items() if inner is not None}
        case list() | tuple():
            return [_plain(inner) for inner in value]
        case _:
            return value


def has_unknown(value: Any) -> bool:
    """Returns whether a value is unknown or contains an unknown."""
    match value:
        case Mapping():
            return any(has_unknown(inner) for inner in value.values())
        case list():
            return any(has_unknown(inner) for inner in value)
        case _:
            return bool(value == UNKNOWN)


def asset_bytes(asset: Mapping[str, Any]) -> bytes:
    """Returns the content of an asset: its text, or the file that it names. Raises ProviderError for other values."""
    if (text := asset.get("text")) is not None:
        return str(text).encode()
    if (path := asset.get("path")) is not None:
        return Path(path).read_bytes()
    raise ProviderError("only assets with text or a path are supported")


def is_asset(value: Any) -> bool:
    """Returns whether a value is an asset or an archive."""
    return isinstance(value, Mapping) and value.get(_SIGNATURE) in (_ASSET_SIGNATURE, _ARCHIVE_SIGNATURE)
