"""Builds programs from a Go module whose go.sum pins every source by digest, with progress and known remedies."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from plinth_sandbox.engine.command import KnownFailure, answer, background, run
from plinth_sandbox.engine.errors import SetUpError
from plinth_sandbox.progress import Step

OLDEST_GO_MINOR = 21
"""Oldest usable Go. Since Go 1.21, the go command downloads the newer toolchain that a go.mod requires."""
STANDARD_LIBRARY = (
    "archive/tar", "archive/zip", "encoding/gob", "encoding/xml", "html/template", "log/slog", "net/http/pprof",
)  # fmt: skip
"""Packages of Go's library which between them import nearly all that a large program needs of it."""
PARALLEL_DOWNLOADS = 16
"""Modules that are fetched at a time. Go fetches as many as there are processors, but fetching is waiting."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GoProgram:
    """Programs that one module contains, and the words in which errors speak of them."""

    subject: str
    """Name of the programs in errors, as in "this Go is too old for the engine"."""
    module: Path
    """Folder with go.mod and go.sum."""
    packages: tuple[str, ...]
    """Main packages, in Go's terms."""
    linker_flags: str
    cache: Path
    """Directory of the finished programs on this machine, which also holds the logs of builds."""
    space_needed_gib: int
    """Free disk space that sources, compiled packages and programs need."""
    without_go: str
    """Error message on a machine without Go."""
    alternative: str = ""
    """How to do without a build, if that is possible."""

    def digest(self, *more: str) -> str:
        """Returns a hash of all inputs of the build and of ``more``."""
        digest = hashlib.sha256(" ".join(more).encode())
        for source in sorted(path for path in self.module.rglob("*") if path.is_file()):
            digest.update(source.relative_to(self.module).as_posix().encode() + b"\0" + source.read_bytes())
        return digest.hexdigest()[:12]

    @property
    def failures(self) -> tuple[KnownFailure, ...]:
        """Messages of Go that have a known remedy."""
        otherwise = f", or {self.alternative}" if self.alternative else ""
        return (
            KnownFailure(
                r"SECURITY ERROR|checksum mismatch",
                "a module differs from the one this project pinned",
                "do not use that proxy; run `go clean -modcache` and build with GOPROXY=https://proxy.golang.org",
            ),
            KnownFailure(
                r"requires go >= [\d.]+[^\n]*",
                f"this Go is too old for {self.subject}",
                "install a newer Go, or unset GOTOOLCHAIN so that Go fetches one",
            ),
            KnownFailure(
                r"(https?://\S+: )?\b(403 Forbidden|404 Not Found|410 Gone|407 Proxy\S*|50\d [A-Z]\w+)",
                "the Go module proxy refused a module",
                f"name a proxy that serves it (`go env -w GOPROXY=…`){otherwise}",
            ),
            KnownFailure(
                r"dial tcp[^\n]*|no such host|proxyconnect[^\n]*|module lookup disabled|TLS handshake timeout",
                "the Go module proxy cannot be reached",
                "check the network and `go env GOPROXY`; then run the same command again: it continues where it "
                "stopped",
            ),
        )


async def build(program: GoProgram, step: Step, workshop: Path, lock: int) -> str:
    """Builds the programs into ``workshop / "bin"`` and returns Go's path. Go's cache keeps the results of an
    interrupted build.

    Raises: SetUpError if Go is missing or too old, the disk is full, or a module cannot be downloaded.
    """
    go, version = _go(program)
    _check_space(program)
    proxy = await ask(program, go, "env", "GOPROXY")
    step.say(f"building it with {version} ({go}), modules from {proxy}; this is done once per machine")
    log = program.cache / "build.log"
    async with _standard_library(program, go, log.with_name("standard-library.log"), lock):
        await _fetch_sources(program, step, go, log, lock)
    await _compile(program, step, go, workshop, log, lock)
    return go


async def ask(program: GoProgram, go: str, *arguments: str) -> str:
    """Returns the output of a short go command in the module."""
    return await answer(
        [go, *arguments], failures=program.failures, directory=program.module, environment=_environment()
    )


async def _fetch_sources(program: GoProgram, step: Step, go: str, log: Path, lock: int) -> None:
    missing = _missing_modules(program.module, Path(await ask(program, go, "env", "GOMODCACHE")) / "cache" / "download")
    total = len(missing)

    def look() -> None:
        missing[:] = [archive for archive in missing if not archive.exists()]
        step.at("fetching modules", total - len(missing), total)

    await run(
        [go, "mod", "download"],
        log=log, lock=lock, look=look, failures=program.failures, directory=program.module,
        environment={**_environment(), "GOMAXPROCS": str(PARALLEL_DOWNLOADS)},
    )  # fmt: skip


@asynccontextmanager
async def _standard_library(program: GoProgram, go: str, log: Path, lock: int) -> AsyncIterator[None]:
    """Compiles a part of Go's library while modules are fetched. It is there before any module is."""
    compiling = run(
        [go, "build", *STANDARD_LIBRARY],
        log=log, lock=lock, failures=program.failures, directory=program.module, environment=_environment(),
    )  # fmt: skip
    async with background(compiling):
        yield


async def _compile(program: GoProgram, step: Step, go: str, workshop: Path, log: Path, lock: int) -> None:
    step.at("determining what to compile")
    stale = await ask(program, go, "list", "-deps", "-f", "{{if .Stale}}{{.ImportPath}}{{end}}", *program.packages)
    total = len(stale.split())

    def look() -> None:
        step.at("compiling packages", min(log.read_bytes().count(b"\n"), total), total)

    programs = workshop / "bin"
    programs.mkdir()
    await run(
        [go, "build", "-v", "-ldflags", program.linker_flags, "-o", f"{programs}{os.sep}", *program.packages],
        log=log, lock=lock, look=look, failures=program.failures, directory=program.module,
        environment=_environment(),
    )  # fmt: skip


def _go(program: GoProgram) -> tuple[str, str]:
    go = shutil.which("go")
    if go is None:
        otherwise = f", or {program.alternative}" if program.alternative else ""
        raise SetUpError(
            program.without_go,
            fix=f"install Go 1.{OLDEST_GO_MINOR} or newer (https://go.dev/dl or the system's packages){otherwise}",
        )
    # Ask in a directory without a go.mod, so that Go does not download a newer toolchain to answer.
    said = subprocess.run([go, "version"], cwd=Path(go).parent, capture_output=True, text=True, check=False).stdout
    found = re.search(r"go1\.(\d+)\S*", said)
    if found is None or int(found[1]) < OLDEST_GO_MINOR:
        raise SetUpError(
            f"{go} is too old to build {program.subject}: {said.strip() or 'it reports no version'}",
            fix=f"install Go 1.{OLDEST_GO_MINOR} or newer (https://go.dev/dl)",
        )
    return go, found[0]


def _check_space(program: GoProgram) -> None:
    program.cache.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(program.cache).free >> 30
    if free < program.space_needed_gib:
        raise SetUpError(
            f"{program.cache} has {free} GiB free; building {program.subject} needs {program.space_needed_gib}",
            fix="free some space, or set XDG_CACHE_HOME (and GOCACHE, GOMODCACHE) to a larger disk",
        )


def _missing_modules(module: Path, downloads: Path) -> list[Path]:
    """Returns the archives of the modules in go.mod that Go's cache lacks, under the cache's own file names."""
    required = (module / "go.mod").read_text()
    replaced = re.findall(r"^(?:replace|\t)\s*(\S+) => ", required, re.MULTILINE)
    pairs = re.findall(r"^\s+(?:\S+ => )?(\S+) (v\S+)", required, re.MULTILINE)
    kept = {(name, version) for name, version in pairs if name not in replaced or f"=> {name} {version}" in required}
    archives = [downloads / _escaped(name) / "@v" / f"{_escaped(version)}.zip" for name, version in sorted(kept)]
    return [archive for archive in archives if not archive.exists()]


def _escaped(text: str) -> str:
    """Escapes capitals as Go does in file names (``A`` becomes ``!a``), for file systems that ignore case."""
    return re.sub("[A-Z]", lambda letter: f"!{letter[0].lower()}", text)


def _environment() -> dict[str, str]:
    """Returns the user's environment, with its proxy and cache settings, without variables that would change the
    build.

    A compiler runs for a second or so. Collecting garbage only from 2 GiB on saves it a third of its processor time,
    and leaving out the tables for debuggers, which the linker would drop, another tenth.
    """
    return {
        "GOGC": "off",
        "GOMEMLIMIT": "2GiB",
        **os.environ,
        "GOFLAGS": "-mod=readonly -trimpath -buildvcs=false -gcflags=all=-dwarf=false",
        "GOWORK": "off",
        "CGO_ENABLED": "0",
    }
