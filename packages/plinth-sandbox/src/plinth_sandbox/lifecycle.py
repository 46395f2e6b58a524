"""Starts, stops, inspects and resets a sandbox. Every step is repeatable and recovers from a killed earlier one."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from plinth_sandbox import directory_users, engine, environment, plugin
from plinth_sandbox.emulator.charges import read_charges
from plinth_sandbox.emulator.credentials import management_keys, management_secret
from plinth_sandbox.emulator.process import (
    CHARGES_PATH,
    CLOCK_PATH,
    ISSUER_PATH,
    PROVIDER_PATH,
    STATUS_PATH,
    ServerRecord,
    last_record,
    running,
)
from plinth_sandbox.emulator.services.identity_center.executor.passwords import password_of
from plinth_sandbox.engine.errors import SetUpError
from plinth_sandbox.engine.image import image_with_engine
from plinth_sandbox.kubernetes import provision
from plinth_sandbox.kubernetes.node import programs
from plinth_sandbox.kubernetes.recipe import VERSION
from plinth_sandbox.layout import INSTALLATION, Layout
from plinth_sandbox.private import private_directory, private_file
from plinth_sandbox.progress import Progress, Step
from plinth_sandbox.states import place as states
from plinth_sandbox.states.stack_operations import locks_in_folder, running_operations

STOP_SECONDS = 10.0
LOOK_SECONDS = 0.05
SILENCE_SECONDS = 300.0
"""Time for which a starting server may log nothing."""

CANNOT_SHOW = (
    "permissions are judged only for pods, builds, jobs, queries, pipelines and endpoints: other calls are allowed",
    "everything is ready at once: waiting, throttling and eventual consistency do not occur",
    "nothing costs anything, and budgets never fire",
    "traffic does not flow through networks, endpoints and security groups",
    "operations that the status lists as stored are validated and kept, and have no further effect",
)
WITHOUT_NODES = "pods of Kubernetes do not run, because clusters have no nodes"
WITH_NODES = "pods of Kubernetes run on one node per cluster in Auto Mode; network policies are not enforced"

_PLACES: Mapping[states.Place, str] = {"folder": "a folder", "s3": "the emulated S3"}


@dataclass(frozen=True, slots=True)
class SandboxLifecycle:
    layout: Layout
    progress: Progress

    def up(
        self,
        provider: plugin.Provider | None = None,
        users: Sequence[str] = (),
        kubernetes: bool | None = None,
        nodes: bool | None = None,
        place: states.Place | None = None,
    ) -> ServerRecord:
        """Starts every part that is not running yet. Adds ``users`` to the directory of Identity Center: names, or
        names with a department as ``ana:fraud``.

        ``kubernetes`` says whether clusters of EKS get control planes, and ``nodes`` whether those in Auto Mode get a
        node, which needs a control plane. None keeps the last choice; at first, it is no. ``place`` says where Pulumi
        keeps the states of stacks; None keeps the last choice, at first a folder.

        Raises: SetUpError with the remedy. Only a new sandbox gets another place of states.
        """
        with self._alone():
            directory_users.remember(self.layout.users, users)
            if nodes and kubernetes is False:
                raise SetUpError("nodes need a control plane", fix="give either --nodes or --no-kubernetes")
            if nodes:
                # A choice that this machine does not allow is not kept.
                programs.provide(self.progress)
            if place is not None and place != states.place_of(self.layout) and self.layout.journal.exists():
                fix = f"plinth sandbox reset --states {place}, which forgets them and emulated AWS"
                raise SetUpError(f"Pulumi's states are in the other place, not in {_PLACES[place]}", fix=fix)
            self._keep_states_in(place)
            self._choose(self.layout.kubernetes_marker, nodes or kubernetes, "Kubernetes")
            self._choose(self.layout.nodes_marker, False if kubernetes is False else nodes, "nodes")
            return self._up(provider)

    def _choose(self, marker: Path, wanted: bool | None, what: str) -> None:
        if wanted is None or wanted == marker.exists():
            return
        if running(self.layout.aws):
            how = "without" if wanted else "with"
            raise SetUpError(f"the sandbox runs {how} {what}", fix="plinth sandbox down, then the same command again")
        marker.touch() if wanted else marker.unlink()

    def _keep_states_in(self, place: states.Place | None) -> None:
        if place == "s3":
            self.layout.states_marker.touch()
        elif place == "folder":
            self.layout.states_marker.unlink(missing_ok=True)

    def down(self) -> bool:
        """Stops the server and keeps its state. Returns False if no server was running."""
        with self._alone():
            return self._down()

    def reset(self, place: states.Place | None = None) -> ServerRecord:
        """Deletes the emulated AWS and the Pulumi state, both or neither, and starts again.

        ``place`` says where Pulumi keeps the states from then on. None keeps the last choice.

        Raises: SetUpError if a stack operation is running.
        """
        with self._alone():
            busy = running_operations(self._locks())
            if busy:
                named = ", ".join(f"{operation.stack} (process {operation.pid})" for operation in busy)
                raise SetUpError(
                    f"a stack operation is running: {named}", fix="wait for it or stop it, then reset again"
                )
            self._down()
            self.layout.reset_marker.touch()
            self._keep_states_in(place)
            return self._up(None)

    def _locks(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Returns the locks of the engine. Without a server, no operation runs on states in the bucket."""
        if states.place_of(self.layout) == "folder":
            return locks_in_folder(self.layout.stack_locks)
        record = running(self.layout.aws)
        keys = management_keys(self.layout.aws)
        return iter(()) if record is None else states.locks_in_bucket(record.url, keys, environment.REGION)

    def status(self) -> dict[str, Any]:
        """Returns the status of the sandbox. The other keys are complete only if ``running`` is true."""
        record = running(self.layout.aws)
        common = {"directory": str(self.layout.root), "running": record is not None}
        if record is None:
            return common
        return common | {
            "pid": record.pid,
            "port": record.port,
            "url": record.url,
            "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.started)),
            **self._ask(record, timeout_seconds=30),
            "cannot_show": [*CANNOT_SHOW, WITH_NODES if self.layout.nodes_marker.exists() else WITHOUT_NODES],
        }

    def clock(self, advance_seconds: float) -> dict[str, Any]:
        """Moves the clock of schedules and returns what fired. Raises: SetUpError if the sandbox is not up."""
        record = self._running_server()
        body = json.dumps({"advance_seconds": advance_seconds}).encode()
        return self._ask(record, timeout_seconds=600, path=CLOCK_PATH, body=body)

    def connect(self, connection: str, root: Path) -> None:
        """Completes a connection to a source provider, whose repositories are in ``root``.

        Raises: SetUpError if the sandbox is not up, or has no such connection.
        """
        record = self._running_server()
        body = json.dumps({"connection": connection, "root": str(root)}).encode()
        answer = self._ask(record, timeout_seconds=60, path=PROVIDER_PATH, body=body)
        if "refused" in answer:
            raise SetUpError(str(answer["refused"]), fix="aws codeconnections list-connections, in the tooling account")

    def register_issuer(self, issuer: str, key_set: Path) -> None:
        """Lets tokens of an issuer be verified with the keys in a file, a JSON Web Key Set.

        Raises: SetUpError if the sandbox is not up, or the file has no such keys.
        """
        record = self._running_server()
        try:
            keys = json.loads(key_set.read_text())["keys"]
            if not all(key["kty"] in ("RSA", "EC") and not key.get("d") for key in keys):
                raise ValueError(keys)
        except (KeyError, TypeError, ValueError) as error:
            raise SetUpError(
                f"{key_set} is no JSON Web Key Set of public RSA or EC keys",
                fix=f"download the one that {issuer}/.well-known/openid-configuration names as jwks_uri",
            ) from error
        body = json.dumps({"issuer": issuer, "keys": keys}).encode()
        self._ask(record, timeout_seconds=60, path=ISSUER_PATH, body=body)

    def password(self, user: str, groups: Sequence[str]) -> str:
        """Puts a user into groups of the directory, and returns the password.

        Raises: SetUpError if the sandbox is not up, or the directory lacks the user or a group.
        """
        url = self._running_server().url
        try:
            directory_users.join(user, groups, url, management_keys(self.layout.aws))
        except directory_users.UnknownMemberError as error:
            fix = "plinth sandbox up --user NAME adds a user; the stacks of the organization add groups"
            raise SetUpError(str(error), fix=fix) from error
        return password_of(user, self.layout.aws)

    def charge(self, file: Path) -> int:
        """Gives Cost Explorer the charges of a file, and returns their number.

        Raises: SetUpError if the sandbox is not up, or a line of the file is no charge.
        """
        record = self._running_server()
        charges = [asdict(charge) for charge in read_charges(file)]
        self._ask(record, timeout_seconds=60, path=CHARGES_PATH, body=json.dumps({"charges": charges}).encode())
        return len(charges)

    def with_engine(self, environment: Path) -> Path:
        """Returns a folder of programs for images with the Python environment and the Pulumi engine."""
        found = engine.provide(self.progress).binary_directory
        return image_with_engine(self.layout.programs, environment, found, self.layout.pulumi_home)

    def push(self, image: str) -> str:
        """Puts the environment that stands for an image into the emulated ECR, and returns its digest.

        Raises: SetUpError if the sandbox is not up, or the image cannot be pushed.
        """
        # boto3 is slow to import, and no other step needs it.
        from plinth_sandbox.executors.push import push

        return push(self.layout, image, self.environment())

    def environment(self, region: str = environment.REGION) -> dict[str, str]:
        """Returns the variables that connect a shell. Raises: SetUpError if the sandbox is not up."""
        url = self._running_server().url
        return environment.environment(self.layout, url, engine.provide(self.progress).binary_directory, region)

    def _running_server(self) -> ServerRecord:
        """Returns the record of the server. Raises: SetUpError if the sandbox is not up."""
        record = running(self.layout.aws)
        if record is not None:
            return record
        fix = "plinth sandbox up"
        if not self.layout.exists:
            fix += ", or name the directory of a running sandbox with --directory or PLINTH_SANDBOX_DIR"
        raise SetUpError(f"the sandbox in {self.layout.root} is not running", fix=fix)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self.layout.root.mkdir(parents=True, exist_ok=True)
        with self.layout.lock.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _up(self, provider: plugin.Provider | None) -> ServerRecord:
        self._finish_reset()
        for directory in (self.layout.aws, self.layout.pulumi_home, self.layout.state):
            private_directory(directory)
        found = engine.provide(self.progress)
        self.progress.say(f"Pulumi engine: {found.version}, {found.origin}")
        self.progress.say(f"Provider: {plugin.install(self.layout, provider, found.binary_directory)}")
        program = provision.provide(self.progress) if self.layout.kubernetes_marker.exists() else None
        with_nodes = self.layout.nodes_marker.exists()
        if with_nodes:
            programs.provide(self.progress)
        record = self._server(program, with_nodes=with_nodes)
        directory_users.create_missing(self.layout.users, record.url, management_keys(self.layout.aws))
        if states.place_of(self.layout) == "s3":
            states.create_bucket(record.url, management_keys(self.layout.aws), environment.REGION)
            self.progress.say(f"Pulumi state: bucket {states.BUCKET} of the emulated S3")
        self.progress.say(f"Emulated AWS: {record.url}, process {record.pid}, state in {self.layout.aws}")
        if program is not None:
            nodes = ", those in Auto Mode with a node" if with_nodes else ", without nodes"
            self.progress.say(f"Kubernetes: {VERSION}, for clusters of EKS{nodes}")
        return record

    def _server(self, program: Path | None, *, with_nodes: bool) -> ServerRecord:
        record = running(self.layout.aws)
        if record is not None and _listens(self.layout.server_log):
            if self._answers(record):
                return record
            record = None
        with self.progress.step("Emulated AWS") as step:
            # A live server may still be restoring its state if the command that started it was killed.
            process = None if record else self._start(program, with_nodes=with_nodes)
            said, since = "", time.monotonic()
            while not _listens(self.layout.server_log):
                if not running(self.layout.aws) and (process is None or process.poll() is not None):
                    why = _last_line(self.layout.server_log)
                    raise SetUpError(f"the emulated AWS did not start: {why}", fix=f"see {self.layout.server_log}")
                last = _last_line(self.layout.server_log)
                if last != said:
                    said, since = last, time.monotonic()
                elif time.monotonic() - since > SILENCE_SECONDS:
                    raise SetUpError(
                        f"the emulated AWS did not start: it logged nothing for {SILENCE_SECONDS:g} s after {said!r}",
                        fix=f"see {self.layout.server_log}; then plinth sandbox down, and up",
                    )
                _show(step, last)
                time.sleep(LOOK_SECONDS)
            record = running(self.layout.aws)
            assert record is not None, "the server listens"
            self._ask(record, timeout_seconds=STOP_SECONDS)
        return record

    def _answers(self, record: ServerRecord) -> bool:
        """Asks a server for its status. Returns False if it has ended: for a moment, a killed one holds its lock.

        Raises: SetUpError if it lives and does not answer.
        """
        try:
            self._ask(record, timeout_seconds=STOP_SECONDS)
        except SetUpError:
            until = time.monotonic() + STOP_SECONDS
            while running(self.layout.aws):
                if time.monotonic() > until:
                    raise
                time.sleep(LOOK_SECONDS)
            return False
        return True

    def _start(self, program: Path | None, *, with_nodes: bool) -> subprocess.Popen[bytes]:
        log, before = self.layout.server_log, last_record(self.layout.aws)
        if log.exists():
            log.replace(log.with_suffix(".previous.log"))
        # Prefer the port of the last run: shells and stack states may contain it.
        port = before.port if before else 0
        with private_file(log, "wb") as output:
            return subprocess.Popen(
                # -P keeps the user's current directory out of the server's import path.
                [
                    sys.executable,
                    "-P",
                    "-m",
                    "plinth_sandbox.emulator",
                    "--directory",
                    self.layout.aws,
                    "--port",
                    str(port),
                    "--plugin-host",
                    *([] if program is None else ["--kubernetes", str(program)]),
                    *(["--nodes"] if with_nodes else []),
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=_server_environment(),
                start_new_session=True,
            )

    def _down(self) -> bool:
        record = running(self.layout.aws)
        if record is None:
            return False
        os.kill(record.pid, signal.SIGTERM)
        until = time.monotonic() + STOP_SECONDS
        while running(self.layout.aws):
            if time.monotonic() > until:
                # The journal survives SIGKILL too.
                os.kill(record.pid, signal.SIGKILL)
            time.sleep(LOOK_SECONDS)
        return True

    def _ask(
        self, record: ServerRecord, timeout_seconds: float, path: str = STATUS_PATH, body: bytes | None = None
    ) -> dict[str, Any]:
        owner = {"Authorization": f"Bearer {management_secret(self.layout.aws)}"}
        request = urllib.request.Request(record.url + path, body, owner)
        try:
            # The emulator runs on this machine, so proxies from the environment do not apply.
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with opener.open(request, timeout=timeout_seconds) as answer:
                return dict(json.load(answer))
        except OSError as error:
            raise SetUpError(
                f"the emulated AWS at {record.url} does not answer: {error}", fix="plinth sandbox down, then up"
            ) from error

    def _finish_reset(self) -> None:
        """Completes a reset. The marker is removed last, so that a killed reset is completed and never leaves one state
        without the other."""
        if not self.layout.reset_marker.exists():
            return
        self._down()
        self.layout.journal.unlink(missing_ok=True)
        for folder in (self.layout.repositories, self.layout.clones, self.layout.image_parts):
            shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(self.layout.state, ignore_errors=True)
        self.layout.reset_marker.unlink()
        self.progress.say("Emulated AWS and Pulumi state: deleted")


def _server_environment() -> dict[str, str]:
    """Returns the environment without the sandbox variables of the shell, because moto would follow them."""
    paths = [INSTALLATION, *filter(None, [os.environ.get("PYTHONPATH")])]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MOTO_"))}
    return {**kept, "PYTHONPATH": os.pathsep.join(paths)}


def _listens(log: Path) -> bool:
    """Returns whether the server listens, according to its log. The log may have been deleted."""
    return not log.exists() or b"\nlistening on " in b"\n" + log.read_bytes()


def _show(step: Step, line: str) -> None:
    words = line.split()
    if line.startswith("restored "):
        step.at("restoring its calls", int(words[1]), int(words[3]))


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else ""
