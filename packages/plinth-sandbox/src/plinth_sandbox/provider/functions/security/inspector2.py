"""Inspector is on for a kind of resource or off; its resource is the list of those that are on."""

from __future__ import annotations

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties

_KINDS = {"EC2": "ec2", "ECR": "ecr", "LAMBDA": "lambda", "LAMBDA_CODE": "lambdaCode"}
"""Type of resource -> the member of the status that says whether it is scanned."""


def enable(caller: Caller, known: Properties) -> Properties:
    """Turns on what is listed, and off what is not any more."""
    accounts, wanted = sorted(known["accountIds"]), sorted(known["resourceTypes"])
    unwanted = [kind for kind in _enabled(caller, accounts) if kind not in wanted]
    caller.aws("enable", accountIds=accounts, resourceTypes=wanted)
    if unwanted:
        caller.aws("disable", accountIds=accounts, resourceTypes=unwanted)
    return {"id": known.get("id") or f"{':'.join(accounts)}-{':'.join(wanted)}"}


def disable(caller: Caller, known: Properties) -> None:
    """Turns everything off that is on."""
    accounts = str(known["id"]).partition("-")[0].split(":")
    if enabled := _enabled(caller, accounts):
        caller.aws("disable", accountIds=accounts, resourceTypes=enabled)


def read_status(caller: Caller, known: Properties) -> Properties | None:
    """With nothing on, there is nothing."""
    accounts = str(known["id"]).partition("-")[0].split(":")
    enabled = _enabled(caller, accounts)
    return {"accountIds": accounts, "resourceTypes": enabled} if enabled else None


def _enabled(caller: Caller, accounts: list[str]) -> list[str]:
    found = caller.aws("batch_get_account_status", accountIds=accounts)["accounts"]
    states = [account["resourceState"] for account in found]
    on = [kind for kind, member in _KINDS.items() if any(s[member]["status"] == "ENABLED" for s in states)]
    return sorted(on)
