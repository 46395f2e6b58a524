"""The PostgreSQL servers of a sandbox: one for each DB instance or DB cluster, from its creation to its deletion.

A replayed journal names the instances that exist at its end. Their servers start when the sandbox serves clients, with
the data that they had. That a server is ready reaches the emulator as a call, so the journal contains it.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from plinth_sandbox.emulator.authentication import Authentication
from plinth_sandbox.emulator.executors.outside import Outside
from plinth_sandbox.emulator.executors.task_runner import Outcome, request_of
from plinth_sandbox.emulator.http.tls import Certificates
from plinth_sandbox.emulator.services.rds.executor.front import Backend, Front
from plinth_sandbox.emulator.services.rds.executor.programs import find_programs
from plinth_sandbox.emulator.services.rds.executor.server import Master, Server, ServerError

log = logging.getLogger(__name__)

EXECUTOR = "rds"
"""Executor that hears whether a server is ready."""
FOLDER = "databases"
HOST = "127.0.0.1"
_PORT_FILE = "port"


def port_files(directory: Path) -> str:
    """Returns the pattern of the files with the ports of all servers. ``directory`` is that of the emulator."""
    return str(directory.absolute() / FOLDER / "*" / _PORT_FILE)


@dataclass(frozen=True, slots=True)
class Database:
    """The DB instance or DB cluster that a server runs for."""

    arn: str
    account: str
    region: str
    resource_id: str
    """Name of its folder, unique for each instance that ever had this ARN."""
    master: Master


@dataclass(frozen=True, slots=True)
class Rules:
    """What the emulator knows about the clients of an instance."""

    requires_tls: Callable[[], bool]
    """Whether the instance refuses connections without TLS."""
    is_allowed: Callable[[str, str], bool]
    """Whether a token, the second argument, lets a user in."""
    has_capacity: Callable[[], bool]
    """Whether there is an instance that answers. A cluster without one only has storage."""


@dataclass(slots=True)
class _Running:
    database: Database
    rules: Rules
    server: Server
    is_ready: bool = False
    thread: threading.Thread | None = None
    ended: threading.Event = field(default_factory=threading.Event)


class Databases:
    """The servers of a sandbox. Without the programs of PostgreSQL, DB instances answer nobody."""

    def __init__(self, outside: Outside, authentication: Authentication) -> None:
        self._outside, self.authentication = outside, authentication
        self._folder = outside.directory / FOLDER
        self._wanted: dict[str, _Running] = {}
        self._told: dict[str, int] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        outside.at_open(self._open)
        outside.at_close(self._close)

    @property
    def is_enabled(self) -> bool:
        return find_programs() is not None

    def want(self, database: Database, rules: Rules) -> None:
        """Starts the server of an instance, now or when the sandbox serves clients."""
        programs = find_programs()
        if programs is None:
            return
        running = _Running(database, rules, Server(self._folder / database.resource_id, programs))
        self._wanted[database.arn] = running
        if self._outside.is_open:
            self._start(running)

    def set_master(self, arn: str, master: Master) -> None:
        """Sets the password of the master user, now or when the server starts."""
        running = self._wanted.get(arn)
        if running is None:
            return
        database = running.database
        running.database = Database(database.arn, database.account, database.region, database.resource_id, master)
        if running.is_ready:
            running.server.set_master(master)

    def unwant(self, arn: str) -> None:
        """Ends the server of an instance and deletes its data."""
        running = self._wanted.pop(arn, None)
        self._told.pop(arn, None)
        if running is not None and self._outside.is_open:
            threading.Thread(target=self._delete, args=(running,), daemon=True).start()

    def settle(self, arn: str, port: int) -> None:
        """Records the endpoint that clients have been told."""
        self._told[arn] = port

    def _open(self) -> None:
        kept = {running.database.resource_id for running in self._wanted.values()}
        for folder in self._folder.glob("*"):
            if folder.name not in kept:
                shutil.rmtree(folder, ignore_errors=True)
        for running in list(self._wanted.values()):
            self._start(running)

    def _close(self) -> None:
        """Ends all servers. They start again with the sandbox."""
        for running in list(self._wanted.values()):
            self._end(running)

    def _start(self, running: _Running) -> None:
        name = f"database {running.database.arn.rpartition(':')[2]}"
        running.thread = threading.Thread(target=self._run, args=(running,), name=name, daemon=True)
        running.thread.start()

    def _run(self, running: _Running) -> None:
        """Runs the server of an instance until it is not wanted. PostgreSQL ends with the thread that started it."""
        while not running.ended.is_set():
            database = running.database
            try:
                running.server.start(database.master)
                front, port = asyncio.run_coroutine_threadsafe(self._listen(running), self._running_loop()).result()
            except (ServerError, OSError) as error:
                log.error("%s has no server: %s", database.arn, error)
                self._tell(database, "FAILED", str(error), 0)
                return
            self._tell(database, "SUCCEEDED", "", port)
            running.server.wait(running.ended)
            asyncio.run_coroutine_threadsafe(front.close(), self._running_loop()).result()
            running.server.stop()

    async def _listen(self, running: _Running) -> tuple[Front, int]:
        """Opens the front of a server, at the port that clients were told before. Returns it with the port."""
        rules, server = running.rules, running.server
        backend = Backend(
            socket=server.socket_folder / f".s.PGSQL.{server.port}",
            port=server.port,
            requires_tls=rules.requires_tls,
            signs_in_with_iam=server.signs_in_with_iam,
            is_allowed=rules.is_allowed,
            has_capacity=rules.has_capacity,
        )
        front = Front(backend, Certificates(self._outside.directory).context(HOST))
        file = self._folder / running.database.resource_id / _PORT_FILE
        port = await front.open(HOST, _port_in(file))
        file.write_text(str(port), encoding="utf-8")
        running.is_ready = True
        return front, port

    def _running_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            threading.Thread(target=self._loop.run_forever, name="databases", daemon=True).start()
        return self._loop

    def _tell(self, database: Database, state: str, message: str, port: int) -> None:
        if self._told.get(database.arn) == port:
            return
        left = {"address": HOST, "port": port, "resource_id": database.resource_id}
        outcome = Outcome(EXECUTOR, database.arn, database.account, database.region, state, message, 0, left)
        self._outside.report(request_of(outcome))

    def _end(self, running: _Running) -> None:
        running.ended.set()
        if running.thread is not None:
            running.thread.join()

    def _delete(self, running: _Running) -> None:
        self._end(running)
        shutil.rmtree(self._folder / running.database.resource_id, ignore_errors=True)


def _port_in(file: Path) -> int:
    return int(file.read_text(encoding="utf-8")) if file.exists() else 0
