"""Contacts of an account. Requests name a member account by its id, and omit the id for the caller's own account."""

from __future__ import annotations

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties

_MEMBERS = {"emailAddress": "EmailAddress", "name": "Name", "phoneNumber": "PhoneNumber", "title": "Title"}


def put_contact(caller: Caller, known: Properties) -> Properties:
    """Puts a complete contact. Like the vendor's provider, its id contains the account if the program names one."""
    account, kind = known.get("accountId"), known["alternateContactType"]
    said = {member: known[name] for name, member in _MEMBERS.items()}
    caller.aws("put_alternate_contact", **_address(account, kind), **said)
    return {"id": f"{account}/{kind}" if account else kind}


def read_contact(caller: Caller, known: Properties) -> Properties:
    """Returns the contact that the id names."""
    account, _, kind = known["id"].rpartition("/")
    contact = caller.aws("get_alternate_contact", **_address(account, kind))["AlternateContact"]
    found = {name: contact[member] for name, member in _MEMBERS.items()}
    return {**found, "alternateContactType": kind, "accountId": account or None}


def delete_contact(caller: Caller, known: Properties) -> None:
    """Deletes the alternate contact. The account's root email address stays."""
    account, _, kind = known["id"].rpartition("/")
    caller.aws("delete_alternate_contact", **_address(account, kind))


def _address(account: str | None, kind: str) -> dict[str, str]:
    return {"AlternateContactType": kind, **({"AccountId": account} if account else {})}
