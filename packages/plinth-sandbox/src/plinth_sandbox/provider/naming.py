"""Generates physical names, `<logical name>-<7 hex digits>`, like the vendor's provider."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

from plinth_sandbox.provider.vocabulary import Name

GENERATED = "__defaults"
"""Input under which this provider and the vendor's store the names of generated inputs."""

_HEX_DIGITS = 7
_PREFIX_HEX_DIGITS = 26
"""Text that Terraform appends to a `namePrefix`."""


def with_name(
    name: Name,
    logical_name: str,
    inputs: dict[str, Any],
    old_inputs: Mapping[str, Any],
    random_seed: bytes,
    proposed: str | None = None,
) -> dict[str, Any]:
    """Returns the inputs with a physical name: the program's, the resource's current one, or a new one.

    `proposed` is the name that the user's autonaming configuration requests.
    """
    if name.property in inputs:
        return inputs
    if name.property in old_inputs and _was_generated(name, old_inputs):
        generated = old_inputs[name.property]
    elif prefix := inputs.get(f"{name.property}Prefix"):
        generated = prefix + _hex(random_seed, _PREFIX_HEX_DIGITS)
    else:
        around = len(name.pattern.replace("{name}", ""))
        stem = logical_name[: name.longest - around - _HEX_DIGITS - 1]
        generated = name.pattern.replace("{name}", proposed or f"{stem}-{_hex(random_seed, _HEX_DIGITS)}")
    if name.lowercase:
        generated = generated.lower()
    return {**inputs, name.property: generated, GENERATED: [name.property]}


def _was_generated(name: Name, inputs: Mapping[str, Any]) -> bool:
    return name.property in (inputs.get(GENERATED) or [])


def collides_when_replaced(name: Name | None, old_inputs: Mapping[str, Any], inputs: Mapping[str, Any]) -> bool:
    """Returns whether a replacement would have the name of the old resource, which must then be deleted first."""
    if name is None or name.property not in inputs or _was_generated(name, inputs):
        return False
    return bool(old_inputs.get(name.property) == inputs[name.property])


def _hex(random_seed: bytes, digits: int) -> str:
    return hashlib.sha256(random_seed).hexdigest()[:digits] if random_seed else secrets.token_hex(digits)[:digits]
