"""Permissions of transactions of DynamoDB, which are those of the operations that they consist of, and the partition
keys that calls name.

Sources: DynamoDB Developer Guide, "IAM with DynamoDB transactions" and "Using IAM policy conditions for fine-grained
access control" (read 2026-11-29).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from moto.dynamodb.models import dynamodb_backends

from plinth_sandbox.emulator.authorization.permissions.needed import Context, Needed
from plinth_sandbox.emulator.call import Call

TRANSACTIONS = {
    "ConditionCheck": "ConditionCheckItem",
    "Delete": "DeleteItem",
    "Get": "GetItem",
    "Put": "PutItem",
    "Update": "UpdateItem",
}
"""Action by member of an item of ``TransactWriteItems`` and ``TransactGetItems``."""
LEADING_KEYS = "dynamodb:LeadingKeys"
_EQUALS = re.compile(r"([#\w.-]+)\s*=\s*(:\w+)")


def needed_by(call: Call, context: Context) -> Iterator[Needed]:
    """Yields the permissions of a transaction, each once, with all partition keys that it names in the table."""
    keys: dict[tuple[str, str], list[str]] = {}
    for item in call.parameters["TransactItems"]:
        for member, given in item.items():
            name = str(given["TableName"])
            arn = name if name.startswith("arn:") else f"arn:aws:dynamodb:{call.region}:{call.account}:table/{name}"
            keys.setdefault((f"dynamodb:{TRANSACTIONS[member]}", arn), []).extend(_of_item(call, given))
    for (action, arn), found in keys.items():
        yield Needed(action, arn, {**context, **_context(found)})


def context_of(call: Call) -> dict[str, list[str]]:
    """Returns the partition keys of a call that reads or writes items by their keys. A scan names none."""
    given = call.parameters
    if call.name == "Query":
        return _context(_of_query(call))
    if "TableName" in given:
        return _context(_of_item(call, given))
    found = []
    for name, asked in given.get("RequestItems", {}).items():
        requests = asked["Keys"] if isinstance(asked, Mapping) else [next(iter(write.values())) for write in asked]
        found += [key for request in requests for key in _of_item(call, _asked(name, request))]
    return _context(found)


def _asked(name: str, request: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns a member of a batch as the operation for one item has it."""
    return {"TableName": name, **(request if {"Item", "Key"} & request.keys() else {"Key": request})}


def _context(keys: Sequence[str]) -> dict[str, list[str]]:
    return {LEADING_KEYS: list(dict.fromkeys(keys))} if keys else {}


def _of_item(call: Call, given: Mapping[str, Any]) -> list[str]:
    values = given.get("Item") or given.get("Key") or {}
    attribute = _partition(call, str(given["TableName"]), None)
    return [_text(values[attribute])] if attribute in values else []


def _of_query(call: Call) -> list[str]:
    given = call.parameters
    attribute = _partition(call, str(given["TableName"]), given.get("IndexName"))
    if attribute in (conditions := given.get("KeyConditions", {})):
        return [_text(conditions[attribute]["AttributeValueList"][0])]
    names, values = given.get("ExpressionAttributeNames", {}), given.get("ExpressionAttributeValues", {})
    found = _EQUALS.findall(str(given.get("KeyConditionExpression", "")))
    return [_text(values[value]) for name, value in found if names.get(name, name) == attribute and value in values]


def _partition(call: Call, table: str, index: str | None) -> str:
    """Returns the attribute with the partition key of a table or of an index; empty if there is none."""
    backend = dynamodb_backends[call.account][call.region]
    found = backend.tables.get(table.rpartition("/")[2])
    if found is None:
        return ""
    if index is None:
        return str(found.hash_key_attr)
    schemas = [candidate.schema for candidate in (*found.indexes, *found.global_indexes) if candidate.name == index]
    return next((str(key["AttributeName"]) for schema in schemas for key in schema if key["KeyType"] == "HASH"), "")


def _text(value: Mapping[str, Any]) -> str:
    return str(next(iter(value.values())))
