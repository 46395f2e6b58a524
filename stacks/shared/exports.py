"""Exports the outputs of a stack: one for each attribute of its output contract."""

from __future__ import annotations

from typing import Any

import pulumi

from stacks.shared.output_contract import OutputContract


def export(contract: type[OutputContract], **values: Any) -> None:
    """Exports exactly the outputs of the contract.

    Raises: ValueError when a value is missing or not part of the contract.
    """
    declared, given = set(contract.output_names()), set(values)
    if declared != given:
        difference = ", ".join(sorted(declared ^ given))
        raise ValueError(f"{contract.__name__} and the exported outputs differ in: {difference}")
    for name, value in values.items():
        pulumi.export(name, value)
