"""Table and keys of requests for use cases. IAM policies and the command line must agree on them."""

from __future__ import annotations

from settings.data import catalog_layout

TABLE = "plinth-requests"
"""Name of the table in the tooling account."""
PARTITION, SORT = catalog_layout.PARTITION, catalog_layout.SORT
"""Partition key and sort key of the table, named as in the team catalog, because the same code writes into both."""
QUEUE = "queue"
"""Attribute of requests that are not finished, and partition key of the index of open requests."""
OPEN = "open"
"""Name of the index of open requests, and value of the attribute ``queue``."""
USER_TAG = "plinth:user"
"""Session tag with the name of the person, which the directory or the identity provider sets."""
SEPARATOR = "#"
"""Separates the team from the person. Team names do not contain it."""


def requester_partition(team: str, user: str) -> str:
    """Returns the partition key of a person's requests, the only one under which the person can write."""
    return f"{team}{SEPARATOR}{user}"


def requester_of(partition: str) -> tuple[str, str] | None:
    """Returns the team and the person of a partition key, or None if it is not the key of a person's requests."""
    team, separator, user = partition.partition(SEPARATOR)
    return (team, user) if team and user and separator and SEPARATOR not in user else None
