"""A browser of a person, without a screen: the test client of Starlette."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.testclient import TestClient

ADDRESS = "http://127.0.0.1:8400"
_FORM_TOKEN = re.compile(r'name="form_token" value="([^"]+)"')


@dataclass
class Browser:
    """A browser of a person."""

    client: TestClient

    def get(self, path: str, **more: Any) -> Any:
        return self.client.get(path, follow_redirects=False, **more)

    def form_token(self) -> str:
        found = _FORM_TOKEN.search(self.get("/").text)
        assert found is not None
        return found[1]

    def send(self, path: str, fields: dict[str, str], **more: Any) -> Any:
        """Sends a form as a page of the portal does."""
        data = {"form_token": self.form_token(), **fields}
        return self.client.post(path, data=data, follow_redirects=False, **more)

    def begin(self) -> str:
        """Begins a sign-in, and returns its state."""
        answer = self.get("/sign-in")
        assert answer.status_code == 303
        return parse_qs(urlsplit(answer.headers["location"]).query)["state"][0]

    def sign_in(self, user: str) -> None:
        answer = self.get(f"/oauth/callback?code={user}&state={self.begin()}")
        assert (answer.status_code, answer.headers["location"]) == (303, "/"), answer.text
