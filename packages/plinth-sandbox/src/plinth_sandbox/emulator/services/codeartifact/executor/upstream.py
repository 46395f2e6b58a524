"""The public index behind an external connection: the index from which this machine itself installs packages.

Sources: "Simple repository API" (packaging.python.org), in its forms HTML and JSON.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import requests

from plinth_sandbox.engine.network import network_environment

PUBLIC_INDEX = "https://pypi.org/simple"
_ACCEPT = "application/vnd.pypi.simple.v1+json, text/html;q=0.1"
_JSON = "application/vnd.pypi.simple.v1+json"
_SECONDS = (10.0, 60.0)
"""Seconds to wait for a connection, and for each part of an answer."""


class UpstreamError(Exception):
    """The public index cannot be reached, or answers with an error."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a project."""

    name: str
    url: str
    hashes: Mapping[str, str] = field(default_factory=dict)
    requires_python: str = ""


class Index:
    """The index of the machine, with its certificates and proxy."""

    @cached_property
    def _environment(self) -> Mapping[str, str]:
        return network_environment()

    @cached_property
    def _session(self) -> requests.Session:
        session = requests.Session()
        # What the environment says is in these values already, and a .netrc of the machine is no part of it.
        session.trust_env = False
        session.verify = self._environment.get("REQUESTS_CA_BUNDLE") or True
        proxies = {scheme: self._environment.get(f"{scheme.upper()}_PROXY") for scheme in ("http", "https")}
        session.proxies = {scheme: url for scheme, url in proxies.items() if url}
        if self._environment.get("NO_PROXY"):
            session.proxies["no_proxy"] = self._environment["NO_PROXY"]
        return session

    @property
    def url(self) -> str:
        return (self._environment.get("PIP_INDEX_URL") or PUBLIC_INDEX).rstrip("/")

    def files(self, project: str) -> list[File]:
        """Returns the files of a project; none if the index has no such project. Raises UpstreamError."""
        answer = self._get(f"{self.url}/{project}/", {"Accept": _ACCEPT})
        if answer is None:
            return []
        if _JSON in answer.headers.get("Content-Type", ""):
            return list(_of_json(answer.json(), answer.url))
        page = _Page(answer.url)
        page.feed(answer.text)
        return page.files

    def content(self, file: File) -> bytes:
        """Returns the content of a file. Raises UpstreamError."""
        answer = self._get(file.url, {})
        if answer is None:
            raise UpstreamError(f"the index has no {file.name}")
        return answer.content

    def _get(self, url: str, headers: Mapping[str, str]) -> requests.Response | None:
        host = urlsplit(url).hostname
        try:
            answer = self._session.get(url, headers=dict(headers), timeout=_SECONDS)
        except requests.RequestException as error:
            raise UpstreamError(f"{host} cannot be reached ({type(error).__name__})") from error
        if answer.status_code in (404, 410):
            return None
        if not answer.ok:
            raise UpstreamError(f"{host} answers {answer.status_code} {answer.reason}")
        return answer


def _of_json(page: Mapping[str, Any], base: str) -> Iterator[File]:
    for file in page["files"]:
        if not file.get("yanked"):
            url = urljoin(base, file["url"])
            yield File(file["filename"], url, file.get("hashes", {}), file.get("requires-python") or "")


class _Page(HTMLParser):
    """The files of a page in HTML."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self._base = base
        self.files: list[File] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag != "a" or not given.get("href") or "data-yanked" in given:
            return
        url, _, fragment = urljoin(self._base, given["href"] or "").partition("#")
        algorithm, _, digest = fragment.partition("=")
        name = unquote(urlsplit(url).path.rpartition("/")[2])
        self.files.append(
            File(name, url, {algorithm: digest} if digest else {}, given.get("data-requires-python") or "")
        )
