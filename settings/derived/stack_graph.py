"""The stack graph: which stacks exist, their names, and their dependencies."""

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
    INTERACTIVE_ENVIRONMENTS,
    KINDS,
    DurableKind,
    Environment,
    Kind,
    Phase,
    durable_kinds_in,
    environments_in,
    released_to_in,
    working_kinds_in,
)
from settings.types.redaction import shown
from settings.types.values import DatasetName, FeatureGroupName, TeamName, UseCaseName

Replica = Literal["audit-replica", "lake-replica"]
"""Stack with copies in a second region, which exists if a setting names the region."""
ClusterStack = Literal[
    "tooling-cluster", "tooling-platform", "tooling-runner", "tooling-mlflow", "tooling-portal", "tooling-ci",
]  # fmt: skip
"""Stack of the Kubernetes cluster or of what is in it."""
SharedStack = Literal[DurableKind, "data-catalog", "identity", Replica, "etl", ClusterStack]
StackKind = Literal[
    SharedStack, "team", Environment, "studio", "intake", "data", "use-case", "dataset", "feature-group"
]
"""Kind of a stack. ``data``: a team's access to the lake. ``intake``: an environment's copies of lake data.
``use-case``: a use case's repositories, builds and model package groups. ``dataset`` and ``feature-group``: published
data. ``etl``: shared resources of ETL jobs.
"""

SHARED_STACKS: tuple[SharedStack, ...] = get_args(SharedStack)
"""Stacks that exist once, named after their kind. ``data-catalog`` contains the Glue Data Catalog and the Lake
Formation settings of the data lake account. ``identity`` configures sign-in in the management account. ``etl`` exists
if a dataset has an ETL unit, ``lake-replica`` if the lake has a second region, ``audit-replica`` if the log archive has
one, ``tooling-cluster`` and ``tooling-platform`` if the organization has a Kubernetes cluster, ``tooling-runner`` if
stack operations may run in it, ``tooling-mlflow`` if it has a tracking server, ``tooling-portal`` if it serves the
portal, and ``tooling-ci`` if it has runners.
"""

CLUSTER_STACKS: tuple[ClusterStack, ...] = get_args(ClusterStack)
CLUSTER_TOOLS: tuple[ClusterStack, ...] = ("tooling-runner", "tooling-mlflow", "tooling-portal", "tooling-ci")
"""Stacks of optional tools in the cluster. None depends on another."""

_DATASETS = "data-lake--"
_FEATURES = "features--"
"""Prefixes of stack names. No team has one of these names, so no other stack name has these prefixes."""
_USE_CASE = "--"
"""Separator of team and use case in a stack name. Neither name contains two hyphens in a row."""
_TEAM_NAME: TypeAdapter[str] = TypeAdapter(TeamName)
_DATASET_NAME: TypeAdapter[str] = TypeAdapter(DatasetName)
_USE_CASE_NAME: TypeAdapter[str] = TypeAdapter(UseCaseName)
_FEATURE_GROUP_NAME: TypeAdapter[str] = TypeAdapter(FeatureGroupName)
_STUDIO = re.compile(
    rf"(?P<team>.*)-(?P<parent>{'|'.join(INTERACTIVE_ENVIRONMENTS)})-studio(-(?P<number>[2-{STACKS}]))?", re.S
)
_INTAKE = re.compile(rf"(?P<team>.*)-(?P<environment>{'|'.join(ENVIRONMENTS)})-{INTAKE}", re.S)


@dataclass(frozen=True, slots=True)
class StackIdentity:
    """The identity of a stack, which is parsed from its name.

    Names: the kind of a shared stack, ``<team>``, ``<team>-<environment>``, ``<team>-<environment>-studio``,
    ``<team>-<environment>-studio-<number>`` from 2 on, ``<team>-<environment>-intake``, ``<team>-data``,
    ``<team>--<use case>``, ``data-lake--<dataset>``, and ``features--<group>``.
    """

    kind: StackKind
    team: str | None = None
    parent: Environment | None = None
    """The environment that a Studio or intake stack belongs to."""
    number: int = 1
    """Number of a Studio stack in its environment. The first contains the domain."""
    dataset: str | None = None
    feature_group: str | None = None
    use_case: str | None = None

    @property
    def environment(self) -> Environment | None:
        """The environment that the stack is, or belongs to."""
        return self.kind if self.kind in ENVIRONMENTS else self.parent

    @property
    def is_environment(self) -> bool:
        """Whether the stack is an environment, which has its own settings."""
        return self.kind in ENVIRONMENTS

    @property
    def environment_stack(self) -> StackIdentity:
        """The stack of the environment that the stack is, or belongs to."""
        if self.environment is None:
            raise ValueError(f"{self.name} does not belong to an environment")
        return StackIdentity(self.environment, self.team)

    @property
    def reads_the_lake(self) -> bool:
        """Whether the stack creates roles that query the lake: for Studio users in experimentation, or for intakes."""
        return self.kind == "intake" or (self.kind == "studio" and self.parent == "experimentation")

    @property
    def account_kind(self) -> Kind:
        """The kind whose account the stack deploys to.

        The stacks ``identity`` and of teams deploy to the management account, stacks of data to the data lake account,
        and those of use cases to the tooling account.
        """
        if self.kind in ("data-catalog", "data", "dataset", "feature-group", "etl", "lake-replica"):
            return "data-lake"
        if self.kind == "audit-replica":
            return "audit"
        if self.kind == "use-case" or self.kind in CLUSTER_STACKS:
            return "tooling"
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
        if self.use_case is not None:
            return f"{self.team}{_USE_CASE}{self.use_case}"
        parts = [self.team, self.parent or "", "" if self.kind == "team" else self.kind]
        return "-".join(part for part in [*parts, str(self.number) if self.number > 1 else ""] if part)

    @property
    def rehearsal(self) -> StackIdentity | None:
        """The pre-production stack that a production stack must match, and that is deployed before it (ACC-06)."""
        return StackIdentity("preproduction", self.team) if self.kind == "production" else None

    @classmethod
    def parse(cls, name: str) -> StackIdentity:
        """Parses a stack name. Raises SettingsError if no stack can have that name."""
        if name in SHARED_STACKS:
            return cls(name)
        part = _part(name)
        try:
            if part == "dataset":
                return cls("dataset", dataset=_DATASET_NAME.validate_python(name.removeprefix(_DATASETS)))
            if part == "feature group":
                group = _FEATURE_GROUP_NAME.validate_python(name.removeprefix(_FEATURES))
                return cls("feature-group", feature_group=group)
            if part == "use case":
                team, _, use_case = name.partition(_USE_CASE)
                return cls(
                    "use-case",
                    _TEAM_NAME.validate_python(team),
                    use_case=_USE_CASE_NAME.validate_python(use_case),
                )
            team, kind, parent, number = _split(name)
            _TEAM_NAME.validate_python(team)
        except ValidationError as error:
            context = error.errors()[0].get("ctx", {})
            fix = str(context.get("fix"))
            if part == "use case":
                fix += f"; a team has no two hyphens in a row, as in {shown(re.sub('-+', '-', name))}"
            raise SettingsError([_unknown(name, part, str(context.get("rule")), fix)]) from None
        return cls(kind, team, parent, number)


_LAKE = (StackIdentity("organization"), StackIdentity("data-lake"), StackIdentity("data-catalog"))
"""Stacks that every stack with data of the lake depends on."""


def _part(name: str) -> str:
    """Returns what the user-chosen part of a stack name is: team, use case, dataset or feature group."""
    if name.startswith(_DATASETS):
        return "dataset"
    if name.startswith(_FEATURES):
        return "feature group"
    return "use case" if _USE_CASE in name else "team"


def _split(name: str) -> tuple[str, StackKind, Environment | None, int]:
    if found := _STUDIO.fullmatch(name):
        return found["team"], "studio", cast(Environment, found["parent"]), int(found["number"] or 1)
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
        "<team>-<environment>-intake, <team>-data, <team>--<use case>, data-lake--<dataset> or features--<group>"
    )
    return Fault(
        code=Code.STACK_UNKNOWN,
        value=shown(name),
        rule=f"is not a stack name: its {part} {rule}",
        fix=f"{forms}; {fix}",
    )


def shares_metrics(environment: Environment, phase: Phase) -> bool:
    """Whether an environment shares the metrics of its models with the governance account, which shows those of all
    teams."""
    return environment in released_to_in(phase) and "governance" in working_kinds_in(phase)


def stacks_in(
    phase: Phase,
    teams: Iterable[str],
    studios: Mapping[str, Collection[int]] | None = None,
    datasets: Mapping[str, Iterable[str]] | None = None,
    filled: Mapping[str, Iterable[str]] | None = None,
    feature_groups: Mapping[str, Iterable[str]] | None = None,
    intakes: Collection[str] = (),
    *,
    use_cases: Collection[tuple[str, str]] = (),
    replicas: Collection[Replica] = (),
    copied: Collection[str] = (),
    cluster: DurableKind | None = None,
    in_cluster: Collection[ClusterStack] = (),
    tracked: Collection[str] = (),
) -> Mapping[StackIdentity, tuple[StackIdentity, ...]]:
    """Returns the stacks that each stack depends on, in deployment order.

    ``studios`` maps environment stacks to the numbers of their Studio stacks; without it, every environment that may
    have Studio has one. ``datasets`` and ``feature_groups`` map names to the teams that use them. ``filled`` maps
    datasets with an ETL unit to the feature groups that its job writes. ``intakes`` lists the environment stacks with
    an intake stack. ``use_cases`` lists team and name of each use case with a delivery. ``replicas`` lists the stacks
    with copies in a second region, and ``copied`` the datasets that are copied there. ``cluster`` is the kind whose
    stack sets up the account of the Kubernetes cluster, or None if there is no cluster. ``in_cluster`` lists the stacks
    of optional tools in the cluster, and ``tracked`` the environment stacks whose networks reach the tracking server.
    """
    organization = StackIdentity("organization")
    graph: dict[StackIdentity, tuple[StackIdentity, ...]] = {organization: ()}
    audit = StackIdentity("audit")
    if "audit-replica" in replicas:
        # S3 refuses to replicate to a bucket that does not exist yet.
        graph[StackIdentity("audit-replica")] = (organization,)
        graph[audit] = (organization, StackIdentity("audit-replica"))
    else:
        graph[audit] = (organization,)
    identity = StackIdentity("identity")
    graph[identity] = (organization,)
    connected: tuple[StackIdentity, ...] = (organization, audit)
    if "network" in durable_kinds_in(phase):
        network = StackIdentity("network")
        graph[network] = (organization, audit)
        connected = (organization, audit, network)
    graph |= {StackIdentity(kind): connected for kind in working_kinds_in(phase)}
    if "data-lake" in working_kinds_in(phase):
        graph[StackIdentity("data-catalog")] = (organization, StackIdentity("data-lake"))
    if cluster is not None and "tooling" in working_kinds_in(phase):
        # EKS refuses an access entry for a role that does not exist yet.
        host = [StackIdentity(cluster)] if cluster != "tooling" else []
        graph[StackIdentity("tooling-cluster")] = (organization, identity, StackIdentity("tooling"), *host)
        graph[StackIdentity("tooling-platform")] = (StackIdentity("tooling"), StackIdentity("tooling-cluster"))
        inside = (StackIdentity("tooling-cluster"), StackIdentity("tooling-platform"))
        for tool in in_cluster:
            graph[StackIdentity(tool)] = (organization, StackIdentity("tooling"), *inside)
        if "tooling-portal" in in_cluster:
            # People sign in to the instance of `identity`, and `governance` has the repository of the settings.
            portal = StackIdentity("tooling-portal")
            graph[portal] = (*graph[portal], identity, StackIdentity("governance"))
    names = sorted(teams)
    for name in names:
        team = StackIdentity("team", name)
        graph[team] = (organization, identity)
        for environment in environments_in(phase):
            watched = [StackIdentity("governance")] if shares_metrics(environment, phase) else []
            offered = [StackIdentity("tooling-mlflow")] if f"{name}-{environment}" in tracked else []
            graph[StackIdentity(environment, name)] = (*connected, team, *watched, *offered)
        for workplace in (workplace for workplace in INTERACTIVE_ENVIRONMENTS if workplace in environments_in(phase)):
            numbers = (1,) if studios is None else studios.get(f"{name}-{workplace}", ())
            graph |= _studio(name, workplace, numbers)
    if "data-lake" in working_kinds_in(phase):
        graph |= {
            StackIdentity("intake", name, environment): (
                *_LAKE, StackIdentity(environment, name),
            )
            for name in names
            for environment in environments_in(phase)
            if f"{name}-{environment}" in intakes
        }  # fmt: skip
        if "lake-replica" in replicas:
            graph[StackIdentity("lake-replica")] = (organization, StackIdentity("data-lake"))
        given = {StackIdentity("dataset", dataset=name): of for name, of in (datasets or {}).items()}
        given |= {StackIdentity("feature-group", feature_group=n): of for n, of in (feature_groups or {}).items()}
        graph |= _stacks_of_data(graph, names, given, filled or {}, copied)
    if "tooling" in working_kinds_in(phase):
        # Lake Formation grants the roles of pipelines what carries the team's LF-tag, which exists then.
        lake = "data-lake" in working_kinds_in(phase)
        graph |= {
            StackIdentity("use-case", team, use_case=name): (
                organization, StackIdentity("tooling"), StackIdentity("team", team), StackIdentity("development", team),
                *(StackIdentity(kind, team) for kind in released_to_in(phase)),
                *((StackIdentity("data-lake"), StackIdentity("data", team)) if lake else ()),
            )
            for team, name in sorted(use_cases)
        }  # fmt: skip
    return graph


def _stacks_of_data(
    others: Iterable[StackIdentity],
    teams: Iterable[str],
    published: Mapping[StackIdentity, Iterable[str]],
    filled: Mapping[str, Iterable[str]],
    copied: Collection[str],
) -> Mapping[StackIdentity, tuple[StackIdentity, ...]]:
    """Orders the data stacks: the catalog before its entries, readers before grants, LF-tags before tagged resources,
    feature groups before the jobs that fill them, the key of the copies before copied datasets.
    """
    graph: dict[StackIdentity, tuple[StackIdentity, ...]] = {}
    readers: defaultdict[str | None, list[StackIdentity]] = defaultdict(list)
    for identity in others:
        if identity.is_environment or identity.reads_the_lake:
            readers[identity.team].append(identity)
    for name in teams:
        graph[StackIdentity("data", name)] = (*_LAKE, StackIdentity("team", name), *readers[name])
    etl = StackIdentity("etl")
    if filled:
        graph[etl] = _LAKE
    for stack, given in sorted(published.items(), key=lambda entry: (entry[0].feature_group is None, entry[0].name)):
        theirs = (StackIdentity(kind, team) for team in sorted(given) for kind in ("team", "data"))
        groups = (StackIdentity("feature-group", feature_group=name) for name in filled.get(stack.dataset or "", ()))
        shared = [etl] if stack.dataset in filled else []
        shared += [StackIdentity("lake-replica")] if stack.dataset in copied else []
        graph[stack] = (*_LAKE, *shared, *theirs, *groups)
    return graph


def _studio(
    team: str, workplace: Environment, numbers: Collection[int]
) -> dict[StackIdentity, tuple[StackIdentity, ...]]:
    """Returns the Studio stacks of an environment. All depend on the environment, and further ones on the first."""
    needs = (StackIdentity("organization"), StackIdentity("identity"), StackIdentity(workplace, team))
    first = StackIdentity("studio", team, workplace)
    return {
        StackIdentity("studio", team, workplace, number): (*needs, *([first] if number > 1 else []))
        for number in sorted(numbers)
    }
