"""The HTTP server on which the process of a variant takes invocations from the emulator."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from plinth_sandbox.executors.hosting.asynchronous import answer_later
from plinth_sandbox.executors.hosting.variant import MICROSECONDS, STATUS, Variant

TOKEN = "X-Sandbox-Token"
"""Header with the secret of the emulator. Other users of the machine reach the port."""
ASYNCHRONOUS = "/asynchronous"
"""Path of requests that name their input and output in S3."""


class Server(ThreadingHTTPServer):
    """Serves one variant on a free port of this machine."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, variant: Variant, token: str) -> None:
        self.variant, self.token = variant, token
        super().__init__(("127.0.0.1", 0), _Request)

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Request(BaseHTTPRequestHandler):
    wbufsize = -1
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not hmac.compare_digest(self.headers.get(TOKEN, ""), self.server.token):
            self.send_error(403)
            return
        if self.path == ASYNCHRONOUS:
            status, microseconds = answer_later(self.server.variant, json.loads(body))
            self._answer({STATUS: str(status), MICROSECONDS: str(microseconds)}, b"")
            return
        given = {name.lower(): value for name, value in self.headers.items()}
        self._answer(*self.server.variant.answered(given, body))

    def _answer(self, headers: Mapping[str, str], content: bytes) -> None:
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *values: object) -> None:
        """Logs nothing: invocations are metrics."""
