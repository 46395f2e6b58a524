"""``python -m plinth_sandbox.emulator --directory DIR [--port N]``: serves the emulated AWS until it receives a
signal."""

from __future__ import annotations

import contextlib
import logging
import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from plinth_sandbox.emulator.emulator import Emulator, Progress
from plinth_sandbox.emulator.executors.programs import program
from plinth_sandbox.emulator.http.server import ClosedServer, EncryptedServer, Server
from plinth_sandbox.emulator.http.tls import Certificates
from plinth_sandbox.emulator.layers.long_polling import with_long_polling
from plinth_sandbox.emulator.process import OccupiedError, announce, occupy
from plinth_sandbox.executors.ports import LASTING_PORTS

if TYPE_CHECKING:
    from plinth_sandbox.kubernetes.node.programs import NodePrograms


@click.command()
@click.option(
    "--directory", type=click.Path(file_okay=False, path_type=Path), required=True, help="Where the state is."
)
@click.option("--port", type=int, default=0, help="Preferred port. With 0, or if it is taken, a free port is used.")
@click.option("--plugin-host", is_flag=True, help="Start a process beside it that forks the engine's AWS plugins.")
@click.option(
    "--schedules",
    type=click.Choice(["automatic", "manual"]),
    default="automatic",
    envvar="PLINTH_SANDBOX_SCHEDULES",
    help="Whether schedules fire in time, or only when the clock is moved.",
)
@click.option(
    "--kubernetes",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Program of the Kubernetes control planes that clusters of EKS get.",
)
@click.option("--nodes", is_flag=True, help="Clusters in Auto Mode get a node, whose programs this machine has.")
def main(directory: Path, port: int, plugin_host: bool, schedules: str, kubernetes: Path | None, nodes: bool) -> None:
    """Serve the emulated AWS on this machine."""
    # The journal, logs and sockets contain secrets of the emulated accounts.
    os.umask(0o077)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        with occupy(directory), _plugin_host(directory) if plugin_host else contextlib.nullcontext():
            _serve(
                directory,
                port,
                kubernetes,
                _node_programs() if nodes else None,
                automatic_schedules=schedules == "automatic",
            )
    except OccupiedError as error:
        raise click.ClickException(str(error)) from error


@contextlib.contextmanager
def _plugin_host(directory: Path) -> Iterator[None]:
    """Runs the host of plugin processes, which ends when this process does, because its standard input ends then."""
    command = [*program("provider.host"), str(directory)]
    with subprocess.Popen(command, stdin=subprocess.PIPE):
        yield


def _node_programs() -> NodePrograms:
    from plinth_sandbox.kubernetes.node import programs

    if (found := programs.cached()) is None:
        raise click.ClickException("this machine does not have the programs of a node: plinth sandbox up --nodes")
    return found


def _serve(
    directory: Path,
    port: int,
    kubernetes: Path | None,
    node_programs: NodePrograms | None,
    *,
    automatic_schedules: bool,
) -> None:
    # Announce at once, so that no client mistakes this process for the one that served before. The port is settled
    # below.
    announce(directory, port)
    emulator = Emulator(directory, kubernetes, node_programs)
    certificates = Certificates(directory)
    certificates.write_bundle()
    server = _bind(port, emulator, certificates)
    announce(directory, server.port)
    emulator.restore(_show_progress())
    encrypted = EncryptedServer(emulator.answer, certificates) if kubernetes else None
    closed = ClosedServer(with_long_polling(emulator.answer), certificates, emulator.load_balancers, emulator.now)
    emulator.open(
        f"http://127.0.0.1:{server.port}",
        encrypted_url=encrypted.url if encrypted else "",
        closed_url=closed.url,
        automatic_schedules=automatic_schedules,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        # shutdown() waits for serve_forever, which the signal handler interrupts, so another thread must call it.
        signal.signal(number, lambda *_: threading.Thread(target=_shut_down, args=(emulator, server)).start())
    click.echo(f"listening on http://127.0.0.1:{server.port}")
    server.serve_forever()
    # Close the port before the directory's lock is released.
    server.server_close()
    emulator.close()


def _shut_down(emulator: Emulator, server: Server) -> None:
    emulator.end_endpoints()
    server.shutdown()


def _bind(port: int, emulator: Emulator, certificates: Certificates) -> Server:
    """Binds the requested port, so that addresses stored elsewhere stay valid, or a free port if it is taken."""
    for candidate in [*([port] if port else []), *random.SystemRandom().sample(LASTING_PORTS, 20)]:
        with contextlib.suppress(OSError):
            return _server(candidate, emulator, certificates)
    return _server(0, emulator, certificates)


def _server(port: int, emulator: Emulator, certificates: Certificates) -> Server:
    balancers = emulator.load_balancers
    answer = with_long_polling(emulator.answer)
    return Server(port, answer, certificates, load_balancers=balancers, now=emulator.now)


def _show_progress() -> Progress:
    started = shown = time.monotonic()

    def show(done: int, total: int) -> None:
        nonlocal shown
        now = time.monotonic()
        if done == total or now - shown > 1:
            shown = now
            click.echo(f"restored {done} of {total} calls in {now - started:.1f} s")

    return show


if __name__ == "__main__":
    main()
