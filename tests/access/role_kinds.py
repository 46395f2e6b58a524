"""Kinds of roles: roles of one component, whatever their team, use case, environment, person or dataset.

``use case/predict`` stands for ``fraud--scoring-prod-predict`` and ``fraud--scoring-preprod-predict``, and
``environment/execution`` for ``fraud-development-execution``. A role of no team is its own kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from iam_evaluator.policy_document import Statement
from iam_evaluator.request import Principal
from settings.types.kinds import ENVIRONMENTS
from tests.access.world.world import World

_OF_USE_CASE = re.compile(
    r".+--.+?-(?:dev-(?P<training>operator|pipeline)|(?:(?:preprod|prod)-)?(?P<work>contributor|images|integration|mirror|"
    r"monitoring|pipeline|predict|promoter|promotion(?:-preprod|-prod)?|release|serving|start(?:-batch|-monitor)?))"
)
_OF_ENVIRONMENT = re.compile(rf"[a-z0-9-]+?-(?:{'|'.join(ENVIRONMENTS)})-(?P<work>.+)")
_NAMED = re.compile(r"(?P<kind>studio|intake-job|data-lake-(?:crawler|etl|features|start))-.+")


def kind_of(name: str) -> str:
    """Returns the kind of a role."""
    if found := _OF_USE_CASE.fullmatch(name):
        return f"use case/{found['work'] or 'training-' + found['training']}"
    if found := _OF_ENVIRONMENT.fullmatch(name):
        return f"environment/{_unnamed(found['work'])}"
    return _unnamed(name)


def _unnamed(name: str) -> str:
    found = _NAMED.fullmatch(name)
    return found["kind"] if found else name


def principals_of(world: World) -> Iterator[tuple[str, Principal]]:
    """Yields the roles of the stacks, and those that IAM Identity Center creates for people, with their kind."""
    for arn, role in world.roles.items():
        if ":role/plinth/" in arn:
            yield kind_of(role.principal.name), role.principal
    for people in world.people.values():
        yield from ((person.name, person) for person in people)


def grants(principal: Principal) -> Iterator[Statement]:
    """Yields the statements of a role that allow something."""
    for policy in principal.identity:
        yield from (statement for statement in policy.statements if statement.effect == "Allow")
