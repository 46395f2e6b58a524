"""Whom AWS calls about accounts when their mailbox is not enough."""

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
    """A stable suffix -> number of the account; None for the provider's own account, which AWS wants unnamed."""

    contacts: Mapping[ContactKind, Contact]
    """The same for every account; none is legal, and makes nothing."""


class AlternateContacts(pulumi.ComponentResource):
    """The contacts for bills, operations and security of some accounts, set from the management account.

    Creates: one contact per account and kind (FSBP Account.1 asks for security).

    Args: see :class:`AlternateContactsArgs`.

    Outputs: ``contact_ids``.

    Raises: nothing of its own.

    Cost: none.

    Example::

        AlternateContacts("contacts", AlternateContactsArgs(
            accounts={"audit": audit.account_id, "organization": None}, contacts=organization.contacts,
        ))
    """

    contact_ids: list[pulumi.Output[str]]
    """Account and kind of each."""

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
