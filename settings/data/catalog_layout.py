"""Table and keys of the team catalog. IAM policies and the command line must agree on them."""

from __future__ import annotations

TABLE = "plinth-catalog"
"""Name of the table in the governance account."""
PARTITION, SORT = "pk", "sk"
"""Partition key and sort key of the table."""
LOOKUP = "lookup"
"""Attribute by which items are found in other ways, and name of its index."""
USER_TAG = "plinth:user"
"""Session tag with the name of the person, which the directory or the identity provider sets."""
PERSON, REQUEST, TEAM, ACCOUNT, OWNER, DECISION = "person", "request", "team", "account", "owner", "decision"
EVIDENCE = "evidence"
"""First parts of keys."""
RECORD = "record"
"""Sort key of the item that describes a request or a team as a whole."""
SEPARATOR = "#"
"""Separates the parts of a key. Names, addresses and ids do not contain it."""
OPEN = f"{REQUEST}{SEPARATOR}open"
"""Look-up value of requests that nobody has finished."""
LISTED = "requests"
"""Partition of the list of requests: each has an item under its id, whose look-up value is the request's state."""


def key_of(kind: str, name: str) -> str:
    """Returns a key, for example ``team#fraud``."""
    return f"{kind}{SEPARATOR}{name}"


def name_in(key: str, kind: str) -> str | None:
    """Returns the name in a key of this kind, or None if the key is of another kind."""
    found, separator, name = key.partition(SEPARATOR)
    return name if separator and found == kind and name and SEPARATOR not in name else None
