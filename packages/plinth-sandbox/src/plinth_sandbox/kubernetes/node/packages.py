"""Programs of the container runtime from packages of the distribution, unpacked into the cache and never installed.

The distribution's signed index verifies each package. Its versions are recorded, not pinned: a distribution deletes a
version when it publishes the next one.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import platform
import shutil
from collections.abc import Sequence
from pathlib import Path

from plinth_sandbox.engine.errors import SetUpError
from plinth_sandbox.engine.exclusive import exclusively
from plinth_sandbox.engine.recipe import cache_directory
from plinth_sandbox.engine.workshop import workshop
from plinth_sandbox.progress import Progress, Step

PACKAGES = (
    "containerd", "containernetworking-plugins", "libbsd0", "libedit2", "libjansson4", "libmnl0", "libnftables1",
    "libnftnl11", "libseccomp2", "libxtables12", "nftables", "runc",
)  # fmt: skip
"""The runtime, the plugins of pod networks, nft for the addresses of services, and the libraries that a small machine
lacks."""

_RECORD = "packages.json"
_TOOLS = ("apt-get", "dpkg-deb")
_REMEDY = "use Debian or Ubuntu, or a sandbox without nodes"
_SECONDS = 300


def cached() -> Path | None:
    """Returns the root folder of the unpacked packages if they were unpacked earlier."""
    target = _target()
    return target if (target / _RECORD).exists() else None


async def unpacked(progress: Progress) -> Path:
    """Returns the root folder of the packages: at once if it exists, otherwise after one download of 35 MB.

    Raises: SetUpError with the remedy if a tool is missing or a package is not available.
    """
    if found := cached():
        return found
    if missing := [tool for tool in _TOOLS if shutil.which(tool) is None]:
        raise SetUpError(f"{' and '.join(missing)} cannot be found, so there is no container runtime", fix=_REMEDY)
    with progress.step("Container runtime") as step:
        async with exclusively(_target().parent, step):
            return cached() or await _unpack(step)


async def _unpack(step: Step) -> Path:
    target = _target()
    with workshop(target.parent) as directory:
        step.at("downloading packages")
        archives = await _downloaded(directory / "archives")
        step.at("unpacking packages")
        root = directory / "root"
        for archive in archives:
            await _run(["dpkg-deb", "--extract", str(archive), str(root)], directory)
        (root / _RECORD).write_text(json.dumps(sorted(archive.name for archive in archives), indent=2))
        shutil.rmtree(target, ignore_errors=True)
        root.rename(target)
    return target


async def _downloaded(folder: Path) -> Sequence[Path]:
    """Downloads with the index of this machine, or else with one of its own, which leaves the machine as it is."""
    folder.mkdir()
    download = ["--quiet", "--option", "APT::Sandbox::User=root", "download", *PACKAGES]
    try:
        await _run(["apt-get", *download], folder)
    except SetUpError:
        index = folder.parent / "index"
        (index / "lists" / "partial").mkdir(parents=True)
        own = ["--option", f"Dir::State::lists={index}/lists", "--option", f"Dir::Cache={index}"]
        await _run(["apt-get", "--quiet", "--option", "APT::Sandbox::User=root", *own, "update"], folder)
        await _run(["apt-get", *own, *download], folder)
    return sorted(folder.glob("*.deb"))


async def _run(command: list[str], directory: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=directory, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT, env={**os.environ, "LC_ALL": "C"},
    )  # fmt: skip
    try:
        said, _ = await asyncio.wait_for(process.communicate(), _SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
        said = b"it took too long"
    if process.returncode:
        lines = said.decode(errors="replace").strip().splitlines()
        raise SetUpError(f"{command[0]} does not provide the container runtime: {' '.join(lines[-2:])}", fix=_REMEDY)


def _target() -> Path:
    """Returns the folder of the packages. Its name is a hash of all inputs, so another list is unpacked again."""
    try:
        release = platform.freedesktop_os_release().get("VERSION_CODENAME", "")
    except OSError:
        release = ""
    inputs = json.dumps([PACKAGES, platform.machine(), release])
    return cache_directory("container-runtime") / hashlib.sha256(inputs.encode()).hexdigest()[:12]
