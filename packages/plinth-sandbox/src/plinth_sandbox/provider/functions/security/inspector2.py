"""Inspector: it is enabled per resource type, and the resource contains the enabled types."""

from __future__ import annotations

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties

_KINDS = {"EC2": "ec2", "ECR": "ecr", "LAMBDA": "lambda", "LAMBDA_CODE": "lambdaCode"}
"""Member of the status by resource type."""


def enable(caller: Caller, known: Properties) -> Properties:
    """Enables the listed types and disables the others."""
    accounts, wanted = sorted(known["accountIds"]), sorted(known["resourceTypes"])
    unwanted = [kind for kind in _enabled(caller, accounts) if kind not in wanted]
    caller.aws("enable", accountIds=accounts, resourceTypes=wanted)
    if unwanted:
        caller.aws("disable", accountIds=accounts, resourceTypes=unwanted)
    return {"id": known.get("id") or f"{':'.join(accounts)}-{':'.join(wanted)}"}


def disable(caller: Caller, known: Properties) -> None:
    """Disables all enabled types."""
    accounts = str(known["id"]).partition("-")[0].split(":")
    if enabled := _enabled(caller, accounts):
        caller.aws("disable", accountIds=accounts, resourceTypes=enabled)


def read_status(caller: Caller, known: Properties) -> Properties | None:
    """Returns the enabled types. Without any, the resource does not exist."""
    accounts = str(known["id"]).partition("-")[0].split(":")
    enabled = _enabled(caller, accounts)
    return {"accountIds": accounts, "resourceTypes": enabled} if enabled else None


def _enabled(caller: Caller, accounts: list[str]) -> list[str]:
    found = caller.aws("batch_get_account_status", accountIds=accounts)["accounts"]
    states = [account["resourceState"] for account in found]
    on = [kind for kind, member in _KINDS.items() if any(s[member]["status"] == "ENABLED" for s in states)]
    return sorted(on)
