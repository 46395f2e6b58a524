"""Errors that end a command, and the exit codes of ``plinth``."""

from __future__ import annotations

import shlex
import shutil
import sys
from enum import IntEnum
from pathlib import Path


class ExitCode(IntEnum):
    """The exit codes of ``plinth``. Scripts depend on them, so the meaning of a number never changes."""

    OK = 0
    FAILED = 1
    """The engine or a provider failed for at least one stack."""
    BAD_INPUT = 2
    """The settings or the command's arguments are wrong. Nothing was changed."""
    REFUSED = 3
    """A policy, an immutable field or the protection of a resource refused the operation."""
    CHANGES = 4
    """``preview --expect-no-changes`` found changes."""
    INTERRUPTED = 130
    """The user interrupted the command (128 + SIGINT, as in shells)."""


class BadInputError(Exception):
    """Raised when the settings or arguments are wrong. The message says what is allowed."""


class NotConnectedError(BadInputError):
    """Raised when the shell lacks what a command needs: an engine, a place for states or credentials."""

    def __init__(self, missing: str) -> None:
        super().__init__(
            f"this shell is not connected: {missing}. For the sandbox, run `{sandbox_connection()}`. For your "
            "organization, set PULUMI_BACKEND_URL or run `pulumi login`, and sign in to AWS"
        )


def sandbox_connection() -> str:
    """Returns the line that connects a shell with the sandbox, with the path of this program if no PATH has it."""
    program = Path(sys.argv[0])
    name = "plinth" if program.name != "plinth" or shutil.which("plinth") else shlex.quote(str(program))
    return f'eval "$({name} sandbox env)"'


class NoAnswerError(Exception):
    """Raised when another process of the command does not answer in time. The message names it."""


class RefusedError(Exception):
    """Raised when an operation is refused. The message names the reason."""
