"""Functions with which a surface shows people the work of a runner."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from selfservice.operations.operation import Action
from selfservice.runner.runner import ProgressListener
from selfservice.runner.session import Plan

Listening = Callable[[Action, Plan], AbstractContextManager[ProgressListener]]
"""Provides the listener for the progress of the operations of a plan."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Display:
    """Shows the work on one request."""

    listening: Listening
    announce: Callable[[str], None]
    """Tells the user in a line what happens."""
    warn: Callable[[str], None]
    """Tells the user in a line what was not possible, and does not end the work."""
