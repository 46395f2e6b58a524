"""A folder of programs that stands for a container image with the Pulumi engine and a provider plugin."""

from __future__ import annotations

import shlex
from pathlib import Path

_PYTHON = ("python", "python3")


def image_with_engine(folder: Path, environment: Path, engine: Path, pulumi_home: Path) -> Path:
    """Writes programs that run Python of ``environment`` and the engine in ``engine``, and returns ``folder``.

    The state may be in the emulated S3. The engine reads its address from the URL of the backend alone, so the program
    completes the URL, as AWS needs no address at all.
    """
    programs = folder / "bin"
    programs.mkdir(parents=True, exist_ok=True)
    for name in _PYTHON:
        _write(programs / name, f'exec {shlex.quote(str(environment / "bin" / name))} "$@"')
    lines = [
        f"export PULUMI_HOME={shlex.quote(str(pulumi_home))} PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true",
        f'export PATH="$PATH:{engine}"',
        'address="endpoint=${AWS_ENDPOINT_URL#http://}&disableSSL=true&s3ForcePathStyle=true"',
        'case "$PULUMI_BACKEND_URL" in',
        '  s3://*\\?*) export PULUMI_BACKEND_URL="$PULUMI_BACKEND_URL&$address" ;;',
        '  s3://*) export PULUMI_BACKEND_URL="$PULUMI_BACKEND_URL?$address" ;;',
        "esac",
        f'exec {shlex.quote(str(engine / "pulumi"))} "$@"',
    ]
    _write(programs / "pulumi", "\n".join(lines))
    return folder


def _write(program: Path, text: str) -> None:
    program.write_text(f"#!/bin/sh\n{text}\n")
    program.chmod(0o755)
