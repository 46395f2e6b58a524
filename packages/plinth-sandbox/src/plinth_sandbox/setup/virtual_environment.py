"""Installs the project's virtual environment from the locks and records the digests of the locks."""

from __future__ import annotations

import hashlib
import json
import platform
import re
import shutil
import sys
from pathlib import Path

from plinth_sandbox.engine.command import KnownFailure, run
from plinth_sandbox.engine.errors import SetUpError
from plinth_sandbox.engine.exclusive import exclusively
from plinth_sandbox.progress import Progress, Step

OLDEST_PYTHON = (3, 11)
ROOT = Path.cwd()
"""Root of the clone that is set up. `make` runs in it."""
DIRECTORY = ROOT / ".venv"
PYTHON = DIRECTORY / "bin" / "python"
LOG = DIRECTORY / "plinth-install.log"
STAMP = DIRECTORY / "plinth-installed.json"
UNFINISHED = DIRECTORY / "plinth-unfinished"
LOCKS = ("requirements.txt", "packages/plinth-sandbox/requirements.txt")
DEVELOPMENT_LOCKS = ("requirements-dev.txt",)
INSTALLER_LOCK = "packages/plinth-sandbox/requirements-uv.txt"
"""Lock of uv, which then installs the other locks."""
DISTRIBUTIONS = (".", "packages/plinth-sandbox", "packages/iam-evaluator", "packages/plinth-project")
"""Folders of the clone that are installed in editable mode, so that a change takes effect at once."""
SPACE_NEEDED_GIB = 2

FAILURES = (
    KnownFailure(
        r"THESE PACKAGES DO NOT MATCH THE HASHES|require(s)? hashes|must have their versions pinned",
        "a package differs from the locked one",
        "do not install it another way; check the index pip uses (`pip config list`), or renew the lock: `make lock`",
    ),
    KnownFailure(
        r"No matching distribution found for \S+",
        "the package index lacks a locked package for this Python",
        "use Python 3.11 to 3.13, and an index that mirrors all of PyPI (`pip config list`)",
    ),
    KnownFailure(
        r"NewConnectionError|Max retries exceeded|Connection(Reset|Refused)?Error|Read timed out|SSLError|403 Client",
        "the package index cannot be reached",
        "check the network and `pip config list`; then run the same command again: it continues where it stopped",
    ),
)


def outdated(*, dev: bool) -> list[str]:
    """Returns the locks and distributions that the environment is not installed from but should be. Empty if up to
    date."""
    try:
        installed = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        installed = {}
    if not PYTHON.exists():
        installed = {}
    return [name for name, digest in _wanted(dev=dev).items() if installed.get(name) != digest]


async def install(progress: Progress, *, dev: bool) -> None:
    """Installs what the locks require.

    Raises: SetUpError if a package is missing, differs from its hash, or does not fit on the disk.
    """
    with progress.step("Python environment") as step:
        async with exclusively(ROOT, step) as lock:
            if changed := outdated(dev=dev):
                step.say(f"installing the locks into {DIRECTORY} (new or changed: {', '.join(changed)})")
                await _install(step, lock, dev=dev)


async def _install(step: Step, lock: int, *, dev: bool) -> None:
    if UNFINISHED.exists() or not PYTHON.exists():
        await _create(step, lock)
    UNFINISHED.touch()
    STAMP.unlink(missing_ok=True)
    locks = _locks(dev=dev)
    total = sum(_pinned(ROOT / name) for name in locks)

    def look() -> None:
        said = LOG.read_text(errors="replace")
        if "Installing collected packages" in said:
            step.at("installing packages", min(_installed(), total), total)
        else:
            step.at("fetching packages", min(said.count("\nCollecting "), total), total)

    pip: list[str | Path] = [PYTHON, "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    requirements = ["--require-hashes", *(argument for name in locks for argument in ("-r", name))]
    if not await _installed_with_uv(step, lock, pip, requirements):
        # Python compiles what is imported; compiling all of pulumi-aws up front takes half a minute.
        await run(
            [*pip, "--no-compile", *requirements], log=LOG, lock=lock, look=look, failures=FAILURES, directory=ROOT
        )
    step.at("installing the project itself")
    editable = [argument for folder in DISTRIBUTIONS for argument in ("--editable", str(ROOT / folder))]
    await run(
        [*pip, "--no-deps", "--no-index", "--no-build-isolation", *editable],
        log=LOG, lock=lock, failures=FAILURES, directory=ROOT,
    )  # fmt: skip
    STAMP.write_text(json.dumps(_wanted(dev=dev), indent=1))
    UNFINISHED.unlink()


async def _installed_with_uv(step: Step, lock: int, pip: list[str | Path], requirements: list[str]) -> bool:
    """Installs the requirements with uv and returns whether it did.

    uv does not read pip's configuration, so an index that only pip knows makes it fail. pip then installs everything,
    and its errors are the ones that count.
    """
    if not (ROOT / INSTALLER_LOCK).exists():
        return False
    try:
        step.at("fetching uv")
        installer = ["--require-hashes", "-r", INSTALLER_LOCK]
        await run([*pip, "--no-compile", *installer], log=LOG, lock=lock, directory=ROOT)
        step.at("fetching and installing packages with uv")
        uv: list[str | Path] = [PYTHON.with_name("uv"), "pip", "install", "--python", PYTHON]
        await run([*uv, *requirements], log=LOG, lock=lock, directory=ROOT)
    except SetUpError:
        return False
    return True


async def _create(step: Step, lock: int) -> None:
    """Creates an empty environment. An environment with an interrupted installation may contain half a package, so it
    is deleted."""
    free = shutil.disk_usage(ROOT).free >> 30
    if free < SPACE_NEEDED_GIB:
        raise SetUpError(f"{ROOT} has {free} GiB free; the environment needs {SPACE_NEEDED_GIB}", fix="free some space")
    step.at("creating it")
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    missing_venv = KnownFailure(
        r"ensurepip is not available|No module named '?(venv|ensurepip)",
        "this Python has no venv module",
        f"install it: apt install python{sys.version_info.major}.{sys.version_info.minor}-venv",
    )
    python = getattr(sys, "_base_executable", sys.executable)
    await run([python, "-m", "venv", DIRECTORY], log=LOG, lock=lock, failures=[missing_venv])


def _locks(*, dev: bool) -> list[str]:
    return [*LOCKS, *DEVELOPMENT_LOCKS] if dev else [*LOCKS]


def _wanted(*, dev: bool) -> dict[str, str]:
    """Returns the inputs of the environment with their digests. The clone's path counts, because scripts contain the
    path of their Python."""
    descriptions = (f"{folder}/pyproject.toml" for folder in DISTRIBUTIONS)
    files = [*_locks(dev=dev), *(name.removeprefix("./") for name in descriptions)]
    digests = {name: hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in files}
    return {**digests, "the clone's place": str(ROOT), "the Python version": _python_version()}


def _python_version() -> str:
    """Returns the version of the environment's Python if there is one, so that the result does not depend on the Python
    that asks."""
    configuration = DIRECTORY / "pyvenv.cfg"
    text = configuration.read_text() if configuration.exists() else ""
    found = re.search(r"^version\s*=\s*(\S+)", text, re.MULTILINE)
    return found[1] if found else platform.python_version()


def _pinned(lock: Path) -> int:
    return len(re.findall(r"^[\w.\[\],-]+==", lock.read_text(), re.MULTILINE))


def _installed() -> int:
    return sum(1 for _ in DIRECTORY.glob("lib/python3*/site-packages/*.dist-info"))
