"""Builds the engine from source on machines that cannot download the vendor's release but can download Go modules."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path

from plinth_sandbox.engine import recipe
from plinth_sandbox.engine.command import KnownFailure, answer, run
from plinth_sandbox.engine.errors import SetUpError
from plinth_sandbox.progress import Step

COMMAND_LINE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
LANGUAGE_HOST = "./pulumi-language-python"
SDK = "github.com/pulumi/pulumi/sdk/v3"
SDK_SCRIPTS = (
    "python/cmd/pulumi-language-python-exec",
    "python/dist/pulumi-analyzer-policy-python",
    "python/dist/pulumi-resource-pulumi-python",
)
OLDEST_GO_MINOR = 21
"""Oldest usable Go. Since Go 1.21, the go command downloads the newer toolchain that a go.mod requires."""
STANDARD_LIBRARY = (
    "archive/tar", "archive/zip", "encoding/gob", "encoding/xml", "html/template", "log/slog", "net/http/pprof",
)  # fmt: skip
"""Packages of Go's library which between them import nearly all that the engine needs of it."""
PARALLEL_DOWNLOADS = 16
"""Modules that are fetched at a time. Go fetches as many as there are processors, but fetching is waiting."""
SPACE_NEEDED_GIB = 4
"""Free disk space that a build needs. Sources, compiled packages and programs took 3 GiB."""

FAILURES = (
    KnownFailure(
        r"SECURITY ERROR|checksum mismatch",
        "a module differs from the one this project pinned",
        "do not use that proxy; run `go clean -modcache` and build with GOPROXY=https://proxy.golang.org",
    ),
    KnownFailure(
        r"requires go >= [\d.]+[^\n]*",
        "this Go is too old for the engine",
        "install a newer Go, or unset GOTOOLCHAIN so that Go fetches one",
    ),
    KnownFailure(
        r"(https?://\S+: )?\b(403 Forbidden|404 Not Found|410 Gone|407 Proxy\S*|50\d [A-Z]\w+)",
        "the Go module proxy refused a module",
        "name a proxy that serves it (`go env -w GOPROXY=…`), or install Pulumi: https://www.pulumi.com/docs/install",
    ),
    KnownFailure(
        r"dial tcp[^\n]*|no such host|proxyconnect[^\n]*|module lookup disabled|TLS handshake timeout",
        "the Go module proxy cannot be reached",
        "check the network and `go env GOPROXY`; then run the same command again: it continues where it stopped",
    ),
)


async def build(step: Step, workshop: Path, lock: int) -> None:
    """Builds the programs into ``workshop / "bin"``. Go's cache keeps the results of an interrupted build.

    Raises: SetUpError if Go is missing or too old, the disk is full, or a module cannot be downloaded.
    """
    go, version = _go()
    _check_space()
    proxy = await _ask(go, "env", "GOPROXY")
    step.say(f"building it with {version} ({go}), modules from {proxy}; this is done once per machine")
    log = recipe.cache_directory() / "build.log"
    async with _alongside(_compile_standard_library(go, log.with_name("standard-library.log"), lock)):
        await _fetch_sources(step, go, log, lock)
    await _compile(step, go, workshop, log, lock)
    sources = Path(await _ask(go, "list", "-m", "-f", "{{.Dir}}", SDK))
    for script in SDK_SCRIPTS:
        target = workshop / "bin" / Path(script).name
        shutil.copyfile(sources / script, target)
        target.chmod(0o755)


async def _fetch_sources(step: Step, go: str, log: Path, lock: int) -> None:
    missing = _missing_modules(Path(await _ask(go, "env", "GOMODCACHE")) / "cache" / "download")
    total = len(missing)

    def look() -> None:
        missing[:] = [archive for archive in missing if not archive.exists()]
        step.at("fetching modules", total - len(missing), total)

    await run(
        [go, "mod", "download"],
        log=log, lock=lock, look=look, failures=FAILURES, directory=recipe.MODULE,
        environment={**_environment(), "GOMAXPROCS": str(PARALLEL_DOWNLOADS)},
    )  # fmt: skip


async def _compile_standard_library(go: str, log: Path, lock: int) -> None:
    """Compiles the part of Go's library that the engine needs. It is there before any module is."""
    await run(
        [go, "build", *STANDARD_LIBRARY],
        log=log, lock=lock, failures=FAILURES, directory=recipe.MODULE, environment=_environment(),
    )  # fmt: skip


@asynccontextmanager
async def _alongside(work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Does ``work`` while the body runs, and waits for it at the end. If the body fails, the work is stopped."""
    task = asyncio.create_task(work)
    try:
        yield
        await task
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _compile(step: Step, go: str, workshop: Path, log: Path, lock: int) -> None:
    step.at("determining what to compile")
    stale = await _ask(go, "list", "-deps", "-f", "{{if .Stale}}{{.ImportPath}}{{end}}", COMMAND_LINE, LANGUAGE_HOST)
    total = len(stale.split())

    def look() -> None:
        step.at("compiling packages", min(log.read_bytes().count(b"\n"), total), total)

    flags = f"-s -w -X {SDK}/go/common/version.Version={recipe.VERSION}"
    programs = workshop / "bin"
    programs.mkdir()
    await run(
        [go, "build", "-v", "-ldflags", flags, "-o", f"{programs}{os.sep}", COMMAND_LINE, LANGUAGE_HOST],
        log=log, lock=lock, look=look, failures=FAILURES, directory=recipe.MODULE, environment=_environment(),
    )  # fmt: skip


def _go() -> tuple[str, str]:
    go = shutil.which("go")
    if go is None:
        raise SetUpError(
            "neither Pulumi nor Go is installed, and Pulumi's release cannot be downloaded here",
            fix="install Go 1.21 or newer (https://go.dev/dl or the system's packages), or Pulumi 3.220 or newer",
        )
    # Ask in a directory without a go.mod, so that Go does not download a newer toolchain to answer.
    said = subprocess.run([go, "version"], cwd=Path(go).parent, capture_output=True, text=True, check=False).stdout
    found = re.search(r"go1\.(\d+)\S*", said)
    if found is None or int(found[1]) < OLDEST_GO_MINOR:
        raise SetUpError(
            f"{go} is too old to build the engine: {said.strip() or 'it reports no version'}",
            fix=f"install Go 1.{OLDEST_GO_MINOR} or newer (https://go.dev/dl)",
        )
    return go, found[0]


def _check_space() -> None:
    directory = recipe.cache_directory()
    directory.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(directory).free >> 30
    if free < SPACE_NEEDED_GIB:
        raise SetUpError(
            f"{directory} has {free} GiB free; building the engine needs {SPACE_NEEDED_GIB}",
            fix="free some space, or set XDG_CACHE_HOME (and GOCACHE, GOMODCACHE) to a larger disk",
        )


def _missing_modules(downloads: Path) -> list[Path]:
    """Returns the archives of the modules in go.mod that Go's cache lacks, under the cache's own file names."""
    required = (recipe.MODULE / "go.mod").read_text()
    replaced = re.findall(r"^replace (\S+) ", required, re.MULTILINE)
    pairs = re.findall(r"^\s+(\S+) (v\S+)", required, re.MULTILINE)
    archives = [
        downloads / _escaped(module) / "@v" / f"{_escaped(version)}.zip"
        for module, version in pairs
        if module not in replaced
    ]
    return [archive for archive in archives if not archive.exists()]


def _escaped(text: str) -> str:
    """Escapes capitals as Go does in file names (``A`` becomes ``!a``), for file systems that ignore case."""
    return re.sub("[A-Z]", lambda letter: f"!{letter[0].lower()}", text)


async def _ask(go: str, *arguments: str) -> str:
    return await answer([go, *arguments], failures=FAILURES, directory=recipe.MODULE, environment=_environment())


def _environment() -> dict[str, str]:
    """Returns the user's environment, with its proxy and cache settings, without variables that would change the
    build.

    A compiler runs for a second or so. Collecting garbage only from 2 GiB on saves it a third of its processor time.
    """
    return {
        "GOGC": "off",
        "GOMEMLIMIT": "2GiB",
        **os.environ,
        "GOFLAGS": "-mod=readonly -trimpath -buildvcs=false",
        "GOWORK": "off",
        "CGO_ENABLED": "0",
    }
