"""Rules of the vendor's provider that no service model contains: inputs that exclude each other, and networks."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from plinth_sandbox.provider.entry import Entry
from plinth_sandbox.provider.naming import GENERATED
from plinth_sandbox.provider.properties.property_types import ANY, PropertyType
from plinth_sandbox.provider.rpc.wire import UNKNOWN

Violation = tuple[str, str]
"""Path of a property, and the reason."""

_NETWORK = re.compile(r"cidr|cidrIpv[46]|\w*[cC]idrBlocks?")
"""Names of properties that hold networks. The vendor validates all of them with `ValidCIDRNetworkAddress` or
`IsCIDRNetwork` (terraform-provider-aws, internal/service/ec2, read on 2026-11-21)."""


_ABSENT: tuple[Any, ...] = (None, "", [], {})


def vendor_rules(entry: Entry, inputs: Mapping[str, Any]) -> Iterator[Violation]:
    """Yields the inputs that the vendor's provider refuses before any call."""
    present = {name for name, value in inputs.items() if value not in _ABSENT}
    known = {name for name in present if inputs[name] != UNKNOWN}
    yield from _prefix(entry, inputs, known)
    for group in entry.resource.exclusive:
        yield from _exclusive(group, known)
    for group in entry.resource.exactly_one:
        yield from _exclusive(group, known)
        if not present.intersection(group):
            yield group[0], f"missing: set exactly one of {_listed(group)}"
    yield from _networks(inputs, entry.schema.inputs, "")


def _prefix(entry: Entry, inputs: Mapping[str, Any], known: set[str]) -> Iterator[Violation]:
    """Yields a prefix beside a name. The name may be one that this provider generated from the prefix."""
    name = entry.resource.name.property if entry.resource.name else ""
    if name not in (inputs.get(GENERATED) or []):
        yield from _exclusive((name, f"{name}Prefix"), known)


def _exclusive(group: Sequence[str], known: set[str]) -> Iterator[Violation]:
    given = [name for name in group if name in known]
    for name in given[1:]:
        yield name, f"conflicts with {given[0]}: set only one of {_listed(group)}"


def _listed(group: Sequence[str]) -> str:
    return f"{', '.join(group[:-1])} and {group[-1]}"


def _networks(value: Any, expected: PropertyType, path: str) -> Iterator[Violation]:
    match value:
        case Mapping() if expected.kind == "object":
            for name, inner in value.items():
                below = f"{path}.{name}" if path else name
                if _NETWORK.fullmatch(name):
                    yield from _network(inner, below)
                else:
                    yield from _networks(inner, expected.fields.get(name, ANY), below)
        case list():
            for index, inner in enumerate(value):
                yield from _networks(inner, expected.item, f"{path}[{index}]")


def _network(value: Any, path: str) -> Iterator[Violation]:
    match value:
        case list():
            for index, inner in enumerate(value):
                yield from _network(inner, f"{path}[{index}]")
        case str() if value not in ("", UNKNOWN):
            if reason := _fault(value):
                yield path, reason


def _fault(text: str) -> str | None:
    try:
        address = ipaddress.ip_interface(text)
    except ValueError:
        return f"'{text}' is not a network in CIDR notation, such as 10.0.0.0/16"
    if "/" not in text:
        return f"'{text}' has no prefix length; for one address write {address}"
    return None if address.ip == address.network.network_address else f"'{text}' has host bits: write {address.network}"
