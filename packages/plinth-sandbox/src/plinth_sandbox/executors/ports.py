"""Ports of this machine for programs that open them by themselves."""

from __future__ import annotations

import contextlib
import random
import socket
from collections.abc import Iterable
from dataclasses import dataclass

LOOPBACK = "127.0.0.1"
LASTING_PORTS = range(20_000, 30_000)
"""Range of ports, below the ephemeral ports of Linux (from 32768) and macOS (from 49152), so that a restarted server
finds its port free."""
PASSING_PORTS = range(30_000, 32_768)
"""Ports of servers that get another one whenever they start, apart from the lasting ones and the ephemeral ones."""


@dataclass(frozen=True, slots=True)
class ReservedPort:
    """A free TCP port that no other process reserves as long as this one holds it.

    Between the choice of a port and the moment in which a program opens it, another process may choose the same one,
    and its clients then reach the wrong server. So the UDP port with the same number is held meanwhile: the system
    gives it to one process only, and takes it back when that process ends.
    """

    number: int
    held: socket.socket

    def release(self) -> None:
        self.held.close()


def reserve(candidates: Iterable[int] = ()) -> ReservedPort:
    """Returns the first of the candidates that is free, by default a passing port. Raises OSError if none is."""
    for number in candidates or random.SystemRandom().sample(PASSING_PORTS, 100):
        held = socket.socket(type=socket.SOCK_DGRAM)
        try:
            held.bind((LOOPBACK, number))
        except OSError:
            held.close()
            continue
        if is_free(number):
            return ReservedPort(number, held)
        held.close()
    raise OSError("none of the ports asked for is free on this machine")


def is_free(number: int) -> bool:
    """Returns whether a program could listen on a TCP port. What it closed a moment ago counts as free."""
    with socket.socket() as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            candidate.bind((LOOPBACK, number))
            return True
    return False
