"""Comments on merge requests at GitLab."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from selfservice.reviews.api import PER_PAGE, call, every_page


@dataclass(frozen=True, kw_only=True, slots=True)
class GitLab:
    """A merge request at GitLab, by the REST API, version 4."""

    api: str
    """URL of the API: ``https://gitlab.com/api/v4``."""
    project: str
    """Id of the project, or its path."""
    number: int
    """Number within the project (iid)."""
    token: str
    limit: int = 1_000_000

    def own_comments(self) -> Iterator[tuple[str, str]]:
        """Yields id and text of the comments by the identity of the token, oldest first."""
        _, user = self._call("GET", "/user")
        path = f"{self._notes}?sort=asc&order_by=created_at&per_page={PER_PAGE}"
        for note in every_page(lambda page: self._call("GET", f"{path}&page={page}")[1]):
            if note["author"]["id"] == user["id"]:
                yield str(note["id"]), note["body"]

    def create(self, text: str) -> str:
        """Adds a comment. Returns its URL."""
        return self._url(self._call("POST", self._notes, {"body": text})[1])

    def update(self, comment: str, text: str) -> str:
        """Replaces the text of a comment. Returns its URL."""
        return self._url(self._call("PUT", f"{self._notes}/{comment}", {"body": text})[1])

    @property
    def _notes(self) -> str:
        return f"/projects/{quote(self.project, safe='')}/merge_requests/{self.number}/notes"

    def _url(self, note: Mapping[str, Any]) -> str:
        _, request = self._call("GET", self._notes.removesuffix("/notes"))
        return f"{request['web_url']}#note_{note['id']}"

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> tuple[int, Any]:
        hint = "GITLAB_TOKEN needs the scope `api` and the role Reporter"
        return call("GitLab", method, f"{self.api}{path}", {"PRIVATE-TOKEN": self.token}, body, hint)
