"""Repositories of CodeCommit to which the platform team pushes, in a sandbox."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.support.workbench import Workbench


def push_folder(bench: Workbench, folder: Path, url: str, account_id: str, *, branch: str, message: str) -> str:
    """Makes a folder a git repository with one commit, pushes it to a repository of an account, and returns the
    commit."""
    git(bench, folder, "init", "--quiet", f"--initial-branch={branch}")
    configuration = {"user.name": "IT", "user.email": "it@acme.example", "plinth.account": account_id}
    for key, value in configuration.items():
        git(bench, folder, "config", key, value)
    git(bench, folder, "remote", "add", "origin", url)
    git(bench, folder, "add", "--all")
    git(bench, folder, "commit", "--quiet", "--message", message)
    git(bench, folder, "push", "--quiet", "origin", branch)
    return git(bench, folder, "rev-parse", "HEAD")


def git(bench: Workbench, folder: Path, *words: str) -> str:
    """Runs git in a folder with the credentials of the management account, and returns what it prints."""
    command = ["git", "-C", str(folder), *words]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=bench.environment()).stdout.strip()
