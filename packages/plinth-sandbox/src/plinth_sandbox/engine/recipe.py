"""Version of the engine that the sandbox uses, and where this machine stores it."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from pathlib import Path

from plinth_sandbox.engine.errors import SetUpError
from plinth_sandbox.engine.go_program import GoProgram

VERSION = "v3.220.0"
"""Newest release whose modules are all available from the Go proxy."""

OLDEST_VERSION = (3, 220, 0)
"""Oldest CLI that is used if it is found on the PATH. Older ones are not tested."""

COMMAND_LINE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
LANGUAGE_HOST = "./pulumi-language-python"
SDK = "github.com/pulumi/pulumi/sdk/v3"

MODULE = Path(__file__).parent / "module"
"""Go module from which the engine is built. Its go.sum pins every source by digest."""

PROGRAMS = (
    "pulumi",
    "pulumi-language-python",
    "pulumi-language-python-exec",
    "pulumi-analyzer-policy-python",
    "pulumi-resource-pulumi-python",
)
"""Programs of an engine that a Python project needs. The release also contains those for other languages."""

GO_ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
RELEASE_ARCHITECTURES = {"amd64": "x64", "arm64": "arm64"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Machine:
    """An operating system and a processor architecture, in Go's terms."""

    system: str
    architecture: str

    @property
    def release_name(self) -> str:
        """Name of the platform in the vendor's release files."""
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


def cache_directory(part: str = "engine") -> Path:
    """Returns the directory that stores engines, or another part. All clones of a user on this machine share it."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    # A node of Kubernetes sees folders of this machine at their real paths only.
    return (Path(base) / "plinth" / part).resolve()


def program() -> GoProgram:
    """Returns the build of the engine. Sources, compiled packages and programs took 3 GiB."""
    return GoProgram(
        subject="the engine",
        module=MODULE,
        packages=(COMMAND_LINE, LANGUAGE_HOST),
        linker_flags=f"-s -w -X {SDK}/go/common/version.Version={VERSION}",
        cache=cache_directory(),
        space_needed_gib=4,
        without_go="neither Pulumi nor Go is installed, and Pulumi's release cannot be downloaded here",
        alternative="install Pulumi 3.220 or newer: https://www.pulumi.com/docs/install",
    )


def built_directory() -> Path:
    """Returns the directory of a build. Its name is a hash of all inputs, so a changed recipe is built again."""
    machine = this_machine()
    return cache_directory() / f"{VERSION}-{program().digest(machine.system, machine.architecture)}"


def downloaded_directory() -> Path:
    return cache_directory() / f"{VERSION}-release-{this_machine().release_name}"
