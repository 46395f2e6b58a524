"""Writes what a stack promises: one flat output per field of its contract."""

from __future__ import annotations

from typing import Any

import pulumi

from settings.derived.outputs import OutputContract


def export(contract: type[OutputContract], **values: Any) -> None:
    """Export the contract's outputs, and those alone.

    Raises: ValueError when a value is missing or belongs to no field.
    """
    promised, given = set(contract.output_names()), set(values)
    if promised != given:
        difference = ", ".join(sorted(promised ^ given))
        raise ValueError(f"{contract.__name__} and what is exported differ in: {difference}")
    for name, value in values.items():
        pulumi.export(name, value)
