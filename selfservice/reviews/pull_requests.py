"""Pull requests at GitHub and merge requests at GitLab: opens one for a branch, or updates the open one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote, urlencode

from selfservice.errors import BadInputError
from selfservice.reviews.api import call
from selfservice.reviews.github import VERSION_HEADER

_HOST_AND_PATH = re.compile(
    r"(?:https://(?:[^/@]*@)?|ssh://(?:[^/@]*@)?|[^/@:]+@)([^/:]+)(?::[0-9]+)?[:/](.+?)(?:\.git)?/?"
)
"""URL of a remote repository: ``https://host/path``, ``ssh://user@host/path`` or ``user@host:path``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PullRequest:
    """A pull request as it is to be."""

    branch: str
    base: str
    """The branch into which it is to be merged."""
    title: str
    text: str
    """Its description, in Markdown."""


class Repository(Protocol):
    """A repository at a forge."""

    def publish(self, wanted: PullRequest) -> str:
        """Opens the pull request, or updates the open one of its branch. Returns its URL.

        Raises: BadInputError if the forge refuses, with its reason.
        """


@dataclass(frozen=True, kw_only=True, slots=True)
class GitHubRepository:
    """A repository at GitHub, by the REST API, version 2022-11-28."""

    api: str
    name: str
    """Owner and name: ``acme/foundation``."""
    token: str

    def publish(self, wanted: PullRequest) -> str:
        owner = self.name.partition("/")[0]
        query = urlencode({"state": "open", "head": f"{owner}:{wanted.branch}", "base": wanted.base})
        known = self._call("GET", f"?{query}")
        content = {"title": wanted.title, "body": wanted.text}
        if known:
            made = self._call("PATCH", f"/{known[0]['number']}", content)
        else:
            made = self._call("POST", "", {**content, "head": wanted.branch, "base": wanted.base})
        return str(made["html_url"])

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", **VERSION_HEADER}
        hint = "GITHUB_TOKEN needs the permissions `contents: write` and `pull-requests: write`"
        return call("GitHub", method, f"{self.api}/repos/{self.name}/pulls{path}", headers, body, hint)[1]


@dataclass(frozen=True, kw_only=True, slots=True)
class GitLabRepository:
    """A project at GitLab, by the REST API, version 4."""

    api: str
    name: str
    """Id of the project, or its path."""
    token: str

    def publish(self, wanted: PullRequest) -> str:
        query = urlencode({"state": "opened", "source_branch": wanted.branch, "target_branch": wanted.base})
        known = self._call("GET", f"?{query}")
        content = {"title": wanted.title, "description": wanted.text}
        if known:
            made = self._call("PUT", f"/{known[0]['iid']}", content)
        else:
            branches = {"source_branch": wanted.branch, "target_branch": wanted.base, "remove_source_branch": True}
            made = self._call("POST", "", {**content, **branches})
        return str(made["web_url"])

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        url = f"{self.api}/projects/{quote(self.name, safe='')}/merge_requests{path}"
        hint = "GITLAB_TOKEN needs the scope `api` and the role Developer"
        return call("GitLab", method, url, {"PRIVATE-TOKEN": self.token}, body, hint)[1]


def repository_of(remote: str, environment: Mapping[str, str]) -> Repository:
    """Returns the repository of a remote URL, at the forge whose token the environment has.

    ``GITHUB_API_URL`` and ``GITHUB_REPOSITORY``, or ``CI_API_V4_URL`` and ``CI_PROJECT_ID``, replace what the URL says.

    Raises: BadInputError if there is no token, tokens of both, or if the URL names no repository.
    """
    github, gitlab = environment.get("GITHUB_TOKEN"), environment.get("GITLAB_TOKEN")
    if bool(github) == bool(gitlab):
        found = "both are" if github else "none is"
        raise BadInputError(f"pull requests need either GITHUB_TOKEN or GITLAB_TOKEN in the environment; {found} set")
    matched = _HOST_AND_PATH.fullmatch(remote)
    host, path = (matched[1], matched[2]) if matched else ("", "")
    if github:
        name = environment.get("GITHUB_REPOSITORY") or path
        default = "https://api.github.com" if host == "github.com" else f"https://{host}/api/v3"
        api = environment.get("GITHUB_API_URL") or (default if host else "")
    else:
        name = environment.get("CI_PROJECT_ID") or path
        api = environment.get("CI_API_V4_URL") or (f"https://{host}/api/v4" if host else "")
    if not name or not api:
        raise BadInputError(
            "the remote repository of the settings is not at a forge: its URL has to be https://HOST/OWNER/NAME or "
            "git@HOST:OWNER/NAME"
        )
    return (
        GitHubRepository(api=api, name=name, token=github)
        if github
        else GitLabRepository(api=api, name=name, token=str(gitlab))
    )
