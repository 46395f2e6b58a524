"""``python -m plinth_sandbox.executors.hosting.relay FD PORT COMMAND...``: runs a command in a network of its own.

The process runs in a network namespace without interfaces. Connections to an inherited socket of the outer network are
led to ``PORT`` inside. Nothing leads outward.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import struct
import subprocess
import sys
import threading

_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 0x1
_BLOCK = 65_536


def main() -> None:
    descriptor, port, *command = sys.argv[1:]
    _raise_loopback()
    listener = socket.socket(fileno=int(descriptor))
    os.set_inheritable(listener.fileno(), False)
    threading.Thread(target=_accept, args=(listener, int(port)), daemon=True).start()
    with subprocess.Popen(command) as process:
        signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    raise SystemExit(process.returncode)


def _raise_loopback() -> None:
    """Enables the loopback interface, which a new network namespace has and which is down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        request = struct.pack("16sH14x", b"lo", 0)
        _, flags = struct.unpack("16sH14x", fcntl.ioctl(asked, _SIOCGIFFLAGS, request))
        fcntl.ioctl(asked, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | _IFF_UP))


def _accept(listener: socket.socket, port: int) -> None:
    while True:
        outside, _ = listener.accept()
        threading.Thread(target=_join, args=(outside, port), daemon=True).start()


def _join(outside: socket.socket, port: int) -> None:
    with outside:
        try:
            inside = socket.create_connection(("127.0.0.1", port))
        except OSError:
            return
        with inside:
            back = threading.Thread(target=_copy, args=(inside, outside), daemon=True)
            back.start()
            _copy(outside, inside)
            back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while block := source.recv(_BLOCK):
            target.sendall(block)
        target.shutdown(socket.SHUT_WR)


if __name__ == "__main__":
    main()
