"""The tables of requests that stacks have deployed, each with the role that deploys to its account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from selfservice.catalog.items import CatalogItems
from selfservice.engine.import_discovery import Search
from selfservice.errors import BadInputError
from selfservice.projects.states import resources_by_stack
from selfservice.requests.request_table import RequestTable
from settings.data import catalog_layout, request_layout

if TYPE_CHECKING:
    from selfservice.projects.project import Project


def deployed_catalog(project: Project) -> CatalogItems | None:
    """Returns the team catalog of the governance account; None if it is not deployed."""
    client = _client(project, "governance", catalog_layout.TABLE)
    return None if client is None else CatalogItems.at(client)


def required_catalog(project: Project) -> CatalogItems:
    """Returns the team catalog. Raises: BadInputError if it is not deployed."""
    found = deployed_catalog(project)
    if found is None:
        raise BadInputError(
            "there is no team catalog: it needs a governance account (phase `scalable`) and `plinth up governance "
            "--with-needs`. Without it, add teams with `plinth team add` and `plinth up`."
        )
    return found


def deployed_request_table(project: Project) -> RequestTable | None:
    """Returns the table of requests for use cases in the tooling account; None if it is not deployed."""
    client = _client(project, "tooling", request_layout.TABLE)
    return None if client is None else RequestTable(client)


def _client(project: Project, stack: str, name: str) -> Any | None:
    """Returns a client for the account of a table; None if the stack has no such table in its state."""
    resources = resources_by_stack(project, [stack])[stack] if stack in project.graph else []
    table = next(
        (
            resource
            for resource in resources
            if resource["type"] == "aws:dynamodb/table:Table" and resource["id"] == name
        ),
        None,
    )
    return None if table is None else Search({"resources": resources}).account_of(table).client("dynamodb")
