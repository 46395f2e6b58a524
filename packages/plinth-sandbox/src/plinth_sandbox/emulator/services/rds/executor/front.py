"""Proxy between clients and a DB instance: TLS, and an IAM token instead of a password for users with ``rds_iam``.

The protocol is that of PostgreSQL, 3.0 (PostgreSQL documentation, "Message Formats"). After a user is verified, both
directions are copied unchanged.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger(__name__)

_CANCEL, _TLS, _GSS = 80877102, 80877103, 80877104
"""Codes of the first message that ask for something else than a session."""
_LONGEST_STARTUP, _LONGEST_PASSWORD, _CHUNK = 10_000, 65_535, 65_536
_REFUSED = "28000"
"""SQLSTATE invalid_authorization_specification."""


@dataclass(frozen=True, slots=True)
class Backend:
    """The server behind the front."""

    socket: Path
    """Socket at which the server trusts whoever connects."""
    port: int
    """Port of the loopback interface, at which the server asks for a password."""
    requires_tls: Callable[[], bool]
    signs_in_with_iam: Callable[[str], bool]
    """Whether a user signs in with a token."""
    is_allowed: Callable[[str, str], bool]
    """Whether a token, the second argument, lets a user in."""
    has_capacity: Callable[[], bool]
    """Whether an instance answers."""


class _EndedError(Exception):
    """The client left, or was refused."""


class Front:
    """Serves the clients of one DB instance."""

    def __init__(self, backend: Backend, context: ssl.SSLContext) -> None:
        self._backend, self._context = backend, context
        self._server: asyncio.Server | None = None

    async def open(self, host: str, port: int) -> int:
        """Listens, at any port if 0. Returns the port."""
        self._server = await asyncio.start_server(self._serve, host, port)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._session(reader, writer)
        except (_EndedError, asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass
        except Exception:
            log.exception("a session of a database failed")
        finally:
            with contextlib.suppress(ConnectionError, ssl.SSLError, RuntimeError):
                writer.close()

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._backend.has_capacity():
            raise _EndedError
        startup, is_encrypted = await self._startup(reader, writer)
        code = struct.unpack("!I", startup[4:8])[0]
        if code == _CANCEL:
            _, server = await asyncio.open_connection("127.0.0.1", self._backend.port)
            server.write(startup)
            await server.drain()
            server.close()
            return
        words = _parameters(startup)
        user, database = words.get("user", ""), words.get("database", words.get("user", ""))
        if not is_encrypted and self._backend.requires_tls():
            address = writer.get_extra_info("peername")[0]
            message = f'no pg_hba.conf entry for host "{address}", user "{user}", database "{database}", no encryption'
            await _refuse(writer, message)
        if await asyncio.to_thread(self._backend.signs_in_with_iam, user):
            await self._verify(reader, writer, user, is_encrypted=is_encrypted)
            server_reader, server = await asyncio.open_unix_connection(str(self._backend.socket))
        else:
            server_reader, server = await asyncio.open_connection("127.0.0.1", self._backend.port)
        server.write(startup)
        try:
            copies = [asyncio.create_task(_copy(*pair)) for pair in ((reader, server), (server_reader, writer))]
            _, pending = await asyncio.wait(copies, return_when=asyncio.FIRST_COMPLETED)
            for copy in pending:
                copy.cancel()
        finally:
            server.close()

    async def _startup(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[bytes, bool]:
        """Returns the client's startup message, and whether the connection is encrypted by then."""
        is_encrypted = False
        while True:
            head = await reader.readexactly(8)
            length, code = struct.unpack("!II", head)
            if not 8 <= length <= _LONGEST_STARTUP:
                raise _EndedError
            if code == _TLS and not is_encrypted:
                writer.write(b"S")
                await writer.drain()
                await writer.start_tls(self._context)
                is_encrypted = True
            elif code in (_TLS, _GSS):
                writer.write(b"N")
                await writer.drain()
            else:
                return head + await reader.readexactly(length - 8), is_encrypted

    async def _verify(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, user: str, *, is_encrypted: bool
    ) -> None:
        """Asks for a token, which RDS does by asking for a password in clear text, and only over TLS."""
        failure = f'PAM authentication failed for user "{user}"'
        if not is_encrypted:
            await _refuse(writer, failure)
        writer.write(struct.pack("!cII", b"R", 8, 3))
        await writer.drain()
        kind, length = struct.unpack("!cI", await reader.readexactly(5))
        if kind != b"p" or not 4 <= length <= _LONGEST_PASSWORD:
            raise _EndedError
        token = (await reader.readexactly(length - 4)).rstrip(b"\0").decode(errors="replace")
        if not await asyncio.to_thread(self._backend.is_allowed, user, token):
            await _refuse(writer, failure)


def _parameters(startup: bytes) -> dict[str, str]:
    parts = [part.decode(errors="replace") for part in startup[8:].split(b"\0")]
    return dict(zip(parts[::2], parts[1::2], strict=False))


async def _refuse(writer: asyncio.StreamWriter, message: str) -> None:
    """Sends an error and ends the session. Raises _EndedError."""
    fields = {"S": "FATAL", "V": "FATAL", "C": _REFUSED, "M": message}
    body = b"".join(f"{key}{value}".encode() + b"\0" for key, value in fields.items()) + b"\0"
    writer.write(struct.pack("!cI", b"E", len(body) + 4) + body)
    await writer.drain()
    raise _EndedError


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        while chunk := await reader.read(_CHUNK):
            writer.write(chunk)
            await writer.drain()
