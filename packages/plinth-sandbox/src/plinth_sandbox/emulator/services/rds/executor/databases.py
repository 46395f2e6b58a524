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
from dataclasses import dataclass, field, replace
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
FOLDER, SNAPSHOT_FOLDER = "databases", "database-snapshots"
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
    origin: str = ""
    """Folder of the snapshot from which the instance was restored; empty for a new one."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A DB snapshot, whose data are kept until somebody deletes it."""

    arn: str
    account: str
    region: str
    folder: str
    """Name of its folder, unique for each snapshot that exists."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules for the clients of an instance, as callbacks to the emulator."""

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
        self._folder, self._snapshots = outside.directory / FOLDER, outside.directory / SNAPSHOT_FOLDER
        self._kept: dict[str, Snapshot] = {}
        self._copying: set[str] = set()
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
        running.database = replace(database, master=master)
        if running.is_ready:
            running.server.set_master(master)

    def unwant(self, arn: str, final: Snapshot | None = None) -> None:
        """Ends the server of an instance and deletes its data, unless a last snapshot keeps them."""
        running = self._wanted.pop(arn, None)
        self._told.pop(arn, None)
        if final is not None:
            self._expect(final)
        if running is not None and self._outside.is_open:
            threading.Thread(target=self._delete, args=(running, final), daemon=True).start()

    def keep(self, arn: str, snapshot: Snapshot) -> None:
        """Copies the data of a running instance into a snapshot."""
        self._expect(snapshot)
        running = self._wanted.get(arn)
        if running is not None and self._outside.is_open:
            threading.Thread(target=self._copy, args=(running, snapshot), daemon=True).start()

    def forget(self, arn: str) -> None:
        """Deletes the data of a snapshot."""
        snapshot = self._kept.pop(arn, None)
        if snapshot is not None and self._outside.is_open:
            shutil.rmtree(self._snapshots / snapshot.folder, ignore_errors=True)

    def settle_snapshot(self, arn: str) -> None:
        """Records that clients have been told whether the data of a snapshot are complete."""
        self._copying.discard(arn)

    def _expect(self, snapshot: Snapshot) -> None:
        self._kept[snapshot.arn] = snapshot
        self._copying.add(snapshot.arn)

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
        known = {snapshot.folder for snapshot in self._kept.values()}
        for folder in self._snapshots.glob("*"):
            if folder.name not in known:
                shutil.rmtree(folder, ignore_errors=True)
        for arn in list(self._copying):  # the sandbox was killed meanwhile
            self._tell_snapshot(self._kept[arn])

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
                running.server.start(database.master, self._snapshots / database.origin if database.origin else None)
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

    def _copy(self, running: _Running, snapshot: Snapshot) -> None:
        """Copies the data of a server. A copy gets its name when it is complete."""
        try:
            partial = self._partial(snapshot)
            running.server.back_up(partial)
            partial.rename(self._snapshots / snapshot.folder)
        except (ServerError, OSError) as error:
            log.error("%s has no data: %s", snapshot.arn, error)
        self._tell_snapshot(snapshot)

    def _partial(self, snapshot: Snapshot) -> Path:
        self._snapshots.mkdir(parents=True, exist_ok=True)
        partial = self._snapshots / f"{snapshot.folder}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        return partial

    def _tell_snapshot(self, snapshot: Snapshot) -> None:
        is_complete = (self._snapshots / snapshot.folder).is_dir()
        state, left = "SUCCEEDED" if is_complete else "FAILED", {"snapshot": snapshot.folder}
        outcome = Outcome(EXECUTOR, snapshot.arn, snapshot.account, snapshot.region, state, "", 0, left)
        self._outside.report(request_of(outcome))

    def _delete(self, running: _Running, final: Snapshot | None) -> None:
        self._end(running)
        if final is not None:
            self._partial(final)
            running.server.give_up_data(self._snapshots / final.folder)
            self._tell_snapshot(final)
        shutil.rmtree(self._folder / running.database.resource_id, ignore_errors=True)


def _port_in(file: Path) -> int:
    return int(file.read_text(encoding="utf-8")) if file.exists() else 0
