"""What the use cases of a team serve. A team that serves predictions is not removed (GOV-11)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from selfservice.errors import BadInputError
from selfservice.promotions.history import served_states
from selfservice.promotions.place import place_of_deployer
from selfservice.runner.project import Project


def what_is_served(project: Project, use_cases: Iterable[str]) -> Iterator[str]:
    """Yields a line for each use case (stack) that an environment serves, with the command that ends it.

    Use cases without promotions serve nothing, and nothing is known of those that the settings no longer have.
    """
    for use_case in use_cases:
        try:
            served = served_states(place_of_deployer(project, use_case))
        except BadInputError:
            continue
        if served:
            versions = ", ".join(f"{one.environment} serves version {one.version}" for one in served)
            yield f"{use_case}: {versions}; `plinth usecase retire {use_case}` ends it"
