"""The package index of a CodeArtifact repository, as package managers use it.

Source: CodeArtifact User Guide, "Using CodeArtifact with Python"; packaging.python.org, "Simple repository API" (read
2026-11-28).
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from selfservice.errors import RefusedError
from selfservice.use_cases.working_copy import ENDPOINT


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of an index."""

    status: int
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")


@dataclass(frozen=True, slots=True)
class IndexedFile:
    """A file of a project in an index."""

    name: str
    url: str
    sha256: str
    """Empty if the index does not say it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PackageIndex:
    """The index of one repository."""

    url: str
    """URL of the repository, with a slash at the end."""
    token: str

    def post(self, body: bytes, content_type: str) -> Answer:
        """Sends a form to the repository."""
        return self._send("POST", self.url, {"Content-Type": content_type}, body)

    def files(self, project: str) -> list[IndexedFile]:
        """Returns the files of a project; none if the index has no such project. Raises: RefusedError."""
        page = urljoin(self.url, f"simple/{project}/")
        answer = self._send("GET", page)
        if answer.status == 404:
            return []
        self._require(answer, page)
        links = _Links(page)
        links.feed(answer.text)
        return links.files

    def fetch(self, file: IndexedFile) -> bytes:
        """Returns the content of a file. A repository with an external connection keeps its version. Raises:
        RefusedError."""
        answer = self._send("GET", file.url)
        self._require(answer, file.url)
        return answer.body

    @staticmethod
    def _require(answer: Answer, url: str) -> None:
        if answer.status != 200:
            raise RefusedError(f"{url} answers with the status {answer.status}: {answer.text.strip()[:500]}")

    def _send(self, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Answer:
        """Sends a request through the proxy and with the certificate authorities of AWS's clients.

        In a shell whose endpoint is another server than AWS, such as the sandbox, that server gets the request.
        """
        from botocore.awsrequest import AWSRequest
        from botocore.httpsession import URLLib3Session
        from botocore.utils import get_environ_proxies

        password = base64.b64encode(f"aws:{self.token}".encode()).decode()
        sent = {**(headers or {}), "Authorization": f"Basic {password}"}
        if endpoint := os.environ.get(ENDPOINT):
            address = urlsplit(url)
            sent["Host"], url = address.netloc, f"{endpoint.rstrip('/')}{address.path}"
        certificates: Any = os.environ.get("AWS_CA_BUNDLE") or True
        http = URLLib3Session(verify=certificates, proxies=get_environ_proxies(url))
        answer: Any = http.send(AWSRequest(method, url, headers=sent, data=body).prepare())
        return Answer(int(answer.status_code), bytes(answer.content))


class _Links(HTMLParser):
    """The files of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self._page = page
        self.files: list[IndexedFile] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "a" and given.get("href") and "data-yanked" not in given:
            url, _, fragment = urljoin(self._page, given["href"] or "").partition("#")
            sha256 = fragment.removeprefix("sha256=") if fragment.startswith("sha256=") else ""
            self.files.append(IndexedFile(unquote(urlsplit(url).path.rpartition("/")[2]), url, sha256))
