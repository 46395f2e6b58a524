"""The APIs of GitHub and GitLab on this machine: comments of one pull request, pull requests that are opened, users,
pages, and what tokens may do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

ACTIONS, BOT, STRANGER = "github-actions[bot]", "plinth-bot", "mallory"
TOKENS = {"job-token": ACTIONS, "bot-token": BOT}
_ISSUE = re.compile(r"/repos/acme/foundation/issues/7/comments")
_COMMENT = re.compile(r"/repos/acme/foundation/issues/comments/(\d+)")
_NOTES = re.compile(r"/projects/12/merge_requests/7/notes(?:/(\d+))?")
_PULLS = re.compile(r"/repos/acme/foundation/pulls(?:/(\d+))?|/projects/12/merge_requests(?:/(\d+))?")
_USERS = {ACTIONS: 1, BOT: 2, STRANGER: 3}
_PER_PAGE = 100


@dataclass(slots=True)
class ForgeServer:
    """One pull request with its comments, oldest first: ``{"id", "author", "body"}``."""

    url: str = ""
    pulls: list[dict[str, Any]] = field(default_factory=list)
    """Pull requests that were opened: ``{"number", "head", "base", "title", "body", "state"}``."""
    comments: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    def say(self, author: str, body: str) -> None:
        self.comments.append({"id": len(self.comments) + 1, "author": author, "body": body})

    def answer(self, method: str, target: str, headers: Any, body: Any) -> tuple[int, Any]:
        self.calls.append(f"{method} {target}")
        parts = urlsplit(target)
        path, query = unquote(parts.path), parse_qs(parts.query)
        is_gitlab = "PRIVATE-TOKEN" in headers
        token = headers["PRIVATE-TOKEN"] if is_gitlab else headers.get("Authorization", "").removeprefix("Bearer ")
        author = TOKENS.get(token)
        if author is None:
            return 401, {"message": "Bad credentials"}
        if path == "/user":
            if author == ACTIONS:
                return 403, {"message": "Resource not accessible by integration"}
            return 200, {"login": author, "id": _USERS[author]}
        if is_gitlab and path == "/projects/12/merge_requests/7":
            return 200, {"web_url": "https://gitlab.example/acme/foundation/-/merge_requests/7"}
        if pull := _PULLS.fullmatch(path):
            return self._pull_requests(method, pull[1] or pull[2], query, body, is_gitlab=is_gitlab)
        found = _NOTES.fullmatch(path) if is_gitlab else _ISSUE.fullmatch(path) or _COMMENT.fullmatch(path)
        if found is None:
            return 404, {"message": "Not Found"}
        return self._comments(method, found.groups(), query, author, body)

    def _pull_requests(
        self, method: str, number: str | None, query: Any, body: Any, *, is_gitlab: bool
    ) -> tuple[int, Any]:
        head, base, text = ("source_branch", "target_branch", "description") if is_gitlab else ("head", "base", "body")
        if method == "GET":
            (wanted,) = query[head]
            assert is_gitlab or wanted.startswith("acme:"), "GitHub ignores a head without its owner"
            of = (wanted.removeprefix("acme:"), query[base][0])
            is_open = [pull for pull in self.pulls if (pull["head"], pull["base"]) == of and pull["state"] == "open"]
            return 200, [{"number": pull["number"], "iid": pull["number"]} for pull in is_open]
        if number is None:
            if any((pull["head"], pull["state"]) == (body[head], "open") for pull in self.pulls):
                return 409 if is_gitlab else 422, {"message": "A pull request already exists"}
            made = {"number": len(self.pulls) + 1, "head": body[head], "base": body[base], "state": "open"}
            self.pulls.append(made)
        else:
            made = self.pulls[int(number) - 1]
        made |= {"title": body["title"], "body": body[text]}
        url = f"https://forge.example/acme/foundation/pull/{made['number']}"
        return 200 if number else 201, {"html_url": url, "web_url": url}

    def _comments(self, method: str, ids: Any, query: Any, author: str, body: Any) -> tuple[int, Any]:
        if method == "GET":
            start = (int(query["page"][0]) - 1) * _PER_PAGE
            return 200, [_shown(forge_comment) for forge_comment in self.comments[start : start + _PER_PAGE]]
        if method == "POST":
            self.say(author, body["body"])
            return 201, _shown(self.comments[-1])
        comment = next(candidate for candidate in self.comments if candidate["id"] == int(ids[0]))
        comment["body"] = body["body"]
        return 200, _shown(comment)


def _shown(comment: dict[str, Any]) -> dict[str, Any]:
    author = {"login": comment["author"], "id": _USERS[comment["author"]]}
    url = f"https://github.example/acme/foundation/pull/7#issuecomment-{comment['id']}"
    return {"id": comment["id"], "body": comment["body"], "user": author, "author": author, "html_url": url}


@contextmanager
def forge_server() -> Iterator[ForgeServer]:
    """Serves one pull request on a loopback port."""
    forge = ForgeServer()

    class Handler(BaseHTTPRequestHandler):
        def _respond(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            status, said = forge.answer(self.command, self.path, self.headers, body)
            content = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_PUT = _respond  # noqa: N815 - names of the base class

        def log_message(self, *_: object) -> None:
            """Stays silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    forge.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield forge
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
