"""Provides the programs of a node: those that are built from the Go module, and those of packages."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from plinth_sandbox.engine import go_program
from plinth_sandbox.engine.errors import SetUpError
from plinth_sandbox.engine.exclusive import exclusively
from plinth_sandbox.engine.recipe import this_machine
from plinth_sandbox.engine.workshop import workshop
from plinth_sandbox.kubernetes import recipe
from plinth_sandbox.kubernetes.node import packages
from plinth_sandbox.progress import Progress, Step

_COMMANDS = ("components", "dns", "node", "pause", "runtime")
"""Commands of the module: kubelet with kube-proxy, the names of services, what starts a node, the process that holds
the namespaces of a pod, and the runtime that calls runc. The last three are small, because they run for each node, pod
or container."""
_WITHOUT = "pods do not run"


@dataclass(frozen=True, slots=True)
class NodePrograms:
    """The programs of a node on this machine."""

    built: Path
    """Folder of the commands that are built from the module."""
    packages: Path
    """Root folder of the unpacked packages."""

    @property
    def node(self) -> Path:
        return self.built / "node"


def cached() -> NodePrograms | None:
    """Returns the programs if this machine has them."""
    unpacked, built = packages.cached(), _cached_build()
    return NodePrograms(built, unpacked) if built and unpacked else None


def provide(progress: Progress | None = None) -> NodePrograms:
    """Returns the programs: in milliseconds if they exist, otherwise after one build and one download.

    Raises: SetUpError with the reason if this machine cannot run pods.
    """
    _check_machine_first()
    programs = cached() or asyncio.run(_provision(progress or Progress()))
    check(programs)
    return programs


def check(programs: NodePrograms) -> None:
    """Starts a node without processes and ends it. Raises: SetUpError with what this machine does not allow."""
    with tempfile.TemporaryDirectory(prefix="plinth-node-") as folder:
        done = subprocess.run(
            [programs.node, "check", folder],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, cwd=folder,
        )  # fmt: skip
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        _refuse(f"this machine allows no node: {lines[-1] if lines else 'the check said nothing'}")


def _check_machine_first() -> None:
    if sys.platform != "linux":
        _refuse(f"a node needs Linux, and this is {sys.platform}")
    if os.geteuid() != 0:
        _refuse("a node needs root, and this is another user")


def _refuse(why: str) -> None:
    raise SetUpError(f"{_WITHOUT}: {why}", fix="plinth sandbox up --no-nodes, for clusters without a node")


async def _provision(progress: Progress) -> NodePrograms:
    try:
        unpacked = await packages.unpacked(progress)
        return NodePrograms(await _built(progress), unpacked)
    except SetUpError as error:
        raise SetUpError(f"{_WITHOUT}: {error.cause}", fix=error.fix) from error


async def _built(progress: Progress) -> Path:
    program = _program()
    with progress.step("Kubernetes node") as step:
        async with exclusively(program.cache, step) as lock:
            return _cached_build() or await _make(program, step, lock)


async def _make(program: go_program.GoProgram, step: Step, lock: int) -> Path:
    with workshop(program.cache) as directory:
        await go_program.build(program, step, directory, lock)
        target = _build_directory()
        shutil.rmtree(target, ignore_errors=True)
        directory.rename(target)
    return target / "bin"


def _program() -> go_program.GoProgram:
    """Returns the build of the node, which shares most of its packages with the control plane's."""
    return replace(
        recipe.program(),
        subject="the Kubernetes node",
        packages=tuple(f"./{command}" for command in _COMMANDS),
        without_go="the Kubernetes node is built from source, and Go is not installed",
    )


def _build_directory() -> Path:
    machine, program = this_machine(), _program()
    digest = program.digest(machine.system, machine.architecture, program.linker_flags, *program.packages)
    return program.cache / f"node-{recipe.VERSION}-{digest}"


def _cached_build() -> Path | None:
    path = _build_directory() / "bin"
    return path if path.is_dir() else None


def main() -> None:
    """Provides the programs for the tests."""
    progress = Progress()
    try:
        provide(progress)
    except SetUpError as error:
        progress.say(f"Kubernetes: tests of nodes are skipped, because {error.cause}")


if __name__ == "__main__":
    main()
