"""Common base of all requests of the platform team: the fields that people write, and the texts that they read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

from pydantic import Field, model_validator

from selfservice.catalog.credentials import holds_credential
from selfservice.changes.requested.request_values import LEAKED, canonical
from settings.derived.foundation import Foundation
from settings.types.error_codes import Code
from settings.types.errors import refusal
from settings.types.model import Settings
from settings.types.values import TeamName, UseCaseName


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestedAction:
    """An action that a request can name, and what people read about requests with it."""

    name: str
    title: str
    """Title of its form in the portal."""
    asks_for: str
    """Name of the requested change, before its subject: for example ``the upgrade of the team``."""
    commit: str
    """Beginning of the subject of its commits, before the subject of the request."""
    unchanged: str = "The settings of {} are as requested; the runner deploys what is not deployed."
    """Message about a request that changes no settings file. ``{}`` stands for its subject."""
    needs_team: bool = True
    """Whether the team has to be in the settings when somebody writes the request."""
    is_removal: bool = False
    """Whether a second request for the same could only be refused, after the first one has removed everything."""
    omitted: Collection[str] = ()
    """Fields of the model that its form does not offer."""
    required: Collection[str] = ()
    """Fields that it requires, beside those that the model requires for all its actions."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PresentSettings:
    """The settings before a request."""

    directory: Path
    """Project directory."""
    folder: Path
    """Folder of the settings files."""
    foundation: Foundation
    recycled: Sequence[str]
    """Ids of the accounts that a new team uses first."""


class RequestForTeam(Settings, ABC):
    """A request that concerns one team. Each kind of request has an action of its own."""

    ACTIONS: ClassVar[Sequence[RequestedAction]]
    """The actions of the kind. Most kinds have one."""

    action: str
    team: TeamName = Field(description="Name of the team.", examples=["claims"])

    @abstractmethod
    def files(self, present: PresentSettings) -> Iterable[tuple[str, str | None]]:
        """Yields names and contents of the settings files as they are after the request; None for one to delete.

        Files may be the same as before. Raises: BadInputError if the request does not fit the settings.
        """

    @model_validator(mode="after")
    def _holds_no_credential(self) -> Self:
        if holds_credential(self.model_dump()):
            raise refusal(Code.SECRET_IN_PLAIN_TEXT, "contains what looks like a credential", LEAKED)
        return self

    @property
    def approvals(self) -> int:
        """Number of people who have to approve it, beside the requester."""
        return 1

    @property
    def subject(self) -> str:
        """The subject of the request: by default, its team."""
        return self.team

    @property
    def text(self) -> str:
        """The request as JSON, always the same for equal requests."""
        return canonical(self.model_dump(mode="json", exclude_defaults=True) | {"action": self.action})

    @property
    def described(self) -> RequestedAction:
        """Its action, with the texts that people read about such requests."""
        return next(action for action in self.ACTIONS if action.name == self.action)

    @property
    def commit_subject(self) -> str:
        """Subject of its commit, and title of the pull request that proposes it."""
        return f"{self.described.commit} {self.subject}"

    def own_stacks(self, foundation: Foundation) -> list[str]:
        """Returns the stacks that exist after the request, also if no setting of theirs changes: those of the team."""
        return [stack.name for stack in foundation.stacks if stack.team == self.team]

    def announcement(self, template: str) -> str:
        """Returns what the request does beside the changes of stacks, for its review; empty for nothing.

        ``template`` is the reviewed template of a use case; empty for other requests.
        """
        del template
        return ""


class RequestForUseCase(RequestForTeam):
    """A request that concerns one use case of a team."""

    name: UseCaseName = Field(description="Name of the use case.", examples=["card-risk"])

    @property
    def subject(self) -> str:
        """The subject of the request: the stack of the use case."""
        return f"{self.team}--{self.name}"
