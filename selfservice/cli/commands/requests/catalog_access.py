"""Access to the team catalog: for a person, and for a runner."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from selfservice.catalog.change_requests import ChangeRequests
from selfservice.catalog.items import CatalogItems
from selfservice.engine.import_discovery import Search
from selfservice.errors import BadInputError
from selfservice.requests.requester import Permissions, current_person, explained
from selfservice.runner.project import Project, home_region
from selfservice.runner.states import resources_by_stack
from settings.data.catalog_layout import TABLE

_GOVERNANCE = "governance"
IT_PLATFORM = Permissions(
    only="only the platform team may do this, under the own name",
    table="team catalog",
    sign_in="sign in with the permission set ITPlatform-governance of the governance account",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class PlatformEngineer:
    """A person of the platform team, with the requests of the catalog."""

    user: str
    requests: ChangeRequests


@contextmanager
def platform_engineer(directory: Path) -> Iterator[PlatformEngineer]:
    """Yields the person of the current credentials, and explains errors of AWS.

    Raises: BadInputError, RefusedError.
    """
    person = current_person(home_region(directory), IT_PLATFORM)
    with explained(IT_PLATFORM):
        yield PlatformEngineer(user=person.user, requests=ChangeRequests(CatalogItems.at(person.dynamodb)))


def catalog_of(project: Project) -> CatalogItems | None:
    """Returns the team catalog, with the role that deploys the governance account; None if it is not deployed."""
    resources = resources_by_stack(project, [_GOVERNANCE])[_GOVERNANCE] if _GOVERNANCE in project.graph else []
    table = next((one for one in resources if one["type"] == "aws:dynamodb/table:Table" and one["id"] == TABLE), None)
    if table is None:
        return None
    return CatalogItems.at(Search({"resources": resources}).account_of(table).client("dynamodb"))


def required_catalog(project: Project) -> CatalogItems:
    """Returns the team catalog. Raises: BadInputError if it is not deployed."""
    found = catalog_of(project)
    if found is None:
        raise BadInputError(
            "there is no team catalog: it needs a governance account (phase `scalable`) and `plinth up governance "
            "--with-needs`. Without it, add teams with `plinth team add` and `plinth up`."
        )
    return found
