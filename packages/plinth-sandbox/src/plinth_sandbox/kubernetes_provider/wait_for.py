"""Conditions that a program sets for an object with the annotation ``pulumi.com/waitFor``.

The sandbox knows JSONPath expressions of members and indexes: ``jsonpath={.status.phase}=Running``. Without a value,
the field has to exist. Source: Pulumi Kubernetes provider, "Await logic" and change log of 4.18 (read 2026-11-29).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from plinth_sandbox.provider.errors import ProviderError

WAIT_FOR = "pulumi.com/waitFor"
_CONDITION = re.compile(r"jsonpath=\{(?P<path>(?:\.[A-Za-z0-9_-]+|\[[0-9]+\])+)\}(?:=(?P<value>.*))?")
_STEP = re.compile(r"\.([A-Za-z0-9_-]+)|\[([0-9]+)\]")


def reason_to_wait_for(condition: str, live: Mapping[str, Any]) -> str:
    """Returns why an object does not meet a condition, or an empty text. Raises ProviderError for other forms."""
    found = _CONDITION.fullmatch(condition)
    if found is None:
        raise ProviderError(f"the sandbox does not know the condition {condition!r} of {WAIT_FOR}")
    value = _value(live, found["path"])
    is_met = value is not None if found["value"] is None else str(value) == found["value"]
    return "" if is_met else f"it does not meet {condition}"


def _value(live: Any, path: str) -> Any:
    for name, index in _STEP.findall(path):
        if name:
            live = live.get(name) if isinstance(live, Mapping) else None
        else:
            live = live[int(index)] if isinstance(live, list) and int(index) < len(live) else None
    return live
