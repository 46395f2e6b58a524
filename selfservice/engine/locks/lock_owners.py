"""Owners of the engine's locks in self-managed backends, and whether their processes still run.

A killed engine leaves its lock behind. This module verifies that the process namespace of this process started the
engine, and that its process no longer exists, so that the lock can be broken.
"""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

from selfservice.engine.locks.engine_process import is_engine
from selfservice.engine.locks.engine_records import recorded_engine

# Written by the engine's backend/diy/lock.go: "…: created by user@host (pid 42) at 2025-01-31T12:00:00Z"
_LOCK_OWNER = re.compile(
    r"^\s*(?P<lock>\S+): created by (?P<user>\S+)@(?P<host>\S+) \(pid (?P<pid>\d+)\) at (?P<since>\S+)"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class LockOwner:
    """A process that owns the backend's lock of a stack."""

    process_id: int
    user: str
    host: str
    since: str
    lock: str
    """URL of the lock in the backend."""

    @classmethod
    def from_lock(cls, url: str, content: bytes) -> Self:
        """Returns the owner that a lock names. Raises: ValueError if it is empty or damaged."""
        try:
            lock = json.loads(content)
            return cls(
                process_id=int(lock["pid"]),
                user=str(lock["username"]),
                host=str(lock["hostname"]),
                since=str(lock["timestamp"]),
                lock=url,
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"{url} is not a lock of the engine") from error

    @property
    def lock_file(self) -> Path | None:
        """The path of the lock; None if it is not a local file."""
        url = urlsplit(self.lock)
        return Path(unquote(url.path)) if url.scheme == "file" else None

    @property
    def lock_object(self) -> tuple[str, str] | None:
        """The bucket and the key of the lock; None if it is not an object of S3."""
        url = urlsplit(self.lock)
        return (url.netloc, unquote(url.path.lstrip("/"))) if url.scheme == "s3" else None

    @property
    def place(self) -> object | None:
        """Where the lock is; None if it is neither a local file nor an object of S3."""
        return self.lock_file or self.lock_object

    @property
    def taken_at(self) -> datetime | None:
        """When the lock was taken; None if that is no time."""
        try:
            at = datetime.fromisoformat(self.since)
        except ValueError:
            return None
        return at if at.tzinfo else at.replace(tzinfo=UTC)

    @property
    def is_ours(self) -> bool:
        """Whether an engine that this process namespace started took the lock. The name of the host does not tell."""
        at = self.taken_at
        if at is None or self.host != socket.gethostname():
            return False
        return recorded_engine(self.process_id, at.timestamp()) is not None

    @property
    def is_dead(self) -> bool:
        """Whether the process is known to have ended. Always False for an engine that was not started here."""
        return not is_engine(self.process_id) and self.is_ours

    def __str__(self) -> str:
        return f"process {self.process_id} of {self.user} on {self.host}, since {self.since}"


def lock_owners_in(message: str) -> list[LockOwner]:
    """Returns the lock owners that an error message of the engine names."""
    found = (_LOCK_OWNER.match(line) for line in message.splitlines())
    return [
        LockOwner(process_id=int(m["pid"]), user=m["user"], host=m["host"], since=m["since"], lock=m["lock"])
        for m in found
        if m is not None
    ]


def all_dead(owners: Iterable[LockOwner]) -> bool:
    """Returns whether there are owners and all of them are known to have ended."""
    known = list(owners)
    return bool(known) and all(owner.is_dead for owner in known)
