"""Credentials of a build that are those of another role, and stay valid for longer than an hour.

A role that a role assumes has sessions of at most an hour (IAM User Guide, "Role chaining"). So all AWS SDKs, that of
the Pulumi engine included, get credentials from ``python -m selfservice.hosting.credentials``. It opens a new session
before the last one ends (AWS SDKs and Tools Reference Guide, "Process credential provider").
"""

from __future__ import annotations

import json
import os
import shlex
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

PROFILE = "provisioner"
SESSION = "session.json"
"""File with the last session, beside the files of the profile."""
REMAINING = timedelta(minutes=15)
"""Least time that a session which is given to an SDK is valid. SDKs ask again within the last minutes."""
_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def provisioner_environment(variables: Mapping[str, str], role_arn: str, folder: Path) -> dict[str, str]:
    """Returns the variables with which AWS SDKs act as the role. Writes the files that they read into ``folder``.

    A container gets its own credentials from an address, and other places give keys in variables. Keys in variables
    would win over a profile, so they become the default profile.
    """
    keys = {name.lower(): variables[name] for name in _KEYS if variables.get(name)}
    config, credentials = folder / "config", folder / "credentials"
    words = [sys.executable, "-P", "-m", "selfservice.hosting.credentials", role_arn, str(folder)]
    _write(config, f"[profile {PROFILE}]\ncredential_process = {shlex.join(words)}\n")
    _write(credentials, "\n".join(["[default]", *(f"{name} = {value}" for name, value in keys.items()), ""]))
    return {
        **{name: value for name, value in variables.items() if name not in _KEYS},
        "AWS_CONFIG_FILE": str(config),
        "AWS_SHARED_CREDENTIALS_FILE": str(credentials),
        "AWS_PROFILE": PROFILE,
    }


def session(role_arn: str, folder: Path, now: datetime) -> str:
    """Returns a session of the role as SDKs read it: the last one, or a new one with the build's own credentials."""
    file = folder / SESSION
    if file.exists():
        text = file.read_text(encoding="utf-8")
        if datetime.fromisoformat(json.loads(text)["Expiration"]) - now > REMAINING:
            return text
    import boto3

    issued = boto3.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="plinth-requests")["Credentials"]
    members = ("AccessKeyId", "SecretAccessKey", "SessionToken")
    found = {member: issued[member] for member in members} | {"Expiration": issued["Expiration"].isoformat()}
    text = json.dumps({"Version": 1, **found})
    # Several processes may open a session at the same time, and none may read half of one.
    with tempfile.NamedTemporaryFile("w", dir=folder, delete=False, encoding="utf-8") as draft:
        draft.write(text)
    Path(draft.name).replace(file)
    return text


def _write(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    del os.environ["AWS_PROFILE"]
    sys.stdout.write(session(sys.argv[1], Path(sys.argv[2]), datetime.now(UTC)))
