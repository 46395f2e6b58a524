"""Runs the program git."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from selfservice.errors import BadInputError

_SECONDS = 300


class GitError(Exception):
    """Git refused a command. The text is what git printed."""


def require_git() -> None:
    """Raises BadInputError if git is not installed."""
    if shutil.which("git") is None:
        raise BadInputError("no git on the PATH: install it, for example with `apt install git`")


def git(
    folder: Path,
    *words: str,
    configuration: Sequence[tuple[str, str]] = (),
    environment: Mapping[str, str] | None = None,
) -> str:
    """Returns the output of a command of git in ``folder``.

    ``configuration`` and ``environment`` are added to those of this process.

    Raises: GitError.
    """
    done = _run(folder, words, configuration, environment or {})
    if done.returncode:
        raise GitError(done.stderr.strip() or f"git {words[0]} ended with {done.returncode}")
    return done.stdout.strip()


def succeeds(folder: Path, *words: str) -> bool:
    """Returns whether a command of git in ``folder`` ends with 0."""
    return _run(folder, words, (), {}).returncode == 0


def _run(
    folder: Path, words: tuple[str, ...], configuration: Sequence[tuple[str, str]], environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    settings = [word for key, value in configuration for word in ("-c", f"{key}={value}")]
    return subprocess.run(
        ["git", *settings, *words],
        cwd=folder,
        env={**os.environ, "GIT_TERMINAL_PROMPT": "0", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
    )
