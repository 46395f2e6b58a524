"""Git commands of tests, and who commits."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest


def git(folder: Path, *words: str) -> str:
    """Runs git in a folder, and returns what it prints."""
    return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def begin_repository(folder: Path) -> None:
    """Makes a folder a repository of the platform team, with all that is in it as the first commit."""
    git(folder, "init", "--quiet")
    git(folder, "config", "user.name", "IT")
    git(folder, "config", "user.email", "it@acme.example")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Settings")


def commit_as_runner(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the runner the author of all commits of the test, without the configuration of this machine."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for person in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{person}_NAME", "runner")
        monkeypatch.setenv(f"GIT_{person}_EMAIL", "runner@acme.example")
