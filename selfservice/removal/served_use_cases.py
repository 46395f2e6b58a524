"""Lists the versions that use cases serve. A team or a use case that serves predictions is not removed (GOV-11)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from selfservice.projects.project import Project
from selfservice.promotions.history import served_states
from selfservice.promotions.place import place_in_state
from selfservice.promotions.retirement import running_promotions


def what_is_served(project: Project, use_cases: Iterable[str]) -> Iterator[str]:
    """Yields a line for each use case (stack) that an environment serves or that is promoted, with the command that
    ends it.

    It asks for what the states contain, so that a use case whose settings are gone is found, too.
    """
    for use_case in use_cases:
        place = place_in_state(project, use_case)
        if place is None:
            continue
        for execution in running_promotions(place):
            yield f"{use_case}: the promotion {execution} is under way; reject it or wait until it has ended"
        if served := served_states(place):
            versions = ", ".join(f"{state.environment} serves version {state.version}" for state in served)
            yield f"{use_case}: {versions}; `plinth usecase retire {use_case}` ends it"
