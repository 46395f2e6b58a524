"""What ends a command early, and the exit code that says so to scripts."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of ``plinth``. Scripts rely on them, so a number never changes its meaning."""

    OK = 0
    FAILED = 1
    """The engine or a provider failed on at least one stack."""
    BAD_INPUT = 2
    """The settings or the command's arguments are wrong. Nothing was touched."""
    REFUSED = 3
    """A policy, or the protection of something durable, forbids it."""
    CHANGES = 4
    """``preview --expect-no-changes`` found changes."""
    INTERRUPTED = 130
    """Stopped by a person (128 + SIGINT, as shells have it)."""


class BadInputError(Exception):
    """What was asked for makes no sense; the message says what would."""


class RefusedError(Exception):
    """What was asked for is forbidden; the message says by what."""
