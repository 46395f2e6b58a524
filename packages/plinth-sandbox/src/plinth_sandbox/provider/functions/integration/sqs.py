"""Queues: the id is a URL."""

from __future__ import annotations

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties


def name_of_queue(_: Caller, known: Properties) -> Properties:
    """Returns the queue's name, the last part of its URL. No answer contains it."""
    return {"name": str(known["id"]).rpartition("/")[2]}
