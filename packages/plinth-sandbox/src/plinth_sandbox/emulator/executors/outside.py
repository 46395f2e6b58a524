"""The emulator, as threads see it that do not answer a call: those that run functions and requests of APIs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from plinth_sandbox.emulator.message import Answer, Request


@dataclass(slots=True)
class Outside:
    """Access to the emulator from other threads."""

    directory: Path
    """Directory of the sandbox's state."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    """The emulator's lock. Whoever reads its state without a call holds it."""
    url: str = ""
    encrypted_url: str = ""
    """Address with TLS, for clients that call no other. The certificate is of the sandbox's authority."""
    call: Callable[[Request], Answer] | None = None
    """Makes a call in the emulator's own name, which is in the journal. None unless the emulator serves clients:
    before, it replays its journal, and nothing runs outside."""
    _at_open: list[Callable[[], None]] = field(default_factory=list)
    _at_close: list[Callable[[], None]] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.call is not None

    def open(self, url: str, encrypted_url: str, call: Callable[[Request], Answer]) -> None:
        self.url, self.encrypted_url, self.call = url, encrypted_url, call
        for act in self._at_open:
            act()

    def close(self) -> None:
        self.call = None
        for act in self._at_close:
            act()

    def at_open(self, act: Callable[[], None]) -> None:
        """Registers what to do when the emulator begins to serve clients, or does it now."""
        self._at_open.append(act)
        if self.is_open:
            act()

    def at_close(self, act: Callable[[], None]) -> None:
        self._at_close.append(act)

    def report(self, request: Request) -> Answer:
        """Makes a call in the emulator's own name, unless the emulator has been closed."""
        return self.call(request) if self.call is not None else Answer(503)
