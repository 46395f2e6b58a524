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
from settings.values import DatasetName, TeamName

SharedStack = Literal[DurableKind, "identity"]
StackKind = Literal[SharedStack, "team", Environment, "studio", "data", "dataset"]
"""``data`` is what a team reads of the lake, ``dataset`` what is published in it."""

SHARED_STACKS: tuple[SharedStack, ...] = get_args(SharedStack)
"""One of each for everybody, named as their kind. ``identity`` is people's sign-in, in the management account."""

_DATASETS = "data-lake--"
"""No team's name has two hyphens in a row, so that the names of datasets' stacks are nobody else's."""
_TEAM_NAME: TypeAdapter[str] = TypeAdapter(TeamName)
_DATASET_NAME: TypeAdapter[str] = TypeAdapter(DatasetName)
_STUDIO = re.compile(rf"(?P<team>.*)-(?P<workplace>{'|'.join(WORKPLACES)})-studio(-(?P<number>[2-{STACKS}]))?", re.S)


@dataclass(frozen=True, slots=True)
class StackIdentity:
    """What a stack is, which its name says: a shared stack's kind, ``<team>``, ``<team>-<environment>``,
    ``<team>-<environment>-studio`` with a number behind it from the second on, ``<team>-data``, or
    ``data-lake--<dataset>``.
    """

    kind: StackKind
    team: str | None = None
    workplace: Environment | None = None
    """The environment whose Studio it is, of a stack of that kind."""
    number: int = 1
    """Which of the environment's Studio stacks it is; the first holds the domain."""
    dataset: str | None = None

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
    def reads_the_lake(self) -> bool:
        """Whether it holds people who ask the lake themselves: those who experiment in Studio."""
        return self.kind == "studio" and self.workplace == "experimentation"

    @property
    def account_kind(self) -> Kind:
        """The kind whose account it builds in; sign-in and teams' accounts are made in the management account, and
        what concerns the lake is decided in the lake's."""
        if self.kind in ("data", "dataset"):
            return "data-lake"
        own: Kind = next((kind for kind in KINDS if kind == self.environment or kind == self.kind), "organization")
        return own

    @property
    def name(self) -> str:
        if self.dataset is not None:
            return f"{_DATASETS}{self.dataset}"
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
        dataset = name.removeprefix(_DATASETS) if name.startswith(_DATASETS) else None
        team, kind, workplace, number = _split(name)
        try:
            if dataset is not None:
                return cls("dataset", dataset=_DATASET_NAME.validate_python(dataset))
            _TEAM_NAME.validate_python(team)
        except ValidationError as error:
            context = error.errors()[0].get("ctx", {})
            part = "team" if dataset is None else "dataset"
            raise SettingsError([_unknown(name, part, str(context.get("rule")), str(context.get("fix")))]) from None
        return cls(kind, team, workplace, number)


def _split(name: str) -> tuple[str, StackKind, Environment | None, int]:
    if found := _STUDIO.fullmatch(name):
        return found["team"], "studio", cast(Environment, found["workplace"]), int(found["number"] or 1)
    for environment in ENVIRONMENTS:
        if name.endswith(f"-{environment}"):
            return name.removesuffix(f"-{environment}"), environment, None, 1
    if name.endswith("-data"):
        return name.removesuffix("-data"), "data", None, 1
    return name, "team", None, 1


def _unknown(name: str, part: str, rule: str, fix: str) -> Fault:
    forms = (
        f"a stack is {', '.join(SHARED_STACKS)}, <team>, <team>-<environment>, <team>-<environment>-studio, "
        "<team>-data or data-lake--<dataset>"
    )
    return Fault(
        code=Code.STACK_UNKNOWN, value=shown(name), rule=f"is no stack: its {part} {rule}", fix=f"{forms}; {fix}"
    )


def stacks_in(
    phase: Phase,
    teams: Iterable[str],
    studios: Mapping[str, Collection[int]] | None = None,
    datasets: Mapping[str, Iterable[str]] | None = None,
) -> Mapping[StackIdentity, tuple[StackIdentity, ...]]:
    """Every stack with those that it needs, in an order in which they can be brought up.

    ``studios`` has the numbers of the Studio stacks by environment; left out, people work everywhere they may.
    ``datasets`` are by name the teams that each is shared with.
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
    names = sorted(teams)
    for name in names:
        team = StackIdentity("team", name)
        graph[team] = (organization, identity)
        for environment in environments_in(phase):
            graph[StackIdentity(environment, name)] = (*connected, team)
        for workplace in (workplace for workplace in WORKPLACES if workplace in environments_in(phase)):
            numbers = (1,) if studios is None else studios.get(f"{name}-{workplace}", ())
            graph |= _studio(name, workplace, numbers)
    if "data-lake" in working_kinds_in(phase):
        graph |= _stacks_of_data(graph, names, datasets or {})
    return graph


def _stacks_of_data(
    others: Iterable[StackIdentity], teams: Iterable[str], datasets: Mapping[str, Iterable[str]]
) -> Mapping[StackIdentity, tuple[StackIdentity, ...]]:
    """Those who read are there before they are granted to, and a team's tag before a dataset carries it."""
    shared = (StackIdentity("organization"), StackIdentity("data-lake"))
    graph: dict[StackIdentity, tuple[StackIdentity, ...]] = {}
    for name in teams:
        readers = (one for one in others if one.team == name and (one.is_environment or one.reads_the_lake))
        graph[StackIdentity("data", name)] = (*shared, StackIdentity("team", name), *readers)
    for name, given in sorted(datasets.items()):
        theirs = (StackIdentity(kind, team) for team in sorted(given) for kind in ("team", "data"))
        graph[StackIdentity("dataset", dataset=name)] = (*shared, *theirs)
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
