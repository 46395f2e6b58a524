"""Who holds a stack: the engine's locks of self-managed backends, told apart into living and dead.

An engine that was killed leaves its lock behind, and nothing removes it but a person who knows that the
process is gone. On the machine where it ran that can be known, so it is looked up instead.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

# Written by the engine's backend/diy/lock.go: "…: created by user@host (pid 42) at 2025-01-31T12:00:00Z"
_LOCK_OWNER = re.compile(
    r"^\s*(?P<lock>\S+): created by (?P<user>\S+)@(?P<host>\S+) \(pid (?P<pid>\d+)\) at (?P<since>\S+)"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class LockOwner:
    """A process that the backend says is working on a stack."""

    process_id: int
    user: str
    host: str
    since: str
    lock: str
    """Where the backend keeps the lock: a URL."""

    @property
    def lock_file(self) -> Path | None:
        """The lock, where it is a file that this machine reaches."""
        url = urlsplit(self.lock)
        return Path(unquote(url.path)) if url.scheme == "file" else None

    @property
    def is_local(self) -> bool:
        return self.host == socket.gethostname()

    @property
    def is_dead(self) -> bool:
        """Whether the process surely is gone. False for one on another machine: nobody here can tell."""
        return self.is_local and not _is_engine(self.process_id)

    def __str__(self) -> str:
        return f"process {self.process_id} of {self.user} on {self.host}, since {self.since}"


def lock_owners_in(message: str) -> list[LockOwner]:
    """The holders that the engine's refusal to lock a stack names."""
    found = (_LOCK_OWNER.match(line) for line in message.splitlines())
    return [
        LockOwner(process_id=int(m["pid"]), user=m["user"], host=m["host"], since=m["since"], lock=m["lock"])
        for m in found
        if m is not None
    ]


def all_dead(owners: Iterable[LockOwner]) -> bool:
    """Whether there are holders and every one of them is surely gone."""
    known = list(owners)
    return bool(known) and all(owner.is_dead for owner in known)


def _is_engine(process_id: int) -> bool:
    """Whether the process lives and is a Pulumi engine; after a reboot its number may belong to another program."""
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it lives, and belongs to another user
    try:
        described = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True  # no /proc on this system: a living process is taken for the engine
    _, _, rest = described.partition("(")
    name, _, state = rest.rpartition(") ")
    return name.startswith("pulumi") and not state.startswith("Z")  # a zombie holds nothing any more
