"""Evaluates a cell of the matrix: every session of its actor, over every network path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from iam_evaluator.evaluation import Decision, decide
from iam_evaluator.policy_document import Policy
from iam_evaluator.request import Account, Principal, Request, Resource
from tests.access.table import Cell, Outcome, Owner
from tests.access.world.network_paths import NetworkPath, endpoint_name, path_from
from tests.access.world.world import (
    ACCOUNT_OF_AWS,
    EXTERNAL_ACCOUNT,
    ORGANIZATION_ROLE,
    ROOT,
    STRANGER,
    World,
    is_administrator,
    team_of,
    world_of,
)

OPEN = Policy.parse(
    "open to everybody",
    '{"Statement": {"Sid": "All", "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}',
)

OUTSIDE: Mapping[Owner, Account] = {"a stranger": EXTERNAL_ACCOUNT, "aws": ACCOUNT_OF_AWS}

OUTSIDE_NETWORKS = (ROOT, ORGANIZATION_ROLE, "platform-deployer")
"""Actors that work from outside the foundation's networks, such as deployments, which come from where the engine
runs."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request of a cell, with its decision."""

    request: Request
    way: NetworkPath
    decision: Decision

    @property
    def allowed(self) -> bool:
        return self.decision.allowed

    def __str__(self) -> str:
        return f"as {self.request.principal.name} from the {self.way.origin}: {self.decision}"


@dataclass(frozen=True, slots=True)
class CellResult:
    """The result of a cell: all its attempts."""

    cell: Cell
    attempts: tuple[Attempt, ...]

    @property
    def outcome(self) -> Outcome:
        return "allowed" if any(attempt.allowed for attempt in self.attempts) else "denied"

    @property
    def is_as_expected(self) -> bool:
        """Whether the result matches the matrix. An allowed cell needs an attempt over an existing network path; for a
        denied cell, every attempt must be denied."""
        if self.cell.expected == "denied":
            return self.outcome == "denied"
        return any(attempt.allowed and attempt.way.is_open for attempt in self.attempts)

    @property
    def decisive(self) -> str:
        """Describes the attempt that decided the cell: an allowed one, or else the one closest to being allowed."""
        if not self.attempts:
            return f"{self.cell.actor} has no session there"
        closest = min(
            self.attempts,
            key=lambda attempt: (
                not attempt.allowed,
                len(attempt.decision.denials) + len(attempt.decision.missing_allows),
            ),
        )
        closed = f", but there is no endpoint {endpoint_name(self.cell.action)}"
        return f"{closest}{closed if closest.allowed and not closest.way.is_open else ''}"


@cache
def evaluate(cell: Cell) -> CellResult:
    """Returns the result of a cell, for every session and network path."""
    world = world_of(cell.variant)
    return CellResult(cell, tuple(Attempt(request, way, decide(request)) for request, way in _requests(world, cell)))


def _requests(world: World, cell: Cell) -> Iterator[tuple[Request, NetworkPath]]:
    resource, names = _resource(world, cell), world.names(cell.place)
    for session in world.sessions(cell.actor, cell.place):
        if session.name == ORGANIZATION_ROLE and not cell.as_administrator:
            continue
        is_near = session.account is None or session.account == resource.account
        if not is_near and resource.policy is None:
            continue  # Without a resource policy, no other account has access.
        for way in _ways(world, cell, session):
            request = Request(
                principal=session,
                action=cell.action,
                resource=resource,
                endpoint=way.endpoint,
                source_ip=way.source_ip,
                extra={key: [value.format_map(names) for value in values] for key, values in cell.keys.items()},
            )
            yield request, way


def _resource(world: World, cell: Cell) -> Resource:
    names = world.names(cell.place)
    tags = {"plinth:team": team_of(cell.place)}
    arn = cell.arn.format_map(names)
    if cell.owner != "the place":
        return Resource(arn=arn, account=OUTSIDE[cell.owner], policy=OPEN)
    if cell.opened:
        return Resource(arn=arn, account=world.account(cell.place), policy=OPEN, tags=tags)
    return world.resources.requested(arn, cell.action, names["account"], tags)


def _ways(world: World, cell: Cell, session: Principal) -> list[NetworkPath]:
    if session.service is not None:
        return [path_from("aws")]
    if session.account is None or cell.actor == STRANGER:
        return [path_from("internet")]
    network = world.ways.through_the_network(session.account, cell.action)
    if cell.origin is not None:
        return network if cell.origin == "network" else [path_from(cell.origin)]
    at_a_desk = world.is_person(cell.actor) or cell.actor in OUTSIDE_NETWORKS or is_administrator(cell.actor)
    return [path_from("office"), *network] if at_a_desk else network
