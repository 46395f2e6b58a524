"""Stacks: which there are, what each is called, and which must be up before which."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, cast, get_args

from pydantic import TypeAdapter, ValidationError

from settings.data.intake import INTAKE
from settings.team.studio import STACKS
from settings.types.error_codes import Code
from settings.types.errors import Fault, SettingsError
from settings.types.kinds import (
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
from settings.types.redaction import shown
from settings.types.values import DatasetName, FeatureGroupName, TeamName

SharedStack = Literal[DurableKind, "identity", "etl"]
StackKind = Literal[SharedStack, "team", Environment, "studio", "intake", "data", "dataset", "feature-group"]
"""``data`` is what a team reads of the lake, ``intake`` what an environment copies out of it, ``dataset`` what is
published in it, ``etl`` what datasets are made with."""

SHARED_STACKS: tuple[SharedStack, ...] = get_args(SharedStack)
"""One of each for everybody, named as their kind. ``identity`` is people's sign-in, in the management account; ``etl``
is there where a dataset says how it is made."""

_DATASETS = "data-lake--"
_FEATURES = "features--"
"""No team's name has two hyphens in a row, so that these stacks' names are nobody else's."""
_TEAM_NAME: TypeAdapter[str] = TypeAdapter(TeamName)
_DATASET_NAME: TypeAdapter[str] = TypeAdapter(DatasetName)
_FEATURE_GROUP_NAME: TypeAdapter[str] = TypeAdapter(FeatureGroupName)
_STUDIO = re.compile(rf"(?P<team>.*)-(?P<workplace>{'|'.join(WORKPLACES)})-studio(-(?P<number>[2-{STACKS}]))?", re.S)
_INTAKE = re.compile(rf"(?P<team>.*)-(?P<environment>{'|'.join(ENVIRONMENTS)})-{INTAKE}", re.S)


@dataclass(frozen=True, slots=True)
class StackIdentity:
    """What a stack is, which its name says: a shared stack's kind, ``<team>``, ``<team>-<environment>``,
    ``<team>-<environment>-studio`` with a number behind it from the second on, ``<team>-<environment>-intake``,
    ``<team>-data``, ``data-lake--<dataset>``, or ``features--<group>``.
    """

    kind: StackKind
    team: str | None = None
    workplace: Environment | None = None
    """The environment whose Studio or intake it is, of a stack of that kind."""
    number: int = 1
    """Which of the environment's Studio stacks it is; the first holds the domain."""
    dataset: str | None = None
    feature_group: str | None = None

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
        """Whether it makes roles that ask the lake themselves: of people who experiment in Studio, of intakes."""
        return self.kind == "intake" or (self.kind == "studio" and self.workplace == "experimentation")

    @property
    def account_kind(self) -> Kind:
        """The kind whose account it builds in; sign-in and teams' accounts are made in the management account, and
        what concerns the lake is decided in the lake's."""
        if self.kind in ("data", "dataset", "feature-group", "etl"):
            return "data-lake"
        own: Kind = next((kind for kind in KINDS if kind == self.environment or kind == self.kind), "organization")
        return own

    @property
    def name(self) -> str:
        if self.dataset is not None:
            return f"{_DATASETS}{self.dataset}"
        if self.feature_group is not None:
            return f"{_FEATURES}{self.feature_group}"
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
        part = _part(name)
        try:
            if part == "dataset":
                return cls("dataset", dataset=_DATASET_NAME.validate_python(name.removeprefix(_DATASETS)))
            if part == "feature group":
                group = _FEATURE_GROUP_NAME.validate_python(name.removeprefix(_FEATURES))
                return cls("feature-group", feature_group=group)
            team, kind, workplace, number = _split(name)
            _TEAM_NAME.validate_python(team)
        except ValidationError as error:
            context = error.errors()[0].get("ctx", {})
            raise SettingsError([_unknown(name, part, str(context.get("rule")), str(context.get("fix")))]) from None
        return cls(kind, team, workplace, number)


def _part(name: str) -> str:
    """What the part of a stack's name is that people choose."""
    if name.startswith(_DATASETS):
        return "dataset"
    return "feature group" if name.startswith(_FEATURES) else "team"


def _split(name: str) -> tuple[str, StackKind, Environment | None, int]:
    if found := _STUDIO.fullmatch(name):
        return found["team"], "studio", cast(Environment, found["workplace"]), int(found["number"] or 1)
    if found := _INTAKE.fullmatch(name):
        return found["team"], "intake", cast(Environment, found["environment"]), 1
    for environment in ENVIRONMENTS:
        if name.endswith(f"-{environment}"):
            return name.removesuffix(f"-{environment}"), environment, None, 1
    if name.endswith("-data"):
        return name.removesuffix("-data"), "data", None, 1
    return name, "team", None, 1


def _unknown(name: str, part: str, rule: str, fix: str) -> Fault:
    forms = (
        f"a stack is {', '.join(SHARED_STACKS)}, <team>, <team>-<environment>, <team>-<environment>-studio, "
        "<team>-<environment>-intake, <team>-data, data-lake--<dataset> or features--<group>"
    )
    return Fault(
        code=Code.STACK_UNKNOWN, value=shown(name), rule=f"is no stack: its {part} {rule}", fix=f"{forms}; {fix}"
    )


def stacks_in(
    phase: Phase,
    teams: Iterable[str],
    studios: Mapping[str, Collection[int]] | None = None,
    datasets: Mapping[str, Iterable[str]] | None = None,
    made: Mapping[str, Iterable[str]] | None = None,
    feature_groups: Mapping[str, Iterable[str]] | None = None,
    intakes: Collection[str] = (),
) -> Mapping[StackIdentity, tuple[StackIdentity, ...]]:
    """Every stack with those that it needs, in an order in which they can be brought up.

    ``studios`` has the numbers of the Studio stacks by environment; left out, people work everywhere they may.
    ``intakes`` has the environments that copy from the lake. ``datasets`` and ``feature_groups`` are by name the teams
    that have to do with each; ``made`` has the datasets that say how they are made, with the groups of features that
    are filled by the way.
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
        graph |= {
            StackIdentity("intake", name, environment): (
                organization, StackIdentity("data-lake"), StackIdentity(environment, name),
            )
            for name in names
            for environment in environments_in(phase)
            if f"{name}-{environment}" in intakes
        }  # fmt: skip
        given = {StackIdentity("dataset", dataset=name): of for name, of in (datasets or {}).items()}
        given |= {StackIdentity("feature-group", feature_group=n): of for n, of in (feature_groups or {}).items()}
        graph |= _stacks_of_data(graph, names, given, made or {})
    return graph


def _stacks_of_data(
    others: Iterable[StackIdentity],
    teams: Iterable[str],
    published: Mapping[StackIdentity, Iterable[str]],
    made: Mapping[str, Iterable[str]],
) -> Mapping[StackIdentity, tuple[StackIdentity, ...]]:
    """Those who read are there before they are granted to, a team's tag before anything carries it, and a group of
    features before the job that fills it."""
    shared = (StackIdentity("organization"), StackIdentity("data-lake"))
    graph: dict[StackIdentity, tuple[StackIdentity, ...]] = {}
    readers: defaultdict[str | None, list[StackIdentity]] = defaultdict(list)
    for one in others:
        if one.is_environment or one.reads_the_lake:
            readers[one.team].append(one)
    for name in teams:
        graph[StackIdentity("data", name)] = (*shared, StackIdentity("team", name), *readers[name])
    etl = StackIdentity("etl")
    if made:
        graph[etl] = shared
    for stack, given in sorted(published.items(), key=lambda entry: (entry[0].feature_group is None, entry[0].name)):
        theirs = (StackIdentity(kind, team) for team in sorted(given) for kind in ("team", "data"))
        filled = (StackIdentity("feature-group", feature_group=name) for name in made.get(stack.dataset or "", ()))
        graph[stack] = (*shared, *([etl] if stack.dataset in made else []), *theirs, *filled)
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
