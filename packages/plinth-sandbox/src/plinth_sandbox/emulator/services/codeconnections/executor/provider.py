"""The stand-in for a source provider: a folder with bare git repositories, ``<owner>/<name>.git``.

At AWS a person completes a connection in the console, at the provider's site. No API can, so the sandbox has a command
for it. It names the folder, and the connection is available from then on.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from urllib.parse import urlsplit

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.store.record import Record

AVAILABLE = "AVAILABLE"
STATUS = "ConnectionStatus"
_SUFFIX = ".git"
_MARK = "plinth_sandbox.provider_push"
_ROOTS = "codeconnections-roots"


def connections(runtime: Runtime) -> list[Record]:
    """Returns the connections of all accounts."""
    everything = runtime.memory.store.everywhere()
    return [record for record in everything if (record.place.service, record.noun) == ("codeconnections", "Connection")]


def named(runtime: Runtime, name: str) -> Record:
    """Returns the connection with a name or an ARN. Raises AwsError if there is none, or more than one."""
    found = [
        connection
        for connection in connections(runtime)
        if name in (connection.arn, connection.values["ConnectionName"])
    ]
    if not found:
        raise AwsError("ResourceNotFoundException", f"No connection has the name or ARN {name}")
    if len(found) > 1:
        listed = ", ".join(connection.arn for connection in found)
        raise AwsError("ConflictException", f"Several connections have the name {name}. Give an ARN: {listed}")
    return found[0]


def connect(runtime: Runtime, arn: str, root: str) -> None:
    """Makes a connection available, with the repositories in ``root``."""
    record = named(runtime, arn)
    record.values[STATUS] = AVAILABLE
    runtime.memory.notes(_ROOTS)[arn] = root


def is_available(runtime: Runtime, arn: str) -> bool:
    return any(
        connection.arn == arn and connection.values.get(STATUS) == AVAILABLE for connection in connections(runtime)
    )


def full_name(location: str) -> str:
    """Returns owner and name of the repository at an address: ``acme/scoring``."""
    return urlsplit(location).path.strip("/").removesuffix(_SUFFIX)


def repository(runtime: Runtime, arn: str, location: str) -> Path | None:
    """Returns the folder of the repository that a connection reaches under an address, or None."""
    root = runtime.memory.notes(_ROOTS).get(arn)
    folder = Path(root, f"{full_name(location)}{_SUFFIX}") if root else None
    return folder if folder is not None and (folder / "HEAD").is_file() else None


def reaching(runtime: Runtime, folder: Path) -> list[tuple[str, str]]:
    """Returns ARN and full name under which connections reach the repository in a folder."""
    roots = runtime.memory.notes(_ROOTS).items()
    return [
        (arn, str(folder.relative_to(root)).removesuffix(_SUFFIX)) for arn, root in roots if folder.is_relative_to(root)
    ]


def install_hook(runtime: Runtime, folder: Path) -> None:
    """Lets a repository tell the sandbox of each push, as a provider's webhook does.

    Raises: AwsError if the repository has another hook, which would be lost.
    """
    hook = folder / "hooks" / "post-receive"
    words = [sys.executable, "-P", "-m", _MARK, str(runtime.repositories.parent)]
    text = f"#!/bin/sh\n# Tells the sandbox of a push.\nexec {shlex.join(words)}\n"
    if hook.exists() and _MARK not in hook.read_text():
        raise AwsError("InvalidInputException", f"{hook} is another hook; the sandbox needs its place")
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(text)
    hook.chmod(0o755)
