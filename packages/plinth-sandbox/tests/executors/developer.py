"""A developer, who uses repositories of CodeCommit with git."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from plinth_sandbox.environment import git_configuration
from plinth_sandbox.testing import MANAGEMENT, REGION, EmulatedAws

ADDRESS = f"https://git-codecommit.{REGION}.amazonaws.com/v1/repos"


class Developer:
    """A user of the sandbox with a shell and git."""

    def __init__(self, aws: EmulatedAws, folder: Path, account: str = MANAGEMENT) -> None:
        self.aws, self.folder = aws, folder
        self.folder.mkdir(exist_ok=True)
        self.keys = {name.upper(): value for name, value in aws.credentials(account).items()}

    def git(self, *words: str, keys: Mapping[str, str] | None = None, fails: bool = False) -> str:
        variables = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            **{
                f"GIT_{role}_{what}": "ana@acme.example"
                for role in ("AUTHOR", "COMMITTER")
                for what in ("NAME", "EMAIL")
            },
            **git_configuration(self.aws.url),
            **(self.keys if keys is None else keys),
        }
        done = subprocess.run(
            ["git", *words], cwd=self.folder, env=variables, capture_output=True, text=True, check=False
        )
        assert bool(done.returncode) == fails, done.stdout + done.stderr
        return done.stderr if fails else done.stdout

    def clone(self, name: str, folder: str) -> Path:
        self.git("clone", "--quiet", f"{ADDRESS}/{name}", folder)
        return self.folder / folder

    def commit(self, copy: Path, path: str, content: str) -> str:
        (copy / path).write_text(content)
        self.git("-C", str(copy), "add", ".")
        self.git("-C", str(copy), "commit", "--quiet", "-m", f"Change {path}")
        return self.git("-C", str(copy), "rev-parse", "HEAD").strip()

    def push(self, copy: Path, *words: str) -> None:
        self.git("-C", str(copy), "push", "--quiet", "origin", *words)
