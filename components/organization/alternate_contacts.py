"""Alternate contacts, which AWS uses in addition to the e-mail address of an account's root user."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from settings.organization.contacts import Contact, ContactKind


@dataclass(frozen=True, kw_only=True, slots=True)
class AlternateContactsArgs:
    """Arguments of :class:`AlternateContacts`."""

    accounts: Mapping[str, pulumi.Input[str] | None]
    """Account ids by a stable name suffix. None stands for the provider's own account, which AWS requires to be
    omitted."""

    contacts: Mapping[ContactKind, Contact]
    """Contacts, identical for all accounts. May be empty; then no resource is created."""


class AlternateContacts(pulumi.ComponentResource):
    """Billing, operations and security contacts of several accounts, set from the management account.

    Creates: one alternate contact per account and kind (FSBP Account.1 requires the security contact).

    Outputs: ``contact_ids``.

    Cost: none.

    Example::

        AlternateContacts("contacts", AlternateContactsArgs(
            accounts={"audit": audit.account_id, "organization": None}, contacts=organization.contacts,
        ))
    """

    contact_ids: list[pulumi.Output[str]]
    """Ids of the contacts, each composed of the account and the kind."""

    def __init__(self, name: str, args: AlternateContactsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:organization:AlternateContacts", name, None, opts)
        self.contact_ids = [
            aws.account.AlternativeContact(
                f"{name}-{suffix}-{kind}",
                account_id=account_id,
                alternate_contact_type=kind.upper(),
                name=contact.name,
                title=contact.title,
                email_address=contact.email,
                phone_number=contact.phone,
                opts=pulumi.ResourceOptions(parent=self),
            ).id
            for suffix, account_id in args.accounts.items()
            for kind, contact in sorted(args.contacts.items())
        ]
        self.register_outputs({"contact_ids": self.contact_ids})
