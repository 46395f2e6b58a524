"""The type of preconditions."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from plinth_sandbox.emulator.call import Call

Check = Callable[[Call], None]
"""Raises AwsError if AWS would refuse the call."""

Checks = Mapping[tuple[str, str], Check]
"""Checks by service and operation."""
