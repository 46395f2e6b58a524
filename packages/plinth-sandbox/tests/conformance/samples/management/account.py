"""Samples of AWS Account Management."""

from __future__ import annotations

from typing import Any

from conformance.members import members
from conformance.sample import Aws, Kept, Sample

DESK = {
    "alternateContactType": "SECURITY",
    "name": "Security desk",
    "title": "On call",
    "emailAddress": "security@acme.example",
    "phoneNumber": "+44 20 7946 0000",
}
OTHERWISE = {"name": "Night desk", "phoneNumber": "+44 20 7946 0001"}


def _address(it: Kept) -> dict[str, str]:
    account, _, kind = it.id.rpartition("/")
    return {"AlternateContactType": kind, **({"AccountId": account} if account else {})}


def _contact(aws: Aws, it: Kept) -> tuple[Any, ...]:
    contact = aws("account").get_alternate_contact(**_address(it))["AlternateContact"]
    return tuple(contact[key] for key in ("Name", "Title", "EmailAddress", "PhoneNumber"))


def _drift(aws: Aws, it: Kept) -> None:
    drifted = {"Name": "Nobody", "Title": "On call", "EmailAddress": "nobody@acme.example", "PhoneNumber": "1"}
    aws("account").put_alternate_contact(**_address(it), **drifted)


def _sample(needs: dict[str, Any], inputs: dict[str, Any]) -> Sample:
    return Sample(
        type="aws:account/alternativeContact:AlternativeContact",
        needs=needs,
        inputs={**DESK, **inputs},
        look=_contact,
        seen=("Security desk", "On call", "security@acme.example", "+44 20 7946 0000"),
        change=OTHERWISE,
        seen_changed=("Night desk", "On call", "security@acme.example", "+44 20 7946 0001"),
        replace={"alternateContactType": "BILLING"},
        drift=_drift,
        drifts="name",
        remove=lambda aws, it: aws("account").delete_alternate_contact(**_address(it)),
    )


SAMPLES = [_sample({}, {}), _sample(members("account.amazonaws.com"), {"accountId": "{audit.id}"})]
