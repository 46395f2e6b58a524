"""The pull request of a job in continuous integration, and the one comment that reviews keep up to date."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

from selfservice.errors import BadInputError
from selfservice.reviews.comment import MARKER
from selfservice.reviews.github import GitHub
from selfservice.reviews.gitlab import GitLab

_PULL_REQUEST_OF_CODEBUILD = re.compile(r"pr/([0-9]+)")
_GITHUB_URL = re.compile(r"https://github\.com/([\w.-]+/[\w.-]+?)(\.git)?/?")


class Forge(Protocol):
    """The comments of one pull request."""

    @property
    def limit(self) -> int:
        """Number of characters that a comment can have."""

    def own_comments(self) -> Iterator[tuple[str, str]]:
        """Yields id and text of the comments by the identity of the token, oldest first."""

    def create(self, text: str) -> str:
        """Adds a comment. Returns its URL."""

    def update(self, comment: str, text: str) -> str:
        """Replaces the text of a comment. Returns its URL."""


def publish(forge: Forge, text: str) -> str:
    """Replaces the comment of the last review, or adds one. Returns its URL.

    Comments of others are left alone, even with the marker: their author could edit them afterwards.

    Raises: BadInputError if the forge refuses, with its reason.
    """
    for comment, said in forge.own_comments():
        if said.startswith(MARKER):
            return forge.update(comment, text)
    return forge.create(text)


def forge_of(environment: Mapping[str, str]) -> Forge:
    """Returns the pull request that the variables of GitHub Actions, GitLab CI or CodeBuild name.

    Raises: BadInputError if they name none, or if there is no token.
    """
    if environment.get("GITHUB_ACTIONS"):
        return _of_actions(environment)
    if environment.get("GITLAB_CI"):
        return _of_gitlab(environment)
    if environment.get("CODEBUILD_BUILD_ID"):
        return _of_codebuild(environment)
    raise BadInputError(
        "--post needs a job for a pull request in GitHub Actions, GitLab CI or CodeBuild; elsewhere, use --output"
    )


def _of_actions(environment: Mapping[str, str]) -> GitHub:
    event = json.loads(Path(environment["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))
    number = event.get("pull_request", {}).get("number")
    if number is None:
        raise BadInputError(f"--post: the event {environment.get('GITHUB_EVENT_NAME')} has no pull request")
    return GitHub(
        api=environment["GITHUB_API_URL"],
        repository=environment["GITHUB_REPOSITORY"],
        number=number,
        token=_token(environment, "GITHUB_TOKEN"),
    )


def _of_gitlab(environment: Mapping[str, str]) -> GitLab:
    number = environment.get("CI_MERGE_REQUEST_IID")
    if not number:
        raise BadInputError("--post: this pipeline has no merge request; run the job for merge_request_event only")
    return GitLab(
        api=environment["CI_API_V4_URL"],
        project=environment["CI_PROJECT_ID"],
        number=int(number),
        token=_token(environment, "GITLAB_TOKEN"),
    )


def _of_codebuild(environment: Mapping[str, str]) -> GitHub:
    request = _PULL_REQUEST_OF_CODEBUILD.fullmatch(environment.get("CODEBUILD_WEBHOOK_TRIGGER", ""))
    repository = _GITHUB_URL.fullmatch(environment.get("CODEBUILD_SOURCE_REPO_URL", ""))
    if request is None or repository is None:
        raise BadInputError("--post: this build was not started by a webhook for a pull request at github.com")
    return GitHub(
        api=environment.get("GITHUB_API_URL", "https://api.github.com"),
        repository=repository[1],
        number=int(request[1]),
        token=_token(environment, "GITHUB_TOKEN"),
    )


def _token(environment: Mapping[str, str], name: str) -> str:
    token = environment.get(name)
    if not token:
        raise BadInputError(
            f"--post: the environment variable {name} is missing; give the job a token that may comment"
        )
    return token
