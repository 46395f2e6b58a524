"""Builds GitLab Runner and the helper of its jobs from the Go module of GitLab.

Five modules that GitLab Runner requires cannot be had from the module proxy. The folder ``module/absent`` has packages
in their place. They belong to what no job of the tests uses: job inputs, CI steps, billing events, schedules of
autoscaling, and masks that jobs add. The API client, the Kubernetes executor, the scripts of jobs and the reading of
their output are GitLab's own.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from plinth_sandbox.engine.recipe import cache_directory

MODULE, VERSION = "gitlab.com/gitlab-org/gitlab-runner", "v1.11.1-0.20260903214710-fc1f1862bd91"
"""Version 19.4.0. Tags of the project have no form that Go accepts, so it has the version of a commit."""
PROGRAMS = ("gitlab-runner", "gitlab-runner-helper")
_ADDED = Path(__file__).parent / "module"
_ABSENT = {
    "labkit": "gitlab.com/gitlab-org/labkit/v2",
    "moa": "gitlab.com/gitlab-org/moa",
    "phrasestream": "gitlab.com/ajwalker/phrasestream",
    "step-runner": "gitlab.com/gitlab-org/step-runner",
    "taskscaler": "gitlab.com/gitlab-org/fleeting/taskscaler",
}
_WRAPPER = "helpers/runner_wrapper/api"
"""A module of its own in GitLab's repository, of a command that nobody calls here."""


class CannotBuildError(Exception):
    """Go is missing, or a module cannot be had."""


def programs() -> Path:
    """Returns the folder with both programs, which it builds once. Raises CannotBuildError."""
    target = cache_directory("gitlab-runner") / _digest()
    if not target.exists():
        if shutil.which("go") is None:
            raise CannotBuildError("Go is not installed")
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as name:
            _build(Path(name))
            (Path(name) / "bin").rename(target)
    return target


def _digest() -> str:
    digest = hashlib.sha256(VERSION.encode())
    for source in sorted(path for path in _ADDED.rglob("*") if path.is_file()):
        digest.update(source.relative_to(_ADDED).as_posix().encode() + source.read_bytes())
    return digest.hexdigest()[:12]


def _build(folder: Path) -> None:
    source = folder / "source"
    found = json.loads(_go(folder, "mod", "download", "-json", f"{MODULE}@{VERSION}"))
    shutil.copytree(found["Dir"], source, copy_function=shutil.copyfile)
    for path in (source, *source.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    shutil.copytree(_ADDED, source, dirs_exist_ok=True)
    (source / "commands/wrapper.go").unlink()
    shutil.rmtree(source / _WRAPPER.partition("/api")[0])
    changes = [f"-replace={module}=./absent/{name}" for name, module in _ABSENT.items()]
    changes += [f"-dropreplace={MODULE}/{_WRAPPER}", f"-droprequire={MODULE}/{_WRAPPER}"]
    _go(source, "mod", "edit", *changes)
    for name, package in zip(PROGRAMS, ("runner", "helper"), strict=True):
        _go(source, "build", "-mod=mod", "-ldflags=-s -w", "-o", str(folder / "bin" / name), f"./plinth/{package}")


def _go(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["go", *words], cwd=folder, env={**os.environ, "GOWORK": "off"}, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise CannotBuildError(" ".join(done.stderr.strip().splitlines()[-2:]))
    return done.stdout
