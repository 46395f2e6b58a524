"""Settings of alternate contacts, which AWS uses in addition to the mailbox of the root user."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from settings.types.grammar import contact_text, phone_number
from settings.types.model import Settings
from settings.types.values import Checked, EmailAddress

ContactKind = Literal["billing", "operations", "security"]


class Contact(Settings):
    """One alternate contact, used for every account (AWS Account Management, PutAlternateContact)."""

    name: Annotated[str, Checked(contact_text(64), {"minLength": 1, "maxLength": 64})] = Field(
        description="Name of a person or a desk.", examples=["Security operations"]
    )
    title: Annotated[str, Checked(contact_text(50), {"minLength": 1, "maxLength": 50})] = Field(
        description="Job title of the contact.", examples=["On call"]
    )
    email: EmailAddress = Field(description="E-mail address of the contact.", examples=["security@acme.example"])
    phone: Annotated[str, Checked(phone_number, {"pattern": r"^[0-9()+ -]{1,25}$"})] = Field(
        description="Phone number of the contact. Quote it to keep a leading plus.", examples=["+44 20 7946 0000"]
    )
