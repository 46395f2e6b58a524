"""Which engine the project runs on, and where it is kept on this machine."""

from __future__ import annotations

import hashlib
import os
import platform
from dataclasses import dataclass
from pathlib import Path

from plinth_sandbox.engine.errors import SetUpError

VERSION = "v3.220.0"
"""The newest release whose modules the Go proxy serves whole."""

OLDEST_VERSION = (3, 220, 0)
"""An older CLI found on the PATH is passed over: nothing here was tried with it."""

MODULE = Path(__file__).parent / "module"
"""The Go module that the engine is built from; its go.sum pins every source by digest."""

PROGRAMS = (
    "pulumi",
    "pulumi-language-python",
    "pulumi-language-python-exec",
    "pulumi-analyzer-policy-python",
    "pulumi-resource-pulumi-python",
)
"""What a Python project needs of an engine; the release holds more, for other languages."""

GO_ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
RELEASE_ARCHITECTURES = {"amd64": "x64", "arm64": "arm64"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Machine:
    """An operating system and a processor, in Go's words."""

    system: str
    architecture: str

    @property
    def release_name(self) -> str:
        """The same in the words of the vendor's release files."""
        return f"{self.system}-{RELEASE_ARCHITECTURES[self.architecture]}"


def this_machine() -> Machine:
    system, processor = platform.system().lower(), platform.machine().lower()
    architecture = GO_ARCHITECTURES.get(processor)
    if system not in ("linux", "darwin") or architecture is None:
        raise SetUpError(
            f"the sandbox does not run on {system} {processor}",
            fix="use Linux or macOS on x86-64 or arm64 (on Windows: WSL)",
        )
    return Machine(system=system, architecture=architecture)


def cache_directory() -> Path:
    """Where engines are kept: one place per person and machine, shared by all clones."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "plinth" / "engine"


def built_directory() -> Path:
    """A build's place is named after all that goes into it, so a changed recipe is built anew."""
    machine = this_machine()
    digest = hashlib.sha256(f"{machine.system} {machine.architecture}".encode())
    for source in sorted(path for path in MODULE.rglob("*") if path.is_file()):
        digest.update(source.relative_to(MODULE).as_posix().encode() + b"\0" + source.read_bytes())
    return cache_directory() / f"{VERSION}-{digest.hexdigest()[:12]}"


def downloaded_directory() -> Path:
    return cache_directory() / f"{VERSION}-release-{this_machine().release_name}"
