"""Reports the parts of the set-up for `plinth doctor`: versions, origins and remedies."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from plinth_sandbox.engine.locate import EnginePaths, ready
from plinth_sandbox.layout import Layout
from plinth_sandbox.setup import virtual_environment

SET_UP = "run `make up`"
SPACE_WANTED_GIB = 2
"""Disk space that the state, logs and test runs of the sandbox may need in addition to the installation."""

_PATIENCE_SECONDS = 120
"""Time limit for a program to print its version. A busy machine takes more than 20 seconds to start the AWS CLI."""


class Component(NamedTuple):
    """One part of the set-up. ``fix`` is empty if the part needs no fix."""

    component: str
    version: str
    origin: str
    ok: bool
    fix: str


def report() -> list[Component]:
    """Returns every part of the set-up, each part after the parts that it needs."""
    engine = ready()
    return [
        _python(),
        _virtual_environment(),
        _go(needed=engine is None),
        _engine(engine),
        _host("python language host", "pulumi-language-python", engine),
        _host("policy pack host", "pulumi-analyzer-policy-python", engine),
        _aws_plugin(),
        _distribution("moto"),
        _aws_command_line(),
        _disk(),
    ]


def _python() -> Component:
    ok = sys.version_info >= virtual_environment.OLDEST_PYTHON
    fix = "" if ok else "install Python 3.11 or newer"
    return Component("python", platform.python_version(), sys.executable, ok, fix)


def _virtual_environment() -> Component:
    if not all((virtual_environment.ROOT / name).exists() for name in virtual_environment.LOCKS):
        return Component("virtual environment", "no lock in this directory", sys.prefix, True, "")
    missing = virtual_environment.outdated(dev=False)
    version = "as locked" if not missing else "differs from the lock"
    return Component(
        "virtual environment", version, str(virtual_environment.DIRECTORY), not missing, SET_UP if missing else ""
    )


def _go(*, needed: bool) -> Component:
    go = shutil.which("go")
    if go is None:
        fix = "install Go 1.21 or newer: https://go.dev/dl" if needed else ""
        return Component("go", "none", "needed once, to build the engine" if needed else "not needed", not needed, fix)
    return Component("go", _version_of([go, "version"]), go, True, "")


def _engine(engine: EnginePaths | None) -> Component:
    if engine is None:
        return Component("pulumi engine", "none", "neither on the PATH nor in the cache", False, SET_UP)
    origin = f"{engine.origin}: {engine.binary_directory}"
    return Component("pulumi engine", engine.version, origin, True, "")


def _host(name: str, program: str, engine: EnginePaths | None) -> Component:
    directories = [str(engine.binary_directory)] if engine else []
    path = shutil.which(program, path=os.pathsep.join([*directories, os.environ.get("PATH", "")]))
    if engine is None or path is None:
        return Component(name, "none", "comes with the engine", False, SET_UP)
    return Component(name, engine.version, path, True, "")


def _aws_plugin() -> Component:
    name = "aws provider plugin"
    try:
        version = importlib.metadata.version("pulumi-aws")
    except importlib.metadata.PackageNotFoundError:
        return Component(name, "none", "pulumi-aws is not installed", False, SET_UP)
    home = Path(os.environ.get("PULUMI_HOME") or Layout.find().pulumi_home)
    plugin = home / "plugins" / f"resource-aws-v{version}" / "pulumi-resource-aws"
    if not plugin.exists():
        return Component(name, "none", f"not in {home}", False, SET_UP)
    return Component(name, version, str(plugin), True, "")


def _distribution(name: str) -> Component:
    try:
        found = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return Component(name, "none", "not installed", False, SET_UP)
    return Component(name, found.version, str(found.locate_file("")), True, "")


def _aws_command_line() -> Component:
    """Reports the AWS CLI, which nothing here needs. People use it to read the emulated accounts."""
    aws = shutil.which("aws")
    if aws is None:
        return Component("aws cli", "none", "not required; useful to inspect the emulated accounts", True, "")
    return Component("aws cli", _version_of([aws, "--version"]), aws, True, "")


def _disk() -> Component:
    directory = virtual_environment.ROOT
    free = shutil.disk_usage(directory).free >> 30
    ok = free >= SPACE_WANTED_GIB
    return Component("disk space", f"{free} GiB free", str(directory), ok, "" if ok else "free some space")


def _version_of(command: list[str]) -> str:
    """Returns the first version in the output of a command."""
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE_SECONDS, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return "does not run"
    found = re.search(r"\d+(\.\d+)+", said)
    return found[0] if found else "unknown"
