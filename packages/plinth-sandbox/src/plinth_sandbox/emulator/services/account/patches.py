"""Account Management: account names, which Organizations also reports, and contacts of accounts."""

from __future__ import annotations

from moto.organizations.models import FakeAccount, organizations_backends

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Memory, Patches

SERVICE = "account.amazonaws.com"
"""Service principal that an organization must trust before its management account may do this for members."""

_UNNAMED = "management"
"""Name of an account that is in no organization and has no name."""


def account_names(memory: Memory) -> dict[str, str]:
    """Returns assigned names by account. An organization stores the names of its accounts itself."""
    return memory.notes("account", "names")


def _put_name(exchange: Exchange) -> Answer:
    call = exchange.call
    account_id = _subject(call)
    account = _member(account_id)
    name = call.parameters["AccountName"]
    account_names(exchange.memory)[account_id] = name
    if account is not None:
        account.name = name
    return call.reply({})


def _information(exchange: Exchange) -> Answer:
    account_id = _subject(exchange.call)
    account = _member(account_id)
    if account is None:
        name = account_names(exchange.memory).get(account_id, _UNNAMED)
        return exchange.call.reply({"AccountId": account_id, "AccountName": name, "AccountState": "ACTIVE"})
    return exchange.call.reply(
        {
            "AccountId": account_id,
            "AccountName": account.name,
            "AccountCreatedDate": account.create_time,
            "AccountState": account.state,
        }
    )


def _subject(call: Call) -> str:
    """Returns the account that a call concerns. Refuses the calls that the API reference of PutAccountName excludes."""
    wanted = call.parameters.get("AccountId")
    if wanted is None:
        return call.account
    backend = organizations_backends[call.account]["aws"]
    if wanted == call.account:
        raise _denied(call, "The management account can only be managed using the standalone context.")
    if all(account.id != wanted for account in backend.accounts):
        raise _denied(call, f"{wanted} is not a member of an organization that this account manages.")
    if all(service["ServicePrincipal"] != SERVICE for service in backend.services):
        raise _denied(call, "Your organization must first enable trusted access with AWS Account Management.")
    return str(wanted)


def _denied(call: Call, reason: str) -> AwsError:
    user = f"arn:aws:iam::{call.account}:root"
    return AwsError(
        "AccessDeniedException", f"User: {user} is not authorized to perform: account:{call.name} ({reason})"
    )


def _member(account_id: str) -> FakeAccount | None:
    manager, partition = organizations_backends.master_accounts.get(account_id, (account_id, "aws"))
    accounts = organizations_backends[manager][partition].accounts
    return next((account for account in accounts if account.id == account_id), None)


def _require_known_account(exchange: Exchange) -> Answer:
    """Refuses contacts for unknown accounts. moto accepts any account."""
    _subject(exchange.call)
    return exchange.below()


PATCHES: Patches = {
    "DeleteAlternateContact": _require_known_account,
    "GetAccountInformation": _information,
    "GetAlternateContact": _require_known_account,
    "PutAccountName": _put_name,
    "PutAlternateContact": _require_known_account,
}
