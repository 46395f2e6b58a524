"""Withholds answers from a chosen changing call on, so that a client or the emulator can be killed at an exact point.

A file ``hold`` in the emulator's directory contains a number of changing calls. When the journal has as many, the
emulator creates the file ``held`` and answers nobody until it is removed. The last call has taken effect by then,
and its client does not know. Requests that arrive in the meantime are discarded, as if the network had lost them.
"""

from __future__ import annotations

import time
from pathlib import Path

HOLD = "hold"
HELD = "held"
_LOOK_SECONDS = 0.02


class DiscardedError(Exception):
    """The request arrived while answers were withheld."""


class Hold:
    """The hold of one emulator. Only the thread that holds the emulator's lock waits."""

    def __init__(self, directory: Path) -> None:
        self._hold, self._held = directory / HOLD, directory / HELD
        self.releases = 0
        """How often a hold has ended. A request that sees the number change was discarded."""

    def wait(self, calls: int) -> None:
        """Waits until the hold is released, if it is due after this number of changing calls."""
        if not self._is_due(calls):
            return
        self._held.touch()
        while self._held.exists():
            time.sleep(_LOOK_SECONDS)
        self.releases += 1

    def _is_due(self, calls: int) -> bool:
        try:
            return calls >= int(self._hold.read_text(encoding="ascii"))
        except FileNotFoundError:
            return False


def hold(directory: Path, calls: int) -> None:
    """Makes the emulator of this directory withhold answers when its journal has this number of changing calls."""
    draft = directory / f"{HOLD}.draft"
    draft.write_text(str(calls), encoding="ascii")
    draft.replace(directory / HOLD)


def is_held(directory: Path) -> bool:
    """Returns whether the emulator of this directory withholds answers."""
    return (directory / HELD).exists()


def release(directory: Path) -> None:
    """Lets the emulator of this directory answer again. Also forgets the hold of a killed emulator."""
    for name in (HOLD, HELD):
        (directory / name).unlink(missing_ok=True)
