"""Personas, and what is derived from them: groups, permission sets, and where each applies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from components.identity.iam.statements import Statement
from components.identity.personas.capability import Capability
from settings.organization.organization import SignIn
from settings.types.kinds import Kind
from settings.types.naming import named

Audience = Literal["organization", "team"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Access:
    """The permissions of a persona in accounts of some kinds, which become one permission set."""

    kinds: tuple[Kind, ...]
    capabilities: tuple[Capability, ...]
    label: str = ""
    """Label that distinguishes the persona's accesses. Empty if there is only one."""
    page: str = ""
    """Page of the AWS console on which a session starts."""

    def statements(self, region: str, sign_in: SignIn) -> list[Statement]:
        """Returns all statements of the access for people who sign in like this.

        Capabilities may share a statement, which is included once.
        """
        by_sid: dict[str, Statement] = {}
        for capability in self.capabilities:
            if capability.sign_in not in (None, sign_in):
                continue
            for statement in capability.statements_in(region):
                if by_sid.setdefault(statement.sid, statement).as_json() != statement.as_json():
                    raise ValueError(f"{statement.sid}: two different statements of one access have this id")
        return list(by_sid.values())


@dataclass(frozen=True, kw_only=True, slots=True)
class Persona:
    """A job function in the organization. The permissions of people are defined by personas only."""

    name: str
    """Name used in groups, roles and session tags: ``data-scientist``."""
    title: str
    """Name used in permission sets, and therefore in the ARN of each session: ``DataScientist``."""
    duty: str
    audience: Audience
    """Whether there is one group for the organization, or one per team with access to that team's accounts."""
    access: tuple[Access, ...]
    session_hours: int = 4
    """Maximum session duration, at most four hours for people (IA-14)."""

    def permission_set_of(self, access: Access) -> str:
        """Returns the name of the permission set of one of the persona's accesses."""
        return named("permission set", self.title, access.label) if access.label else self.title

    def group_of(self, team: str | None = None) -> str:
        """Returns the display name of the persona's group in the directory."""
        return "-".join(part for part in ("plinth", team, self.name) if part)


def access_in(personas: Iterable[Persona], kinds: Iterable[Kind]) -> Mapping[str, tuple[Persona, Access]]:
    """Returns the accesses of personas to an account in which these kinds are placed, by permission set."""
    hosted = set(kinds)
    return MappingProxyType(
        {
            persona.permission_set_of(access): (persona, access)
            for persona in personas
            for access in persona.access
            if hosted & set(access.kinds)
        }
    )
