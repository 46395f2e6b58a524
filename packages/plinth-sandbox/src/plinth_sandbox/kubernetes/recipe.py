"""Version of Kubernetes that the sandbox runs, and where this machine stores its program."""

from __future__ import annotations

from pathlib import Path

from plinth_sandbox.engine.go_program import GoProgram
from plinth_sandbox.engine.recipe import cache_directory, this_machine

VERSION = "v1.36.3"
"""Version of the components. The module's go.mod names the same one."""

OLDEST_EMULATED_MINOR = 33
"""Oldest version that the components emulate: three minor versions before their own (KEP-4330)."""

NEWEST_MINOR = 36

MODULE = Path(__file__).parent / "module"
"""Go module from which the program is built. Its go.sum pins every source by digest."""

PROGRAM = "control-plane"
"""One program with all components, which share most of their code."""


def program() -> GoProgram:
    """Returns the build of the control plane. Its modules take 0.8 GB, compiled packages and the program 1.5 GB."""
    return GoProgram(
        subject="the Kubernetes control plane",
        module=MODULE,
        packages=(".",),
        linker_flags=_linker_flags(),
        cache=cache_directory("kubernetes"),
        space_needed_gib=4,
        without_go="the Kubernetes control plane is built from source, and Go is not installed",
    )


def _linker_flags() -> str:
    """Returns the flags with which Kubernetes' own build sets the version that the components report."""
    package = "k8s.io/component-base/version"
    major, minor, _ = VERSION.removeprefix("v").split(".")
    values = {"gitVersion": VERSION, "gitMajor": major, "gitMinor": minor, "gitTreeState": "clean"}
    return " ".join(["-s", "-w", *(f"-X {package}.{name}={value}" for name, value in values.items())])


def built_directory() -> Path:
    """Returns the directory of a build. Its name is a hash of all inputs, so a changed recipe is built again."""
    machine = this_machine()
    chosen = program()
    digest = chosen.digest(machine.system, machine.architecture, chosen.linker_flags)
    return chosen.cache / f"{VERSION}-{digest}"


def cached() -> Path | None:
    """Returns the program if it was built earlier. Its directory was renamed into place, so it is complete."""
    path = built_directory() / "bin" / PROGRAM
    return path if path.exists() else None
