"""The inputs of a stack, which are known before it runs."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

from selfservice.engine.backend import FileBackend
from selfservice.fingerprints.facts import Facts, digest
from selfservice.fingerprints.layout import Layout
from selfservice.operations.operation import Operation

LOCK_FILES = ("*requirements*.txt", "*requirements*.in", "pyproject.toml", "*.lock", "pylock*.toml")

_DOCUMENTATION = ("build", "docs", "*.md")
"""Names, directly in a program's folder, of documentation and of what is generated. No stack reads it."""
_INSTALLED = "lib/python*/site-packages"
"""Folder of the packages in a Python environment. Its time changes whenever a package is installed or removed."""

_LARGEST_SCRIPT = 65536
"""In bytes. Larger files are compiled engines and plugins."""

_CREDENTIALS = frozenset(
    {
        "AWS_ACCESS_KEY_ID",
        "AWS_CREDENTIAL_EXPIRATION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SECURITY_TOKEN",
        "AWS_SESSION_EXPIRATION",
        "AWS_SESSION_TOKEN",
    }
)
"""Ignored variables that change with every sign-in. They cannot change the account: each provider pins its account."""
_OF_A_SHELL = frozenset(
    {
        "COLUMNS",
        "LINES",
        "OLDPWD",
        "PS1",
        "PWD",
        "SHLVL",
        "SSH_AUTH_SOCK",
        "SSH_CLIENT",
        "SSH_CONNECTION",
        "SSH_TTY",
        "TERM",
        "WINDOWID",
        "XDG_SESSION_ID",
        "_",
    }
)
"""Ignored variables of the terminal, which no stack depends on."""


class SharedInputs:
    """Inputs that all stacks of a project share. Each is read once per instance."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.facts = Facts((layout.directory, layout.program_directory))

    @cached_property
    def engine(self) -> str:
        """The engine, its language hosts, and the provider plugins that it finds."""
        found = shutil.which("pulumi")
        folders = [Path(found).resolve().parent] if found else []
        home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
        plugins = sorted((home / "plugins").glob("*/pulumi-*"))
        elsewhere = (Path(name) for name in os.environ.get("PATH", "").split(os.pathsep) if name)
        binaries = [file for folder in (*folders, *elsewhere) for file in sorted(folder.glob("pulumi*"))]
        return digest(f"{file} {self._binary(file)}" for file in (*binaries, *plugins))

    @cached_property
    def code(self) -> str:
        """The files of the program, and the packages of its Python environment and of this process."""
        environments = (Path(sys.prefix), self.layout.virtual_environment)
        installed = (
            folder
            for environment in dict.fromkeys(environment for environment in environments if environment)
            for folder in sorted(environment.glob(_INSTALLED))
        )
        tree = self.facts.of_tree(self.layout.program_directory, without=_DOCUMENTATION)
        return digest((tree, *(f"{folder} {folder.stat().st_mtime_ns}" for folder in installed)))

    @cached_property
    def environment(self) -> str:
        """The environment variables that reach the program."""
        left_out = _CREDENTIALS | _OF_A_SHELL
        return digest(f"{name}={value}" for name, value in sorted(os.environ.items()) if name not in left_out)

    @cached_property
    def settings(self) -> str:
        """The project file and the files of all stacks."""
        contents = hashlib.sha256()
        for file in self.layout.settings_files():
            contents.update(f"{file.name}\0".encode())
            contents.update(hashlib.sha256(file.read_bytes()).digest())
        return contents.hexdigest()

    @cached_property
    def packages(self) -> str:
        """The lock files, and the command line itself, which judges what the engine says."""
        roots = dict.fromkeys((self.layout.directory, self.layout.program_directory))
        locks = [file for root in roots for pattern in LOCK_FILES for file in sorted(root.glob(pattern))]
        own = Path(__file__).resolve().parents[1]
        return digest((version("plinth"), self.facts.of_tree(own), *(f"{f} {self.facts.of(str(f))}" for f in locks)))

    def packs(self, packs: tuple[Path, ...]) -> str:
        """Every file of the policy packs, read by the engine or by a pack."""
        return digest(f"{pack} {self.facts.of_tree(pack)}" for pack in packs)

    def _binary(self, file: Path) -> str:
        """Returns the identity of a binary. Small files are compared by content: a plugin may be a script."""
        try:
            if file.stat().st_size < _LARGEST_SCRIPT:
                return digest([file.read_bytes()])
        except OSError as error:
            return f"unreadable: {error.strerror}"
        return self.facts.of(str(file.resolve()))


def inputs_of(operation: Operation, backend: FileBackend, shared_inputs: SharedInputs) -> Mapping[str, str] | None:
    """Returns a digest per kind of input; None if there is no state or the stack has a lock."""
    own = backend.digest(operation.stack)
    if own is None or backend.is_locked(operation.stack):
        return None
    return {
        "settings": shared_inputs.settings,
        "code": shared_inputs.code,
        "packages": shared_inputs.packages,
        "engine": shared_inputs.engine,
        "environment": shared_inputs.environment,
        "policies": shared_inputs.packs(operation.policy_packs),
        "state": own,
        "upstream": digest(_outputs(backend, operation.upstream)),
        "rehearsal": (backend.digest(operation.rehearsal) or "") if operation.rehearsal else "",
    }


def _outputs(backend: FileBackend, stacks: tuple[str, ...]) -> Iterator[str]:
    for stack in stacks:
        yield f"{stack} {backend.outputs(stack)!r}"
