"""Downloads the vendor's release of the engine."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import tarfile
import threading
import urllib.request
from pathlib import Path

from plinth_sandbox.engine import recipe
from plinth_sandbox.engine.errors import ReleaseUnavailableError
from plinth_sandbox.progress import Step

SITE = "https://get.pulumi.com/releases/sdk"
CONNECT_TIMEOUT_SECONDS = 4.0
"""Timeout of a connection. It is short because restricted networks often drop packets silently."""
CHUNK_BYTES = 1 << 20


async def download(step: Step, workshop: Path) -> None:
    """Downloads the release's programs into ``workshop / "bin"``.

    Raises: ReleaseUnavailableError if the site or the file cannot be reached, or the digest differs from the published
    one.
    """
    stop = threading.Event()
    try:
        await asyncio.to_thread(_download, step, workshop, stop)
    finally:
        stop.set()


def _download(step: Step, workshop: Path, stop: threading.Event) -> None:
    name = f"pulumi-{recipe.VERSION}-{recipe.this_machine().release_name}.tar.gz"
    archive = workshop / name
    try:
        expected = _published_digest(name)
        digest = _fetch(f"{SITE}/{name}", archive, step, stop)
    except OSError as error:  # urllib's own errors are subclasses of OSError
        raise ReleaseUnavailableError(str(getattr(error, "reason", error))) from error
    if digest != expected:
        raise ReleaseUnavailableError(f"{name} has SHA-256 {digest}, but {expected} was published")
    _unpack(archive, workshop / "bin")
    archive.unlink()


def _published_digest(name: str) -> str:
    url = f"{SITE}/pulumi-{recipe.VERSION.removeprefix('v')}-checksums.txt"
    with urllib.request.urlopen(url, timeout=CONNECT_TIMEOUT_SECONDS) as answer:
        for line in answer.read().decode().splitlines():
            digest, _, file = line.partition("  ")
            if file.strip() == name:
                return str(digest)
    raise ReleaseUnavailableError(f"{url} does not list {name}")


def _fetch(url: str, target: Path, step: Step, stop: threading.Event) -> str:
    digest, received = hashlib.sha256(), 0
    with urllib.request.urlopen(url, timeout=CONNECT_TIMEOUT_SECONDS) as answer, target.open("wb") as file:
        total = int(answer.headers.get("Content-Length", 0))
        while chunk := answer.read(CHUNK_BYTES):
            if stop.is_set():
                raise ReleaseUnavailableError("interrupted")
            file.write(chunk)
            digest.update(chunk)
            received += len(chunk)
            step.at("downloading the release, MiB", received >> 20, total >> 20)
    return digest.hexdigest()


def _unpack(archive: Path, target: Path) -> None:
    """Unpacks only the programs that a Python project needs."""
    target.mkdir()
    with tarfile.open(archive) as release:
        for program in recipe.PROGRAMS:
            try:
                source = release.extractfile(f"pulumi/{program}")
            except KeyError:
                source = None
            if source is None:
                raise ReleaseUnavailableError(f"{archive.name} holds no {program}")
            with source, (target / program).open("wb") as file:
                shutil.copyfileobj(source, file)
            (target / program).chmod(0o755)
