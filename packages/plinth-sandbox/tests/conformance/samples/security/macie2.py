"""Samples of Amazon Macie."""

from __future__ import annotations

from typing import Any

from conformance.members import members
from conformance.sample import Aws, Kept, Sample


def _session(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("macie2").get_macie_session()
    return {"status": found["status"], "tells": found["findingPublishingFrequency"]}


def _of_members(aws: Aws, it: Kept) -> bool:
    return bool(aws("macie2").describe_organization_configuration()["autoEnable"])


def _administrators(aws: Aws, _it: Kept) -> list[str]:
    listed = aws("macie2").list_organization_admin_accounts()["adminAccounts"]
    return [found["accountId"] for found in listed]


SAMPLES = [
    Sample(
        type="aws:macie2/account:Account",
        inputs={"findingPublishingFrequency": "ONE_HOUR"},
        look=_session,
        seen={"status": "ENABLED", "tells": "ONE_HOUR"},
        change={"findingPublishingFrequency": "SIX_HOURS", "status": "PAUSED"},
        seen_changed={"status": "PAUSED", "tells": "SIX_HOURS"},
        drift=lambda aws, it: aws("macie2").update_macie_session(status="PAUSED"),
        drifts="status",
        remove=lambda aws, it: aws("macie2").disable_macie(),
    ),
    Sample(
        type="aws:macie2/organizationConfiguration:OrganizationConfiguration",
        inputs={"autoEnable": True},
        look=_of_members,
        seen=True,
        change={"autoEnable": False},
        seen_changed=False,
        drift=lambda aws, it: aws("macie2").update_organization_configuration(autoEnable=False),
        drifts="autoEnable",
    ),
    Sample(
        type="aws:macie2/organizationAdminAccount:OrganizationAdminAccount",
        needs=members("macie.amazonaws.com"),
        inputs={"adminAccountId": "{audit.id}"},
        look=_administrators,
        seen=["{audit.id}"],
        replace={"adminAccountId": "210987654321"},
        remove=lambda aws, it: aws("macie2").disable_organization_admin_account(adminAccountId=it.id),
    ),
]
