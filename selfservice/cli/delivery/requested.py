"""The table of requests for use cases, with the role that deploys it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from selfservice.engine.import_discovery import Search
from selfservice.errors import BadInputError
from selfservice.requests.request_table import RequestTable
from selfservice.runner.project import Project
from selfservice.runner.states import resources_by_stack
from settings.data.request_layout import TABLE

_TOOLING = "tooling"


def request_table(project: Project) -> RequestTable:
    """Returns the table of the tooling account, with the role that deploys to it.

    Raises: BadInputError if the table is not deployed.
    """
    found = _table(project)
    if found is None:
        raise BadInputError("there is no table of requests; deploy it with `plinth up tooling --with-needs`")
    resources, table = found
    return RequestTable(Search({"resources": resources}).account_of(table).client("dynamodb"))


def has_request_table(project: Project) -> bool:
    """Returns whether the table is deployed."""
    return _table(project) is not None


def _table(project: Project) -> tuple[list[Mapping[str, Any]], Mapping[str, Any]] | None:
    """Returns the resources of the tooling account, and the table among them."""
    resources = resources_by_stack(project, [_TOOLING])[_TOOLING] if _TOOLING in project.graph else []
    table = next((one for one in resources if one["type"] == "aws:dynamodb/table:Table" and one["id"] == TABLE), None)
    return None if table is None else (resources, table)
