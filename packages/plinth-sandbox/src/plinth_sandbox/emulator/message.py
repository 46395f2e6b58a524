"""HTTP requests and answers."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import unquote


@dataclass(frozen=True, slots=True)
class Request:
    """One complete HTTP request. ``target`` is the request line's path and query, still encoded."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        return self.target.split("?", 1)[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]

    def header(self, name: str) -> str:
        wanted = name.lower()
        return next((value for key, value in self.headers.items() if key.lower() == wanted), "")

    def environ(self) -> dict[str, object]:
        """Returns the WSGI environment, as moto's own server would build it."""
        from io import BytesIO

        from moto.core.request import (
            PRESERVED_HEADER_NAMES_ENVIRON_KEY,
            environ_key_for_header,
            should_preserve_original_header_name,
        )

        host, _, port = self.header("host").partition(":")
        environ: dict[str, object] = {
            "REQUEST_METHOD": self.method,
            "SCRIPT_NAME": "",
            # WSGI passes the decoded path as latin-1 text (PEP 3333).
            "PATH_INFO": unquote(self.path, "utf-8", "surrogateescape")
            .encode("utf-8", "surrogateescape")
            .decode("latin-1"),
            "QUERY_STRING": self.query,
            "REQUEST_URI": self.target,
            "RAW_URI": self.target,
            "REMOTE_ADDR": "127.0.0.1",
            "SERVER_NAME": host or "localhost",
            "SERVER_PORT": port or "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(self.body),
            "wsgi.errors": None,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in self.headers.items():
            environ[environ_key_for_header(name)] = value
        environ["CONTENT_LENGTH"] = str(len(self.body))
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        environ[PRESERVED_HEADER_NAMES_ENVIRON_KEY] = {
            environ_key_for_header(name): name for name in self.headers if should_preserve_original_header_name(name)
        }
        return environ

    def as_json(self) -> dict[str, object]:
        """Returns the request for the journal. Text bodies stay readable; other bodies are base64."""
        try:
            body = {"text": self.body.decode("utf-8")}
        except UnicodeDecodeError:
            body = {"base64": base64.b64encode(self.body).decode("ascii")}
        return {"method": self.method, "target": self.target, "headers": self.headers, **body}

    @classmethod
    def from_json(cls, record: dict[str, object]) -> Self:
        text = record.get("text")
        body = text.encode("utf-8") if isinstance(text, str) else base64.b64decode(str(record["base64"]))
        headers = record["headers"]
        assert isinstance(headers, dict)
        return cls(str(record["method"]), str(record["target"]), headers, body)


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def succeeded(self) -> bool:
        return self.status < 400

    @classmethod
    def of_json(cls, status: int, content: object) -> Self:
        return cls(status, {"Content-Type": "application/json"}, json.dumps(content).encode("utf-8"))


@dataclass(frozen=True, slots=True)
class DeferredAnswer(Answer):
    """An answer that another process has to complete. It is completed while the emulator answers other calls."""

    complete: Callable[[], Answer] = field(kw_only=True)
    calls_back: bool = False
    """Whether the process calls the emulator before. Such an answer cannot be completed inside another call."""
