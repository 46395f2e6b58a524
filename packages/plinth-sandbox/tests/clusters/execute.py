"""Runs a command in a container through the API server, over a WebSocket as kubectl does (RFC 6455)."""

from __future__ import annotations

import base64
import json
import os
import socket
import ssl
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

from plinth_sandbox.waiting import LONGEST_SECONDS

_OUTPUT, _ERROR, _STATUS = 1, 2, 3
"""Channels of the protocol v4.channel.k8s.io. The first byte of a message names its channel."""
_CLOSE = 8


def execute(cluster: dict[str, Any], token: str, pod: str, *command: str) -> tuple[str, str]:
    """Returns the output of a command in a pod, and ``Success`` or why it failed."""
    parts = urlsplit(cluster["endpoint"])
    query = urlencode([*(("command", word) for word in command), ("stdout", "true"), ("stderr", "true")])
    head = [
        f"GET /api/v1/namespaces/default/pods/{pod}/exec?{query} HTTP/1.1",
        f"Host: {parts.netloc}",
        f"Authorization: Bearer {token}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        "Sec-WebSocket-Protocol: v4.channel.k8s.io",
    ]
    authority = base64.b64decode(cluster["certificateAuthority"]["data"]).decode()
    context = ssl.create_default_context(cadata=authority)
    said = {_OUTPUT: b"", _ERROR: b"", _STATUS: b""}
    with (
        socket.create_connection((parts.hostname, parts.port), timeout=LONGEST_SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=parts.hostname) as connection,
        connection.makefile("rwb") as stream,
    ):
        stream.write("\r\n".join([*head, "", ""]).encode())
        stream.flush()
        answer = stream.readline().decode()
        while stream.readline().strip():
            continue
        assert " 101 " in answer, answer
        for message in _messages(stream):
            if message:
                said[message[0]] += message[1:]
    status = json.loads(said[_STATUS] or b"{}")
    return (said[_OUTPUT] + said[_ERROR]).decode(), str(status.get("message") or status.get("status"))


def _messages(stream: Any) -> Iterator[bytes]:
    while head := stream.read(2):
        length = head[1] & 0x7F
        if length > 125:
            length = int.from_bytes(stream.read(2 if length == 126 else 8), "big")
        content = stream.read(length)
        if head[0] & 0x0F == _CLOSE:
            return
        yield content
