"""AWS Account Management."""

from __future__ import annotations

from plinth_sandbox.provider.functions.management.account import delete_contact, put_contact, read_contact
from plinth_sandbox.provider.vocabulary import Resource, Update

ALTERNATIVE_CONTACT = Resource(
    type="aws:account/alternativeContact:AlternativeContact",
    create=put_contact,
    creates=["accountId", "alternateContactType", "emailAddress", "name", "phoneNumber", "title"],
    read=read_contact,
    update=[Update(put_contact, carries=["emailAddress", "name", "phoneNumber", "title"])],
    delete=delete_contact,
    name=None,
)

RESOURCES = [ALTERNATIVE_CONTACT]
