"""``python -m plinth_sandbox.git_credential get``: the credential helper that ``plinth sandbox env`` names to git.

It signs the address of a CodeCommit repository with the credentials of the shell, as ``aws codecommit
credential-helper`` does. A shell of the management account signs in to the account that the working copy names as
``plinth.account``, as the person ``plinth.person`` (git-config(1)).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import UTC, datetime

_ADDRESS = re.compile(r"(?P<host>git-codecommit\.(?P<region>[a-z0-9-]+)\.amazonaws\.com)(?P<path>/v1/repos/[\w.-]+)/?")


_ADMINISTRATOR = "OrganizationAccountAccessRole"


def main(action: str) -> None:
    """Answers git, which describes the address on standard input (git-credential(1))."""
    asked = dict(line.rstrip("\n").split("=", 1) for line in sys.stdin if "=" in line)
    address = _ADDRESS.fullmatch(asked.get("path", ""))
    if action != "get" or address is None:
        return
    key, secret, token = _keys()
    if not key or not secret:
        return
    # git asks with every request to store or erase credentials too, and this takes most of the time.
    from plinth_sandbox.emulator.git.credentials import password

    signed = password(secret, address["region"], address["host"], address["path"], datetime.now(UTC))
    sys.stdout.write(f"username={key}%{token}\n" if token else f"username={key}\n")
    sys.stdout.write(f"password={signed}\n")


def _keys() -> tuple[str | None, ...]:
    """Returns key id, secret and session token of the shell, or of the session that the working copy asks for."""
    own = tuple(map(os.environ.get, ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")))
    account = _configured("plinth.account")
    if not account or not own[0] or own[2]:  # a shell with a session has chosen its role
        return own
    from plinth_sandbox.environment import as_role

    values = {"AWS_REGION": "us-east-1", **os.environ}
    found = as_role(values, f"arn:aws:iam::{account}:role/{_ADMINISTRATOR}", _configured("plinth.person") or "shell")
    return found["AWS_ACCESS_KEY_ID"], found["AWS_SECRET_ACCESS_KEY"], found["AWS_SESSION_TOKEN"]


def _configured(name: str) -> str:
    """Returns a value of git's configuration; empty if it is not set. Git runs the helper for the working copy."""
    done = subprocess.run(["git", "config", "--get", name], capture_output=True, text=True, check=False)
    return done.stdout.strip()


if __name__ == "__main__":
    main(sys.argv[1])
