"""Access to the team catalog: for a person, and for a runner."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

from selfservice.catalog.items import CatalogItems
from selfservice.engine.import_discovery import Search
from selfservice.errors import BadInputError
from selfservice.people.platform_engineer import PlatformEngineer, platform_engineer
from selfservice.runner.project import Project, home_region
from selfservice.runner.states import resources_by_stack
from settings.data.catalog_layout import TABLE

_GOVERNANCE = "governance"


def current_engineer(directory: Path) -> AbstractContextManager[PlatformEngineer]:
    """Returns the person of the current credentials, and explains errors of AWS.

    Raises: BadInputError, RefusedError.
    """
    return platform_engineer(home_region(directory))


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
