"""Data sources: the reads of a catalog entry, merged into one answer."""

from __future__ import annotations

from typing import Any

from plinth_sandbox.provider.entry import Source
from plinth_sandbox.provider.errors import ProviderError
from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.templates import ABSENT, fill
from plinth_sandbox.provider.vocabulary import Properties


def invoke(source: Source, caller: Caller, arguments: Properties) -> dict[str, Any]:
    """Returns the result of the data source. Raises ProviderError if it finds nothing."""
    known: Properties = {**caller.place(), **arguments}
    for step in source.reads:
        _, given = step.ask(caller, known)
        if given is None:
            raise ProviderError(f"{source.source.type}: nothing matches")
        known |= given
    for name, template in {**source.source.derived, "id": source.source.identifier or "{@region}"}.items():
        if known.get(name) is None and (value := fill(template, known)) is not ABSENT:
            known[name] = value
    return {name: known[name] for name in source.schema.outputs.fields if name in known}
