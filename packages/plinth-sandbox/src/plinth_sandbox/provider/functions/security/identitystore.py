"""Groups of the directory, which are found by name and updated by attribute."""

from __future__ import annotations

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties


def find_group(caller: Caller, known: Properties) -> Properties:
    """Returns the id of the group with a unique attribute, usually its name."""
    if known.get("groupId"):
        return {"groupId": known["groupId"]}
    wanted = known["alternateIdentifier"]["uniqueAttribute"]
    answer = caller.aws(
        "get_group_id",
        IdentityStoreId=known["identityStoreId"],
        AlternateIdentifier={
            "UniqueAttribute": {"AttributePath": wanted["attributePath"], "AttributeValue": wanted["attributeValue"]}
        },
    )
    return {"groupId": answer["GroupId"]}


def update_group(caller: Caller, known: Properties) -> None:
    changes = [
        {"AttributePath": name, "AttributeValue": known[name]}
        for name in ("description", "displayName")
        if known.get(name) is not None
    ]
    caller.aws("update_group", IdentityStoreId=known["identityStoreId"], GroupId=known["groupId"], Operations=changes)
