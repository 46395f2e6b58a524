"""Creates the use case of the example on a sandbox."""

from __future__ import annotations

import shlex
import subprocess

from tests.support.workbench import COMMANDS, REPOSITORY, Workbench
from tests.templates.projects import environment

LEAD = "grace"
"""A lead data scientist."""


def add_images(acme: Workbench, team: str = "fraud") -> None:
    """Adds the images in which builds, steps and promotions of the use cases of a team run."""
    for image in ("aws/codebuild/*", f"*/{team}/*"):
        acme.sandbox("image", image, str(environment()))
    acme.sandbox("image", "*/plinth:*", str(COMMANDS.parent), "--engine")


def plinth_of_lead(acme: Workbench, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Runs the command line as the lead data scientist Grace, who has no settings files."""
    tooling = acme.outputs("tooling")["account_id"]
    return acme.plinth(f"--cwd={acme.root}", *arguments, variables=acme.session_of(LEAD, tooling), check=check)


def create_use_case(acme: Workbench) -> subprocess.CompletedProcess[str]:
    """Runs the command with which `make up` ends, as the Makefile has it."""
    sandbox = f"PLINTH_SANDBOX_DIR={acme.root / 'sandbox'}"
    command = ["make", "--dry-run", "--no-print-directory", "up", sandbox]
    printed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    _, _, words = printed.rpartition("plinth usecase ")
    return acme.plinth("usecase", *shlex.split(words.splitlines()[0]))
