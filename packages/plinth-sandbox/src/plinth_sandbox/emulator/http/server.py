"""Serves the emulator over HTTP/1.1, with one thread per connection and persistent connections.

A client that uses the server as its proxy reaches deployed APIs and package repositories by HTTPS under their own
names, what interface endpoints of its network lead to, and other hosts through the server. A server for closed networks
refuses other hosts.
"""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from plinth_sandbox.emulator.git.http import is_of_code
from plinth_sandbox.emulator.http.relay import relay
from plinth_sandbox.emulator.http.tls import Certificates
from plinth_sandbox.emulator.layers.hold import DiscardedError
from plinth_sandbox.emulator.message import Answer, Request
from plinth_sandbox.emulator.services.apigateway.executor.address import is_of_api
from plinth_sandbox.emulator.services.codeartifact.executor.address import is_of_packages
from plinth_sandbox.emulator.services.elbv2.executor.load_balancers import Listener, LoadBalancers, is_of_load_balancer

log = logging.getLogger(__name__)

_CONNECT_SECONDS = 10.0
_THIS_MACHINE = ("127.0.0.1", "localhost", None)
"""Hosts that a build reaches without a network."""


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Send head and body in one packet, without Nagle's algorithm. Otherwise each call takes 40 ms longer.
    wbufsize = -1
    disable_nagle_algorithm = True
    server: Server

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline:
            self.close_connection = True
            return
        if not self.parse_request():
            return
        if self.command == "CONNECT":
            self._connect()
            return
        if (host := urlsplit(self.path).hostname) not in _THIS_MACHINE and not self.server.relays:
            self._refuse(str(host))
            return
        request = Request(self.command, self.path, self._headers(), self._body())
        answer = self._answer(request)
        if answer is None:
            self.close_connection = True
            return
        self._send(answer)
        self.wfile.flush()

    def _connect(self) -> None:
        """Answers a client that asks the proxy for a connection."""
        host, _, port = self.path.rpartition(":")
        if is_of_api(host) or is_of_code(host) or is_of_packages(host):
            self._established()
            self._encrypt(host)
            return
        self.close_connection = True
        if (balancers := self.server.load_balancers) is not None:
            number = int(port) if port.isdigit() else 0
            if behind := balancers.behind(self.headers.get("Proxy-Authorization", ""), host, number):
                self._balance(balancers, balancers.listener_of(behind, number), f"{host}:{port}")
                return
            if self.server.relays and is_of_load_balancer(host):
                self._balance(balancers, balancers.listener(host, number), f"{host}:{port}")
                return
        if not self.server.relays and host not in _THIS_MACHINE:
            self._refuse(host)
            return
        try:
            other = socket.create_connection((host, int(port)), timeout=_CONNECT_SECONDS)
        except (OSError, ValueError) as error:
            self._send(Answer(502, {}, str(error).encode()))
            return
        with other:
            other.settimeout(None)
            self._established()
            relay(self.connection, other)

    def _balance(self, load_balancers: LoadBalancers, listener: Listener | None, place: str) -> None:
        """Connects the client to a target of a load balancer, whose listener terminates TLS."""
        if listener is None:
            self._send(Answer(502, {}, f"no load balancer listens at {place}\n".encode()))
            return
        self._established()
        if listener.context is not None:
            self.connection = listener.context.wrap_socket(self.connection, server_side=True)
        try:
            target = load_balancers.connect(listener)
        except OSError as error:
            log.info("%s has no target that answers: %s", place, error)
            return
        with target:
            target.settimeout(None)
            relay(self.connection, target)

    def _refuse(self, host: str) -> None:
        """Refuses a host that a closed network does not reach. At AWS, the connection would time out."""
        self.close_connection = True
        text = (
            f"No route of this network leads to {host}. The sandbox ends the request at once; at AWS, it times out.\n"
        )
        self._send(Answer(403, {"Content-Type": "text/plain"}, text.encode()))
        self.wfile.flush()

    def _established(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.wfile.flush()

    def _encrypt(self, host: str) -> None:
        """Continues the connection with TLS. The wrapped socket replaces the one that socketserver closes."""
        self.close_connection = False
        context = self.server.certificates.context(host)
        self.connection = context.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb", self.rbufsize)
        self.wfile = self.connection.makefile("wb", self.wbufsize)

    def finish(self) -> None:
        super().finish()
        self.connection.close()

    def _answer(self, request: Request) -> Answer | None:
        try:
            return self.server.answer(request)
        except DiscardedError:
            return None
        except Exception as error:
            # Not an HTTP 500, because clients would retry it in vain.
            log.exception("%s %s failed", request.method, request.path)
            return Answer.of_json(400, {"__type": "SandboxFault", "message": f"{type(error).__name__}: {error}"})

    def handle_expect_100(self) -> bool:
        answered = super().handle_expect_100()
        self.wfile.flush()
        return answered

    def _headers(self) -> dict[str, str]:
        headers: dict[str, str] = {}
        for name, value in self.headers.items():
            headers[name] = f"{headers[name]},{value}" if name in headers else value
        return headers

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return self._chunks()
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _chunks(self) -> bytes:
        body = bytearray()
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            continue
        return bytes(body)

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            if name.lower() not in ("content-length", "connection", "date", "server"):
                self.send_header(name, value)
        length = answer.headers.get("content-length", answer.headers.get("Content-Length", "0"))
        self.send_header("Content-Length", length if self.command == "HEAD" else str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Returns the header ``Date``, which has the time of the sandbox as that of AWS has the time of AWS."""
        return super().date_time_string(self.server.now().timestamp() if timestamp is None else timestamp)

    def log_message(self, format: str, *values: object) -> None:
        log.debug(format, *values)


def _local_time() -> datetime:
    return datetime.now(UTC)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self,
        port: int,
        answer: Callable[[Request], Answer],
        certificates: Certificates,
        *,
        relays: bool = True,
        load_balancers: LoadBalancers | None = None,
        now: Callable[[], datetime] = _local_time,
    ) -> None:
        """``relays`` is whether clients reach other hosts through the server. Among them are the ``load_balancers`` by
        their own names; runs in a network reach them behind interface endpoints anyway. ``now`` is the clock."""
        self.answer, self.certificates, self.relays, self.now = answer, certificates, relays, now
        self.load_balancers = load_balancers
        super().__init__(("127.0.0.1", port), _Connection)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 (http.server's signature)
        # A client may close the connection in the middle of a request.
        log.debug("connection from %s failed", client_address, exc_info=True)


class ClosedServer(Server):
    """The server of clients in networks without a way to the internet."""

    def __init__(
        self,
        answer: Callable[[Request], Answer],
        certificates: Certificates,
        load_balancers: LoadBalancers,
        now: Callable[[], datetime],
    ) -> None:
        super().__init__(0, answer, certificates, relays=False, load_balancers=load_balancers, now=now)
        threading.Thread(target=self.serve_forever, name="closed", daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class EncryptedServer(Server):
    """A server of the emulator for clients that require TLS, such as API servers that call a webhook."""

    _NAME = "localhost"

    def __init__(self, answer: Callable[[Request], Answer], certificates: Certificates) -> None:
        super().__init__(0, answer, certificates)
        self._context = certificates.context(self._NAME)
        threading.Thread(target=self.serve_forever, name="encrypted", daemon=True).start()

    @property
    def url(self) -> str:
        return f"https://{self._NAME}:{self.port}"

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accepts a connection. The thread that serves it begins TLS with the first read."""
        accepted, address = super().get_request()
        encrypted = self._context.wrap_socket(accepted, server_side=True, do_handshake_on_connect=False)
        return encrypted, address
