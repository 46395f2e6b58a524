"""The PostgreSQL server of one DB instance: its data, its process, its users."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from plinth_sandbox.emulator.services.rds.executor.programs import ADMINISTRATOR, OWNER, command, run_sql
from plinth_sandbox.executors.ports import LOOPBACK, ReservedPort, reserve

_PATIENCE_SECONDS = 300.0
_LOOK_SECONDS = 0.1
_ACCESS = f"""\
local all,replication all trust
host all all {LOOPBACK}/32 scram-sha-256
"""
"""The socket is in a folder that only the emulator enters. It takes there whom it verified itself."""
_USERS = """
select not exists (select from pg_roles where rolname = 'rds_iam') as fresh \\gset
\\if :fresh
create role rds_iam;
create role rds_superuser createdb createrole in role pg_monitor, pg_signal_backend;
create role :"master" login createdb createrole in role rds_superuser;
grant rds_iam to :"master" with admin true, inherit false, set false;
\\endif
alter role :"master" password :'password';
"""
_DATABASE = """
select not exists (select from pg_database where datname = :'database') as fresh \\gset
\\if :fresh
create database :"database" owner :"master";
\\endif
"""
_SIGNS_IN_WITH_IAM = """
select exists (
  select from pg_auth_members grants
  join pg_roles granted on granted.oid = grants.roleid join pg_roles users on users.oid = grants.member
  where granted.rolname = 'rds_iam' and users.rolname = :'user' and (grants.inherit_option or grants.set_option)
);
"""


class ServerError(Exception):
    """The server does not start."""


@dataclass(frozen=True, slots=True)
class Master:
    """The master user of a DB instance."""

    name: str
    password: str
    database: str | None
    """Database that RDS creates with the instance."""


class Server:
    """A server with its data in a folder, which it keeps when it ends."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self._folder, self._programs = folder, programs
        self._process: subprocess.Popen[bytes] | None = None
        self._reserved: ReservedPort | None = None
        self.socket_folder = Path()

    @property
    def port(self) -> int:
        """Port of the loopback interface, at which users enter with a password; 0 before the server starts."""
        return self._reserved.number if self._reserved is not None else 0

    def start(self, master: Master, origin: Path | None = None) -> None:
        """Starts the server, and creates its users and its database the first time.

        If ``origin`` is given, the first data are a copy of that folder. Raises ServerError.
        """
        # The path of a socket has at most 107 characters.
        self.socket_folder = Path(tempfile.mkdtemp(prefix="plinth-rds-"))
        data = self._folder / "data"
        try:
            if not (data / "PG_VERSION").exists():
                self._create(data, origin)
            (data / "pg_hba.conf").write_text(_ACCESS, encoding="utf-8")
            self._reserved = reserve()
            settings = ["-k", str(self.socket_folder), "-c", f"listen_addresses={LOOPBACK}", "-p", str(self.port)]
            self._own(self.socket_folder)
            with (self._folder / "log").open("ab") as log:
                # The sandbox survives kills of its processes, not of the machine.
                words = [*command(self._programs, "postgres"), "-D", str(data), *settings, "-F"]
                self._process = subprocess.Popen(words, stdout=log, stderr=log)
            self._await()
            self.set_master(master)
        except (OSError, subprocess.CalledProcessError) as error:
            self.stop()
            raise ServerError(f"{error}: {getattr(error, 'stderr', '') or ''}") from error

    def set_master(self, master: Master) -> None:
        """Sets the password of the master user."""
        self._sql(_USERS, master=master.name, password=master.password)
        if master.database:
            self._sql(_DATABASE, master=master.name, database=master.database)

    def signs_in_with_iam(self, user: str) -> bool:
        """Returns whether a user has the role that makes RDS ask IAM, and not a password."""
        return self._sql(_SIGNS_IN_WITH_IAM, user=user) == "t"

    def wait(self, ended: threading.Event) -> None:
        """Waits until the server ends by itself, or shall end."""
        assert self._process is not None
        while self._process.poll() is None and not ended.wait(_LOOK_SECONDS):
            pass

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait()
        if self._reserved is not None:
            self._reserved.release()
        shutil.rmtree(self.socket_folder, ignore_errors=True)

    def back_up(self, target: Path) -> None:
        """Copies the data of the running server into a new folder. Raises ServerError."""
        options = ["-h", str(self.socket_folder), "-p", str(self.port), "-U", ADMINISTRATOR, "-D", str(target)]
        words = [*command(self._programs, "pg_basebackup"), *options, "--checkpoint=fast", "--no-sync"]
        try:
            subprocess.run(words, check=True, capture_output=True, text=True)
        except subprocess.CalledProcessError as error:
            raise ServerError(f"PostgreSQL makes no backup: {error.stderr}") from error

    def give_up_data(self, target: Path) -> None:
        """Moves the data of a server that has ended."""
        (self._folder / "data").rename(target)

    def _create(self, data: Path, origin: Path | None) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._own(self._folder)
        if origin is not None:
            partial = self._folder / "partial"
            shutil.rmtree(partial, ignore_errors=True)
            # The owner stays, as PostgreSQL demands.
            subprocess.run(["cp", "-a", str(origin), str(partial)], check=True, capture_output=True, text=True)
            partial.rename(data)
            return
        options = ["--username", ADMINISTRATOR, "--auth", "trust", "--encoding", "UTF8", "--no-locale", "--no-sync"]
        subprocess.run([*command(self._programs, "initdb"), *options, "-D", str(data)], check=True, capture_output=True)

    def _own(self, folder: Path) -> None:
        if os.geteuid() == 0:
            shutil.chown(folder, OWNER)

    def _await(self) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                self._sql("select 1;")
                return
            except subprocess.CalledProcessError as error:
                assert self._process is not None
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise ServerError(f"PostgreSQL does not answer: {error.stderr}") from error
                time.sleep(_LOOK_SECONDS)

    def _sql(self, text: str, **variables: str) -> str:
        return run_sql(self._programs, self.socket_folder, self.port, text, **variables)
