"""Stacks: which there are, what each is called, and which must be up before which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from pydantic import TypeAdapter, ValidationError

from settings.codes import Code
from settings.disclosure import shown
from settings.errors import Fault, SettingsError
from settings.kinds import (
    ENVIRONMENTS,
    KINDS,
    DurableKind,
    Environment,
    Kind,
    Phase,
    durable_kinds_in,
    environments_in,
    working_kinds_in,
)
from settings.values import TeamName

SharedStack = Literal[DurableKind, "identity"]
StackKind = Literal[SharedStack, "team", Environment]

SHARED_STACKS: tuple[SharedStack, ...] = get_args(SharedStack)
"""One of each for everybody, named as their kind. ``identity`` is people's sign-in, in the management account."""

_TEAM_NAME: TypeAdapter[str] = TypeAdapter(TeamName)


@dataclass(frozen=True, slots=True)
class StackIdentity:
    """What a stack is, which its name says: a shared stack's kind, ``<team>`` or ``<team>-<environment>``."""

    kind: StackKind
    team: str | None = None

    @property
    def environment(self) -> Environment | None:
        return self.kind if self.kind in ENVIRONMENTS else None

    @property
    def account_kind(self) -> Kind:
        """The kind whose account it builds in; sign-in and teams' accounts are made in the management account."""
        own: Kind = next((kind for kind in KINDS if kind == self.kind), "organization")
        return own

    @property
    def name(self) -> str:
        if self.team is None:
            return self.kind
        return self.team if self.kind == "team" else f"{self.team}-{self.kind}"

    @property
    def rehearsal(self) -> StackIdentity | None:
        """The stack that this one has to equal, and where what is new comes first (ACC-06)."""
        return StackIdentity("preproduction", self.team) if self.kind == "production" else None

    @classmethod
    def parse(cls, name: str) -> StackIdentity:
        """The identity that a name stands for. Raises SettingsError when no stack can have that name."""
        if name in SHARED_STACKS:
            return cls(name)
        team, kind = _split(name)
        try:
            _TEAM_NAME.validate_python(team)
        except ValidationError as error:
            context = error.errors()[0].get("ctx", {})
            raise SettingsError([_unknown(name, str(context.get("rule")), str(context.get("fix")))]) from None
        return cls(kind, team)


def _split(name: str) -> tuple[str, StackKind]:
    for environment in ENVIRONMENTS:
        if name.endswith(f"-{environment}"):
            return name.removesuffix(f"-{environment}"), environment
    return name, "team"


def _unknown(name: str, rule: str, fix: str) -> Fault:
    forms = f"a stack is {', '.join(SHARED_STACKS)}, <team> or <team>-<environment>"
    return Fault(
        code=Code.STACK_UNKNOWN, value=shown(name), rule=f"is no stack: its team {rule}", fix=f"{forms}; {fix}"
    )


def stacks_in(phase: Phase, teams: Iterable[str]) -> Mapping[StackIdentity, tuple[StackIdentity, ...]]:
    """Every stack with those whose outputs it reads, in an order in which they can be brought up."""
    organization = StackIdentity("organization")
    graph: dict[StackIdentity, tuple[StackIdentity, ...]] = {organization: ()}
    audit = StackIdentity("audit")
    graph[audit] = (organization,)
    identity = StackIdentity("identity")
    graph[identity] = (organization,)
    connected: tuple[StackIdentity, ...] = (organization, audit)
    if "network" in durable_kinds_in(phase):
        network = StackIdentity("network")
        graph[network] = (organization, audit)
        connected = (organization, audit, network)
    graph |= {StackIdentity(kind): connected for kind in working_kinds_in(phase)}
    for name in sorted(teams):
        team = StackIdentity("team", name)
        graph[team] = (organization, identity)
        for environment in environments_in(phase):
            graph[StackIdentity(environment, name)] = (*connected, team)
    return graph
