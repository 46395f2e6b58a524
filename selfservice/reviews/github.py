"""Comments on pull requests at GitHub."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from selfservice.reviews.api import PER_PAGE, call, every_page

VERSION_HEADER = {"X-GitHub-Api-Version": "2022-11-28"}
_ACTIONS = "github-actions[bot]"
"""Author of comments made with the token of a GitHub Actions job, which may not ask for its own name."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GitHub:
    """A pull request at GitHub, by the REST API, version 2022-11-28."""

    api: str
    """URL of the API: ``https://api.github.com``."""
    repository: str
    """Owner and name: ``acme/foundation``."""
    number: int
    token: str
    limit: int = 65_536

    def own_comments(self) -> Iterator[tuple[str, str]]:
        """Yields id and text of the comments by the identity of the token, oldest first."""
        status, user = self._call("GET", "/user", refused=(403,))
        author = user["login"] if status == 200 else _ACTIONS
        path = f"/repos/{self.repository}/issues/{self.number}/comments?per_page={PER_PAGE}"
        for comment in every_page(lambda page: self._call("GET", f"{path}&page={page}")[1]):
            if comment["user"]["login"] == author:
                yield str(comment["id"]), comment["body"] or ""

    def create(self, text: str) -> str:
        """Adds a comment. Returns its URL."""
        _, made = self._call("POST", f"/repos/{self.repository}/issues/{self.number}/comments", {"body": text})
        return str(made["html_url"])

    def update(self, comment: str, text: str) -> str:
        """Replaces the text of a comment. Returns its URL."""
        _, made = self._call("PATCH", f"/repos/{self.repository}/issues/comments/{comment}", {"body": text})
        return str(made["html_url"])

    def _call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, refused: tuple[int, ...] = ()
    ) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.token}", **VERSION_HEADER}
        hint = "the job needs the permission `pull-requests: write`"
        return call("GitHub", method, f"{self.api}{path}", headers, body, hint, refused)
