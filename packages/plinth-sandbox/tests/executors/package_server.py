"""A package index on this machine with two versions of one project, which stands for pypi.org."""

from __future__ import annotations

import base64
import threading
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from plinth_sandbox.testing import EmulatedAws

PACKAGE = "plinth_sample"
WHEEL = f"{PACKAGE}-1.0-py3-none-any.whl"
OLDER = f"{PACKAGE}-0.9-py3-none-any.whl"


@contextmanager
def serve_index(root: Path) -> Iterator[str]:
    """Serves an index, whose page of the project is that of a folder, and yields its URL."""
    for version in ("0.9", "1.0"):
        _write_wheel(root / PACKAGE.replace("_", "-"), version)

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments, directory=str(root))

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextmanager
def index_of_machine(root: Path) -> Iterator[None]:
    """Serves an index as that from which this machine installs, without a proxy."""
    with pytest.MonkeyPatch.context() as patch, serve_index(root) as url:
        patch.setenv("PIP_INDEX_URL", url)
        for name in ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy", "PIP_PROXY"):
            patch.delenv(name, raising=False)
        patch.setenv("NO_PROXY", "127.0.0.1")
        yield


def ask(aws: EmulatedAws, endpoint: str, path: str, token: str) -> tuple[int, str]:
    """Asks a repository of CodeArtifact at its endpoint, as a package manager does. Returns status and text."""
    address = urlsplit(endpoint)
    asked = urllib.request.Request(f"{aws.url}{address.path}simple/{path}")
    asked.add_header("Host", address.netloc)
    if token:
        asked.add_header("Authorization", f"Basic {base64.b64encode(f'aws:{token}'.encode()).decode()}")
    try:
        with urllib.request.urlopen(asked) as answer:
            return answer.status, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def _write_wheel(folder: Path, version: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    info = f"{PACKAGE}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{PACKAGE}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{PACKAGE}.py", "ANSWER = 42\n")
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {PACKAGE}\nVersion: {version}\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
