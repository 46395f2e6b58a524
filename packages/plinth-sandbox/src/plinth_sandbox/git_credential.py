"""``python -m plinth_sandbox.git_credential get``: the credential helper that ``plinth sandbox env`` names to git.

It signs the address of a CodeCommit repository with the credentials of the shell, as ``aws codecommit
credential-helper`` does.
"""

from __future__ import annotations

import os
import re
import sys
from datetime import UTC, datetime

_ADDRESS = re.compile(r"(?P<host>git-codecommit\.(?P<region>[a-z0-9-]+)\.amazonaws\.com)(?P<path>/v1/repos/[\w.-]+)/?")


def main(action: str) -> None:
    """Answers git, which describes the address on standard input (git-credential(1))."""
    asked = dict(line.rstrip("\n").split("=", 1) for line in sys.stdin if "=" in line)
    address = _ADDRESS.fullmatch(asked.get("path", ""))
    key, secret = os.environ.get("AWS_ACCESS_KEY_ID"), os.environ.get("AWS_SECRET_ACCESS_KEY")
    if action != "get" or address is None or not key or not secret:
        return
    # git asks with every request to store or erase credentials too, and this takes most of the time.
    from plinth_sandbox.emulator.git.credentials import password

    token = os.environ.get("AWS_SESSION_TOKEN")
    signed = password(secret, address["region"], address["host"], address["path"], datetime.now(UTC))
    sys.stdout.write(f"username={key}%{token}\n" if token else f"username={key}\n")
    sys.stdout.write(f"password={signed}\n")


if __name__ == "__main__":
    main(sys.argv[1])
