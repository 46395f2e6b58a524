"""Whom AWS calls about an account when its owner's mailbox is not enough."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from settings.types.grammar import contact_text, phone_number
from settings.types.model import Settings
from settings.types.values import Checked, EmailAddress

ContactKind = Literal["billing", "operations", "security"]


class Contact(Settings):
    """One alternate contact, the same for every account (AWS Account Management, PutAlternateContact)."""

    name: Annotated[str, Checked(contact_text(64), {"minLength": 1, "maxLength": 64})] = Field(
        description="A person or a desk.", examples=["Security operations"]
    )
    title: Annotated[str, Checked(contact_text(50), {"minLength": 1, "maxLength": 50})] = Field(
        description="What they are in the company.", examples=["On call"]
    )
    email: EmailAddress = Field(description="Where AWS writes to.", examples=["security@acme.example"])
    phone: Annotated[str, Checked(phone_number, {"pattern": r"^[0-9()+ -]{1,25}$"})] = Field(
        description="Where AWS calls. Quoted, so that a leading plus stays.", examples=["+44 20 7946 0000"]
    )
