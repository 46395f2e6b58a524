"""Python environments that stand for images: installed once from a lock with hashes, and kept in the cache."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType

from plinth_sandbox.engine.errors import SetUpError
from plinth_sandbox.engine.network import network_environment
from plinth_sandbox.engine.recipe import cache_directory

VARIABLES = MappingProxyType({"OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"})
"""Variables of the processes in an environment. Several runs share the processors of this machine, and a thread of
OpenMP that waits for another one keeps a processor busy: beside other runs, training on a few rows took ten times as
long."""

PIP = """#!{python}
from pip._internal.cli.main import main
raise SystemExit(main())
"""
"""Program that runs a copy of pip with the Python of an environment."""
_COMPLETE = "complete"
"""File of an environment whose installation has ended. It names the programs that were added."""


def environment_from(lock: Path, programs: Sequence[Path] = (), wheels: Path | None = None) -> Path:
    """Returns the environment with the packages of ``lock`` and with ``programs`` in its folder ``bin``.

    ``wheels`` is a folder with packages that no index has.

    Raises: SetUpError if a package cannot be installed.
    """
    content = [sys.version.encode(), *(file.read_bytes() for file in (lock, *programs))]
    cache = cache_directory().with_name("use-cases")
    folder = cache / hashlib.sha256(b"\0".join(content)).hexdigest()[:16]
    with _locked(cache):
        if not (folder / _COMPLETE).exists():
            shutil.rmtree(folder, ignore_errors=True)
            _install(folder, lock, wheels)
            for program in programs:
                shutil.copy(program, folder / "bin" / program.name)
            (folder / _COMPLETE).write_text("".join(f"{program.name}\n" for program in programs))
    return folder


def programs_of(environment: Path) -> list[str]:
    """Returns the names of the programs that were added to an environment."""
    complete = environment / _COMPLETE
    return complete.read_text().split() if complete.exists() else []


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _install(folder: Path, lock: Path, wheels: Path | None) -> None:
    """Installs with uv, which is much faster, or with pip where uv is missing or fails.

    pip knows settings that uv does not read. Its errors are the ones that count, as in the set-up.
    """
    search = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    uv, python = shutil.which("uv", path=search), str(folder / "bin" / "python")
    requirements = ["--require-hashes", "--requirement", str(lock)]
    requirements += ["--find-links", str(wheels.resolve())] if wheels else []
    if uv:
        with suppress(SetUpError):
            _run([uv, "venv", "--quiet", "--python", sys.executable, str(folder)])
            _run([uv, "pip", "install", "--quiet", "--python", python, *requirements])
            return
        shutil.rmtree(folder, ignore_errors=True)
    _run([sys.executable, "-m", "venv", str(folder)])
    _run([python, "-m", "pip", "install", "--quiet", *requirements])


def _run(command: list[str]) -> None:
    done = subprocess.run(command, env=network_environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SetUpError(
            f"{' '.join(command[:3])} failed: {done.stderr.strip()[-1000:]}",
            fix="check the network and the package index; then run the same command again",
        )
