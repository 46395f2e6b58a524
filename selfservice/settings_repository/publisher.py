"""Publishes the commits of a request: as a pull request for the people who maintain the settings, or at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self

from selfservice.reviews.pull_requests import PullRequest, Repository, repository_of
from selfservice.settings_repository.branch import SettingsBranch
from settings.types.redaction import readable, shown


class Publisher(Protocol):
    """Interface for the publication of the commits of requests."""

    @property
    def branch(self) -> SettingsBranch:
        """The branch that has the settings."""

    def receive(self) -> None:
        """Brings the working copy to the newest settings of the remote branch. Raises: RefusedError."""

    def publish(self, id_: str, title: str, *, user: str, approved_by: str) -> str:
        """Publishes the commits of a request. Returns the URL of the pull request, or nothing if there is none.

        Raises: RefusedError if git refuses; BadInputError if the forge does.
        """

    def finish(self) -> None:
        """Publishes what requests that did not end have committed, if that needs nobody. Raises: RefusedError."""


@dataclass(frozen=True, slots=True)
class DirectPublisher:
    """Pushes the commits of requests to the branch of the settings."""

    branch: SettingsBranch

    def receive(self) -> None:
        self.branch.receive()

    def publish(self, id_: str, title: str, *, user: str, approved_by: str) -> str:
        """Pushes the commits. Each names the request and the people in its message."""
        del id_, title, user, approved_by
        self.finish()
        return ""

    def finish(self) -> None:
        self.branch.push_to_base()


@dataclass(frozen=True, slots=True)
class SettingsPublisher:
    """Pushes the commits of each request to a branch of its own, with a pull request."""

    branch: SettingsBranch
    repository: Repository

    @classmethod
    def of(cls, directory: Path, environment: Mapping[str, str]) -> Self:
        """Returns the publisher of a project, with the token of the environment. Raises: BadInputError."""
        branch = SettingsBranch.of(directory)
        return cls(branch, repository_of(branch.url, environment))

    def receive(self) -> None:
        """Brings the working copy to the newest settings of the remote branch. Raises: RefusedError."""
        self.branch.receive()

    def publish(self, id_: str, title: str, *, user: str, approved_by: str) -> str:
        """Pushes the commits, and opens a pull request or updates the open one. The same call again changes nothing.

        Returns the URL of the pull request, or nothing if all commits are merged already.

        Raises: RefusedError if git refuses; BadInputError if the forge does.
        """
        name = f"plinth/request-{id_}"
        subjects = self.branch.push(name)
        if not subjects:
            return ""
        text = _text(id_, user, approved_by, subjects)
        wanted = PullRequest(branch=name, base=self.branch.base, title=title, text=text)
        return self.repository.publish(wanted)

    def finish(self) -> None:
        """Does nothing. The pull request of a later request contains the commits too."""


def _text(id_: str, user: str, approved_by: str, subjects: list[str]) -> str:
    """Returns the description. Names and subjects are a block of code, so that nothing in them is Markdown."""
    who = f"Requested by {shown(user)} as {shown(id_)}, approved by {readable(approved_by)}."
    lines = [who, "", *subjects]
    listed = "\n".join(f"    {line}".rstrip() for line in lines)
    begin = "`plinth requests run` has deployed these settings. Merge them, so that the repository has them too."
    return f"{begin}\n\n{listed}\n"
