"""Git over HTTP on the emulator's port, through git's own server program.

Clones and pushes run outside the emulator's lock and are not in the journal. A push is reported when it has ended.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import re
import subprocess
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator

from plinth_sandbox.emulator.authorization.code import PULL, PUSH
from plinth_sandbox.emulator.git.credentials import is_password
from plinth_sandbox.emulator.git.repository import GitRepository, git_environment
from plinth_sandbox.emulator.message import Answer, Request

_HOST = re.compile(r"git-codecommit\.[a-z0-9-]+\.amazonaws\.com")
_TARGET = re.compile(
    r"/(?P<host>git-codecommit\.(?P<region>[a-z0-9-]+)\.amazonaws\.com)"
    r"(?P<path>/v1/repos/(?P<name>[\w.-]{1,100}))(?P<service>/(?:info/refs|git-upload-pack|git-receive-pack))"
)
_CHANGE = re.compile(rb"[0-9a-f]{40,64} [0-9a-f]{40,64} (?P<name>[^\x00\n]+)")
_CHALLENGE = {"WWW-Authenticate": 'Basic realm="CodeCommit"'}

Judge = Callable[[str, str, str, str, str], bool]
"""Returns whether the holder of an access key may do something in a region with the repository of a name: an action of
CodeCommit, and the reference that a push changes or an empty string."""
Find = Callable[[str, str, str], GitRepository | None]
"""Returns the repository that the holder of an access key has in a region under a name."""


def is_of_code(host: str) -> bool:
    """Returns whether a host name is that of CodeCommit's repositories."""
    return _HOST.fullmatch(host) is not None


class GitOverHttp:
    def __init__(
        self,
        secret_of: Callable[[str], str | None],
        find: Find,
        judge: Judge,
        pushed: Callable[[GitRepository, str], None],
    ) -> None:
        """``secret_of`` returns the secret of an access key. ``pushed`` receives the repository and the access key of
        each push that has ended."""
        self._secret_of, self._find, self._judge, self._pushed = secret_of, find, judge, pushed
        self._pushing: defaultdict[GitRepository, threading.Lock] = defaultdict(threading.Lock)
        """Pushes to one repository run one after another, so that each is reported alone."""

    def answer(self, request: Request) -> Answer | None:
        """Returns None for a request that does not concern git. Its host is that of CodeCommit, or its path begins with
        that host."""
        host = request.header("host").partition(":")[0]
        target = _TARGET.fullmatch(f"/{host}{request.path}" if is_of_code(host) else request.path)
        if target is None:
            return None
        if not request.header("authorization"):
            return Answer(401, _CHALLENGE)
        key = self._access_key(request.header("authorization"), target)
        if key is None:
            return Answer(403)
        repository = self._find(key, target["region"], target["name"])
        if repository is None:
            return Answer(404, {"Content-Type": "text/plain"}, f"repository {target['name']} not found\n".encode())
        for action, reference in _needed(target["service"], request):
            if not self._judge(key, target["region"], target["name"], action, reference):
                return Answer(403)
        if target["service"] != "/git-receive-pack":
            return _serve(repository, target["service"], request, key)
        with self._pushing[repository]:
            answer = _serve(repository, target["service"], request, key)
            self._pushed(repository, key)
        return answer

    def _access_key(self, authorization: str, target: re.Match[str]) -> str | None:
        """Returns the access key that signed the password, or None."""
        try:
            user, _, given = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        key = user.partition("%")[0]
        secret = self._secret_of(key)
        is_signed = secret and is_password(given, secret, target["region"], target["host"], target["path"])
        return key if is_signed else None


def _needed(service: str, request: Request) -> Iterator[tuple[str, str]]:
    """Yields the actions that a request needs, each with the reference that it changes."""
    if "git-receive-pack" not in f"{service}?{request.query}":
        yield PULL, ""
    elif service != "/git-receive-pack":
        yield PUSH, ""
    else:
        compressed = request.header("content-encoding") in ("gzip", "x-gzip")
        body = gzip.decompress(request.body) if compressed else request.body
        yield from ((PUSH, reference) for reference in _changed(body))


def _changed(body: bytes) -> Iterator[str]:
    """Yields the references that a push changes: lines with two object ids and a name, before a flush packet
    (gitprotocol-pack(5), "Reference Update Request")."""
    while (length := int(body[:4] or b"0", 16)) > 0:
        line, body = body[4:length], body[length:]
        if (found := _CHANGE.match(line)) is not None:
            yield found["name"].decode()


def _serve(repository: GitRepository, service: str, request: Request, user: str) -> Answer:
    """Runs ``git http-backend``, a CGI program (git-http-backend(1))."""
    variables = {
        **git_environment(),
        "GIT_PROJECT_ROOT": str(repository.folder.parent),
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_PROTOCOL": request.header("git-protocol"),
        "HTTP_CONTENT_ENCODING": request.header("content-encoding"),
        "CONTENT_TYPE": request.header("content-type"),
        "CONTENT_LENGTH": str(len(request.body)),
        "PATH_INFO": f"/{repository.folder.name}{service}",
        "QUERY_STRING": request.query,
        "REMOTE_ADDR": "127.0.0.1",
        "REMOTE_USER": user,
        "REQUEST_METHOD": request.method,
    }
    done = subprocess.run(["git", "http-backend"], input=request.body, env=variables, capture_output=True, check=False)
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode("latin-1").splitlines() if ": " in line)
    status = headers.pop("Status", "200 OK" if headers else "500 Internal Server Error")
    return Answer(int(status.split()[0]), headers, body)
