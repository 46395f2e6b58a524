"""``python -m selfservice.hosting.build``: a build that carries out requests, or looks for drift.

It runs in a detached working copy of the settings, as a role that may assume the provisioner role of the management
account. Its exit status is that of the command line, so a build fails if a request does or if there is drift.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from selfservice.engine.locks.engine_records import STATE_DIRECTORY_VARIABLE
from selfservice.hosting.credentials import provisioner_environment
from selfservice.hosting.installed_program import use_installed_program
from selfservice.hosting.workflow_database import workflow_variables
from selfservice.projects.project import PROJECT_FILE
from selfservice.settings_repository.remote import ACCOUNT
from selfservice.use_cases.git import git
from settings.types.aws.request_builds import (
    BRANCH,
    DRIFT,
    PROVISIONER_VARIABLE,
    REQUESTS,
    SETTINGS_ACCOUNT_VARIABLE,
    TASK_VARIABLE,
)

COMMANDS = {REQUESTS: ("requests", "run", "--push", "--drain", "--yes"), DRIFT: ("drift",)}
"""Command line by task."""
_COMMITTER = {"user.name": "plinth-requests", "user.email": "plinth-requests@localhost"}


def prepare(folder: Path, account_id: str) -> None:
    """Turns a detached working copy into one of the branch of the settings, with the installed program.

    Nothing commits the changed project file. If a newer one arrives while the build works, git refuses to merge it,
    and the next build has it.
    """
    git(folder, "switch", "--quiet", "--force-create", BRANCH)
    configuration = {**_COMMITTER, f"branch.{BRANCH}.remote": "origin", ACCOUNT: account_id}
    for key, value in configuration.items():
        git(folder, "config", key, value)
    git(folder, "update-index", "--skip-worktree", "--", PROJECT_FILE)
    use_installed_program(folder)


def run(variables: Mapping[str, str], folder: Path) -> int:
    """Runs the task of a build in its working copy, and returns the exit status."""
    words = COMMANDS[variables[TASK_VARIABLE]]
    prepare(folder, variables[SETTINGS_ACCOUNT_VARIABLE])
    with tempfile.TemporaryDirectory(prefix="plinth-build-") as home:
        environment = provisioner_environment(variables, variables[PROVISIONER_VARIABLE], Path(home))
        environment[STATE_DIRECTORY_VARIABLE] = str(Path(home) / "state")
        environment |= workflow_variables(variables)
        program = [
            sys.executable,
            "-P",
            "-c",
            "from selfservice.cli.command import main; main(prog_name='plinth')",
            *words,
        ]
        return subprocess.run(program, cwd=folder, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(run(os.environ, Path.cwd()))
