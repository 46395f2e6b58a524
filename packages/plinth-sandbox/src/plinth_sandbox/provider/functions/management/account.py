"""Contacts of an account: of a member by its number, of one's own by naming none."""

from __future__ import annotations

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties

_MEMBERS = {"emailAddress": "EmailAddress", "name": "Name", "phoneNumber": "PhoneNumber", "title": "Title"}


def put_contact(caller: Caller, known: Properties) -> Properties:
    """A contact is put as a whole. The vendor's provider names it after the account, where it was given one."""
    account, kind = known.get("accountId"), known["alternateContactType"]
    said = {member: known[name] for name, member in _MEMBERS.items()}
    caller.aws("put_alternate_contact", **_address(account, kind), **said)
    return {"id": f"{account}/{kind}" if account else kind}


def read_contact(caller: Caller, known: Properties) -> Properties:
    """The contact that the id names."""
    account, _, kind = known["id"].rpartition("/")
    contact = caller.aws("get_alternate_contact", **_address(account, kind))["AlternateContact"]
    found = {name: contact[member] for name, member in _MEMBERS.items()}
    return {**found, "alternateContactType": kind, "accountId": account or None}


def delete_contact(caller: Caller, known: Properties) -> None:
    """The account's mailbox remains."""
    account, _, kind = known["id"].rpartition("/")
    caller.aws("delete_alternate_contact", **_address(account, kind))


def _address(account: str | None, kind: str) -> dict[str, str]:
    return {"AlternateContactType": kind, **({"AccountId": account} if account else {})}
