"""Permissions of transactions of DynamoDB, which are those of the operations that they consist of (DynamoDB Developer
Guide, "IAM with DynamoDB transactions")."""

from __future__ import annotations

from collections.abc import Iterator

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


def needed_by(call: Call, context: Context) -> Iterator[Needed]:
    """Yields the permissions of a transaction, each once."""
    seen = set()
    for item in call.parameters["TransactItems"]:
        for member, given in item.items():
            name = str(given["TableName"])
            arn = name if name.startswith("arn:") else f"arn:aws:dynamodb:{call.region}:{call.account}:table/{name}"
            needed = (f"dynamodb:{TRANSACTIONS[member]}", arn)
            if needed not in seen:
                seen.add(needed)
                yield Needed(*needed, context)
