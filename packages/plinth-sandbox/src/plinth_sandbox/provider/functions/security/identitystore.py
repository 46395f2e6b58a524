"""Groups of the directory, which are updated by attribute."""

from __future__ import annotations

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties


def update_group(caller: Caller, known: Properties) -> None:
    changes = [
        {"AttributePath": name, "AttributeValue": known[name]}
        for name in ("description", "displayName")
        if known.get(name) is not None
    ]
    caller.aws("update_group", IdentityStoreId=known["identityStoreId"], GroupId=known["groupId"], Operations=changes)
