"""EC2: filters and pages of listings that moto does not have."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence
from typing import Any

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.paging import page

_SIZE = 1000
"""Items of a page, if the request names no limit (EC2 API, "Pagination")."""


def answer_page(call: Call, listed: str, items: Sequence[dict[str, Any]], members: Mapping[str, str]) -> Answer:
    """Answers a listing with the items that match the filters of the request.

    ``members`` are the members of items by the name of their filter. Filters of tags apply to all items that have some.
    Raises: AwsError for a filter of another name.
    """
    filters = call.parameters.get("Filters", [])
    found = [item for item in items if all(_matches(item, filter_, members) for filter_ in filters)]
    shown, following = page(found, call.parameters, _SIZE)
    return call.reply({listed: list(shown), **following})


def _matches(item: Mapping[str, Any], given: Mapping[str, Any], members: Mapping[str, str]) -> bool:
    name = str(given["Name"])
    tags = {tag["Key"]: tag["Value"] for tag in item.get("Tags", [])}
    if name == "tag-key":
        values = list(tags)
    elif name.startswith("tag:"):
        key = name.partition(":")[2]
        values = [tags[key]] if key in tags else []
    elif name in members:
        value = item.get(members[name])
        values = [str(value)] if value is not None else []
    else:
        raise AwsError("InvalidFilter", f"The filter '{name}' is invalid")
    wanted = [str(value) for value in given.get("Values", [])]
    return any(fnmatch.fnmatchcase(value, pattern) for value in values for pattern in wanted)
