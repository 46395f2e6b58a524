"""Guardrails on accounts themselves: membership, regions, contacts and the root user."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from components.identity.iam.statements import Conditions, Statement
from components.organization.guardrails.denial import EVERYTHING, deny
from components.organization.guardrails.exceptions import NOT_BY_FOUNDATION
from components.organization.guardrails.global_services import GLOBAL_SERVICES

CONTACTS_BILLS_AND_REGIONS = (
    "account:Delete*", "account:DisableRegion", "account:EnableRegion", "account:Put*",
    "account:StartPrimaryEmailUpdate", "aws-portal:Modify*", "billing:Update*", "payments:Make*", "payments:Update*",
    "tax:Update*",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class ElsewhereAllowed:
    """Actions that are allowed in further regions."""

    actions: Sequence[str]
    """IAM actions, which may end with ``*``."""

    regions: Sequence[str]
    """Further regions."""


def stay_in_the_organization() -> list[Statement]:
    """Builds SCP-01 and SCP-02: accounts cannot leave or close, contacts and regions are fixed, the root user is
    denied.

    Short root sessions that the management account opens in a member account (``sts:AssumeRoot``) stay allowed: they
    are the only way to repair a bucket or queue policy that has locked out all principals.
    """
    return [
        deny("SCP01StayAMember", ["organizations:LeaveOrganization", "account:CloseAccount"]),
        deny("SCP01KeepContactsBillsAndRegions", CONTACTS_BILLS_AND_REGIONS, NOT_BY_FOUNDATION),
        deny(
            "SCP02RootDoesNothing",
            EVERYTHING,
            {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}, "BoolIfExists": {"aws:AssumedRoot": "false"}},
        ),
    ]


def stay_in_allowed_regions(regions: Sequence[str], elsewhere: Sequence[ElsewhereAllowed] = ()) -> list[Statement]:
    """Builds SCP-03: denies requests outside the organization's regions. Actions of ``elsewhere`` are denied outside
    these regions and their own."""
    excepted = [action for exception in elsewhere for action in exception.actions]
    return [
        Statement(
            sid="SCP03OnlyAllowedRegions",
            effect="Deny",
            not_actions=[*GLOBAL_SERVICES, *excepted],
            resources=EVERYTHING,
            conditions=_outside(regions),
        ),
        *(
            deny(f"SCP03OnlyRegionsOfException{number}", exception.actions, _outside([*regions, *exception.regions]))
            for number, exception in enumerate(elsewhere, 1)
        ),
    ]


def _outside(regions: Sequence[str]) -> Conditions:
    return {"StringNotEquals": {"aws:RequestedRegion": list(regions)}}


def deny_everything() -> list[Statement]:
    """Builds SCP-01 for accounts that are suspended or wait for a new team: denies all actions."""
    return [deny("SCP01NothingAtAll", EVERYTHING, NOT_BY_FOUNDATION)]
