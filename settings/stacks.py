"""Stacks: which there are, what each is called, and which must be up before which."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, cast, get_args

from pydantic import TypeAdapter, ValidationError

from settings.codes import Code
from settings.disclosure import shown
from settings.errors import Fault, SettingsError
from settings.kinds import (
    ENVIRONMENTS,
    KINDS,
    WORKPLACES,
    DurableKind,
    Environment,
    Kind,
    Phase,
    durable_kinds_in,
    environments_in,
    working_kinds_in,
)
from settings.studio import STACKS
from settings.values import TeamName

SharedStack = Literal[DurableKind, "identity"]
StackKind = Literal[SharedStack, "team", Environment, "studio"]

SHARED_STACKS: tuple[SharedStack, ...] = get_args(SharedStack)
"""One of each for everybody, named as their kind. ``identity`` is people's sign-in, in the management account."""

_TEAM_NAME: TypeAdapter[str] = TypeAdapter(TeamName)
_STUDIO = re.compile(rf"(?P<team>.*)-(?P<workplace>{'|'.join(WORKPLACES)})-studio(-(?P<number>[2-{STACKS}]))?", re.S)


@dataclass(frozen=True, slots=True)
class StackIdentity:
    """What a stack is, which its name says: a shared stack's kind, ``<team>``, ``<team>-<environment>``, or
    ``<team>-<environment>-studio`` with a number behind it from the second on.
    """

    kind: StackKind
    team: str | None = None
    workplace: Environment | None = None
    """The environment whose Studio it is, of a stack of that kind."""
    number: int = 1
    """Which of the environment's Studio stacks it is; the first holds the domain."""

    @property
    def environment(self) -> Environment | None:
        """The environment that the stack is, or is a part of."""
        return self.kind if self.kind in ENVIRONMENTS else self.workplace

    @property
    def is_environment(self) -> bool:
        """Whether it is an environment itself, with settings of its own."""
        return self.kind in ENVIRONMENTS

    @property
    def environment_stack(self) -> StackIdentity:
        """The stack of the environment that it is, or is a part of."""
        if self.environment is None:
            raise ValueError(f"{self.name} is of no environment")
        return StackIdentity(self.environment, self.team)

    @property
    def account_kind(self) -> Kind:
        """The kind whose account it builds in; sign-in and teams' accounts are made in the management account."""
        own: Kind = next((kind for kind in KINDS if kind == self.environment or kind == self.kind), "organization")
        return own

    @property
    def name(self) -> str:
        if self.team is None:
            return self.kind
        parts = [self.team, self.workplace or "", "" if self.kind == "team" else self.kind]
        return "-".join(part for part in [*parts, str(self.number) if self.number > 1 else ""] if part)

    @property
    def rehearsal(self) -> StackIdentity | None:
        """The stack that this one has to equal, and where what is new comes first (ACC-06)."""
        return StackIdentity("preproduction", self.team) if self.kind == "production" else None

    @classmethod
    def parse(cls, name: str) -> StackIdentity:
        """The identity that a name stands for. Raises SettingsError when no stack can have that name."""
        if name in SHARED_STACKS:
            return cls(name)
        team, kind, workplace, number = _split(name)
        try:
            _TEAM_NAME.validate_python(team)
        except ValidationError as error:
            context = error.errors()[0].get("ctx", {})
            raise SettingsError([_unknown(name, str(context.get("rule")), str(context.get("fix")))]) from None
        return cls(kind, team, workplace, number)


def _split(name: str) -> tuple[str, StackKind, Environment | None, int]:
    if found := _STUDIO.fullmatch(name):
        return found["team"], "studio", cast(Environment, found["workplace"]), int(found["number"] or 1)
    for environment in ENVIRONMENTS:
        if name.endswith(f"-{environment}"):
            return name.removesuffix(f"-{environment}"), environment, None, 1
    return name, "team", None, 1


def _unknown(name: str, rule: str, fix: str) -> Fault:
    forms = f"a stack is {', '.join(SHARED_STACKS)}, <team>, <team>-<environment> or <team>-<environment>-studio"
    return Fault(
        code=Code.STACK_UNKNOWN, value=shown(name), rule=f"is no stack: its team {rule}", fix=f"{forms}; {fix}"
    )


def stacks_in(
    phase: Phase, teams: Iterable[str], studios: Mapping[str, Collection[int]] | None = None
) -> Mapping[StackIdentity, tuple[StackIdentity, ...]]:
    """Every stack with those whose outputs it reads, in an order in which they can be brought up.

    ``studios`` has the numbers of the Studio stacks by environment; left out, people work everywhere they may.
    """
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
        for workplace in (workplace for workplace in WORKPLACES if workplace in environments_in(phase)):
            numbers = (1,) if studios is None else studios.get(f"{name}-{workplace}", ())
            graph |= _studio(name, workplace, numbers)
    return graph


def _studio(
    team: str, workplace: Environment, numbers: Collection[int]
) -> dict[StackIdentity, tuple[StackIdentity, ...]]:
    """Studio and who works in it: the first stack reads the environment, and the others the first as well."""
    organization, environment = StackIdentity("organization"), StackIdentity(workplace, team)
    first = StackIdentity("studio", team, workplace)
    return {
        StackIdentity("studio", team, workplace, number): (organization, environment, *([first] if number > 1 else []))
        for number in sorted(numbers)
    }
