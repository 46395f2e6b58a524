"""The part of the Kubernetes API that leases use: versions of objects, and pods that come and go."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from selfservice.clusters.api import Answer

NAMESPACE = "plinth-stacks"


@dataclass
class LeaseApi:
    """Answers each request at once. ``before`` runs before each of them."""

    pods: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Uid and phase of each pod, by name."""
    leases: dict[str, dict[str, Any]] = field(default_factory=dict)
    before: Callable[[], None] = lambda: None
    _versions: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Answer:
        self.before()
        kind, _, name = path.partition(f"/namespaces/{NAMESPACE}/")[2].partition("/")
        if kind == "pods":
            if name not in self.pods:
                return Answer(404, {"message": "not found"})
            uid, phase = self.pods[name]
            return Answer(200, {"metadata": {"uid": uid}, "status": {"phase": phase}})
        if method == "POST":
            assert body is not None
            name = body["metadata"]["name"]
            return Answer(409, {"message": "exists"}) if name in self.leases else self._store(name, body, 201)
        if name not in self.leases:
            return Answer(404, {"message": "not found"})
        if method == "GET":
            return Answer(200, self.leases[name])
        assert body is not None
        if body["metadata"]["resourceVersion"] != self.leases[name]["metadata"]["resourceVersion"]:
            return Answer(409, {"message": "the object has been modified"})
        return self._store(name, body, 200)

    def _store(self, name: str, body: Mapping[str, Any], code: int) -> Answer:
        metadata = {**body["metadata"], "resourceVersion": str(next(self._versions))}
        self.leases[name] = {**body, "metadata": metadata}
        return Answer(code, self.leases[name])


@contextmanager
def served(api: LeaseApi) -> Iterator[tuple[str, list[str]]]:
    """Serves the API over HTTP. Yields its address and the tokens of the requests so far."""
    tokens: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            tokens.append(self.headers["Authorization"])
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            answer = api.request(self.command, self.path, body)
            content = json.dumps(answer.body).encode()
            self.send_response(answer.code)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = answer  # noqa: N815 - names of http.server

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", tokens
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
