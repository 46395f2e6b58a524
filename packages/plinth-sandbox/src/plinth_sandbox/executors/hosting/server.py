"""The HTTP server on which the process of a variant takes invocations from the emulator."""

from __future__ import annotations

import hmac
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from plinth_sandbox.executors.hosting.variant import Variant

TOKEN = "X-Sandbox-Token"
"""Header with the secret of the emulator. Other users of the machine reach the port."""


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
        given = {name.lower(): value for name, value in self.headers.items()}
        headers, content = self.server.variant.answered(given, body)
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *values: object) -> None:
        """Logs nothing: invocations are metrics."""
