"""Finds changes of the contract that break callers: they need a new major version, which has a path of its own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from plinth_project.deployment.contract import CONTRACT, Contract, Schema, contract_from, read_contract

_RELEASED = ("origin/main", "main")
"""Branches whose contract callers use: the first one that exists counts."""
_UPPER = ("maximum", "maxItems", "maxLength")
_LOWER = ("minimum", "minItems")


def compatibility_faults(root: Path) -> list[str]:
    """Returns how the contract breaks callers of the released one, unless its major version is new."""
    before = _released(root)
    if before is None:
        return []
    after = read_contract(root)
    if before.version.partition(".")[0] != after.version.partition(".")[0]:
        return []
    fix = f"which breaks callers of {before.version}; undo it, or write a new major version, also in openapi.json"
    return [f"{CONTRACT}: {change}, {fix}" for change in breaking_changes(before, after)]


def breaking_changes(before: Contract, after: Contract) -> Iterator[str]:
    """Yields the requests that are refused now, and the answers that are new."""
    yield from _refused(before.request, after.request, "request")
    # An answer must be one that callers know: what a request may no longer contain, an answer may not contain anew.
    yield from _refused(after.response, before.response, "response")


def _refused(accepted: Schema, by: Schema, place: str) -> Iterator[str]:
    """Yields the places at which a schema refuses values that another one accepts."""
    if accepted["type"] != by["type"] and (accepted["type"], by["type"]) != ("integer", "number"):
        yield f"{place}: {accepted['type']} and {by['type']} differ"
        return
    if accepted.get("nullable") and not by.get("nullable"):
        yield f"{place}: null is allowed in one version only"
    bounds = [(name, 1) for name in _UPPER] + [(name, -1) for name in _LOWER]
    for name, sign in bounds:
        if name in by and (name not in accepted or sign * accepted[name] > sign * by[name]):
            yield f"{place}: {name} differs"
    if "enum" in by and not set(accepted.get("enum", [None])) <= set(by["enum"]):
        yield f"{place}: enum differs"
    if "items" in by:
        yield from _refused(accepted["items"], by["items"], f"{place}[]")
    yield from _refused_members(accepted, by, place)


def _refused_members(accepted: Schema, by: Schema, place: str) -> Iterator[str]:
    members: Mapping[str, Schema] = accepted.get("properties", {})
    others: Mapping[str, Schema] = by.get("properties", {})
    for name in sorted(set(by.get("required", ())) - set(accepted.get("required", ()))):
        yield f"{place}.{name}: required in one version only"
    for name, member in members.items():
        if name in others:
            yield from _refused(member, others[name], f"{place}.{name}")
        elif by.get("additionalProperties") is False:
            yield f"{place}.{name}: known in one version only"


def _released(root: Path) -> Contract | None:
    """Returns the contract of the released branch, or None outside git and before the first release."""
    for branch in _RELEASED:
        command = ["git", "show", f"{branch}:{CONTRACT}"]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            content: dict[str, Any] = json.loads(done.stdout)
            return contract_from(root, content)
    return None
