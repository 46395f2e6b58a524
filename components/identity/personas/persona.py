"""Who people are here, and what follows from it: groups, permission sets, and which of them holds where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from components.identity.iam.statements import Statement
from components.identity.personas.capability import Capability
from settings.types.kinds import Kind
from settings.types.naming import named

Audience = Literal["organization", "team"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Access:
    """What a persona may do in accounts of some kinds: one permission set."""

    kinds: tuple[Kind, ...]
    capabilities: tuple[Capability, ...]
    label: str = ""
    """Tells this access from the persona's others; empty where there is only one."""
    page: str = ""
    """Page of the AWS console that a session opens on."""

    def statements(self, region: str) -> list[Statement]:
        """Everything allowed and denied by it. Two capabilities may share a statement, which is then said once."""
        by_sid: dict[str, Statement] = {}
        for capability in self.capabilities:
            for statement in capability.statements_in(region):
                if by_sid.setdefault(statement.sid, statement).as_json() != statement.as_json():
                    raise ValueError(f"{statement.sid}: two statements of one access have this name")
        return list(by_sid.values())


@dataclass(frozen=True, kw_only=True, slots=True)
class Persona:
    """A part that people play. Nobody's rights are written anywhere else."""

    name: str
    """``data-scientist``: in groups, roles and session tags."""
    title: str
    """``DataScientist``: in permission sets, and so in the ARN of every session."""
    duty: str
    audience: Audience
    """One group for everybody, or one for each team, which then works in that team's accounts."""
    access: tuple[Access, ...]
    session_hours: int = 4
    """Longest session; four hours at most for people (IA-14)."""

    def permission_set_of(self, access: Access) -> str:
        """Name of the permission set of one of its accesses."""
        return named("permission set", self.title, access.label) if access.label else self.title

    def group_of(self, team: str | None = None) -> str:
        """Display name of its group in the directory."""
        return "-".join(part for part in ("plinth", team, self.name) if part)


def access_in(personas: Iterable[Persona], kinds: Iterable[Kind]) -> Mapping[str, tuple[Persona, Access]]:
    """What personas may do in an account that hosts these kinds, by permission set."""
    hosted = set(kinds)
    return MappingProxyType(
        {
            persona.permission_set_of(access): (persona, access)
            for persona in personas
            for access in persona.access
            if hosted & set(access.kinds)
        }
    )
