"""State of an AWS Config recorder, which two operations set."""

from __future__ import annotations

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties


def switch_recorder(caller: Caller, known: Properties) -> None:
    """Starts or stops the recorder."""
    operation = "start" if known["isEnabled"] else "stop"
    caller.aws(f"{operation}_configuration_recorder", ConfigurationRecorderName=known["name"])
