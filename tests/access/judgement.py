"""Tries a cell in every way that its actor has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from iam_evaluator.evaluation import Decision, decide
from iam_evaluator.policy_document import Policy
from iam_evaluator.request import Account, Principal, Request, Resource
from tests.access.table import Cell, Owner, Verdict
from tests.access.world.role_chains import Way, endpoint_name, way_from
from tests.access.world.world import (
    ACCOUNT_OF_AWS,
    ROOT,
    STRANGER,
    STRANGERS_ACCOUNT,
    WAY_IN,
    World,
    is_administrator,
    team_of,
    world_of,
)

OPEN = Policy.parse(
    "open to everybody",
    '{"Statement": {"Sid": "All", "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}',
)

OUTSIDE: Mapping[Owner, Account] = {"a stranger": STRANGERS_ACCOUNT, "aws": ACCOUNT_OF_AWS}

OUTSIDE_NETWORKS = (ROOT, WAY_IN, "platform-deployer")
"""Deployments come from where the engine runs, not from the networks that they build."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request of a cell, and what becomes of it."""

    request: Request
    way: Way
    decision: Decision

    @property
    def allowed(self) -> bool:
        return self.decision.allowed

    def __str__(self) -> str:
        return f"as {self.request.principal.name} from the {self.way.origin}: {self.decision}"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What came of a cell."""

    cell: Cell
    attempts: tuple[Attempt, ...]

    @property
    def verdict(self) -> Verdict:
        return "allowed" if any(attempt.allowed for attempt in self.attempts) else "denied"

    @property
    def is_as_expected(self) -> bool:
        """What is expected to work has to have an open way too; what is expected to fail must fail on any."""
        if self.cell.expected == "denied":
            return self.verdict == "denied"
        return any(attempt.allowed and attempt.way.is_open for attempt in self.attempts)

    @property
    def decisive(self) -> str:
        """The attempt that settled it: one that is allowed, or else the one that came closest."""
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
def judge(cell: Cell) -> Judgement:
    """The cell, tried in every session and on every way."""
    world = world_of(cell.variant)
    return Judgement(cell, tuple(Attempt(request, way, decide(request)) for request, way in _requests(world, cell)))


def _requests(world: World, cell: Cell) -> Iterator[tuple[Request, Way]]:
    resource, names = _resource(world, cell), world.names(cell.place)
    for session in world.sessions(cell.actor, cell.place):
        is_near = session.account is None or session.account == resource.account
        if not is_near and resource.policy is None:
            continue  # nothing that lets another account in
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
    return world.resources.asked_for(arn, cell.action, names["account"], tags)


def _ways(world: World, cell: Cell, session: Principal) -> list[Way]:
    if session.service is not None:
        return [way_from("aws")]
    if session.account is None or cell.actor == STRANGER:
        return [way_from("internet")]
    network = world.ways.through_the_network(session.account, cell.action)
    if cell.origin is not None:
        return network if cell.origin == "network" else [way_from(cell.origin)]
    at_a_desk = world.is_person(cell.actor) or cell.actor in OUTSIDE_NETWORKS or is_administrator(cell.actor)
    return [way_from("office"), *network] if at_a_desk else network
