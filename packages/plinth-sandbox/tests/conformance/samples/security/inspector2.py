"""Samples of Amazon Inspector."""

from __future__ import annotations

from typing import Any

from conformance.members import members
from conformance.sample import Aws, Kept, Sample

_ACCOUNT = "123456789012"


def _scanned(aws: Aws, it: Kept) -> list[str]:
    (account,) = aws("inspector2").batch_get_account_status(accountIds=[_ACCOUNT])["accounts"]
    return sorted(kind for kind, state in account["resourceState"].items() if state["status"] == "ENABLED")


def _of_members(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("inspector2").describe_organization_configuration()["autoEnable"]
    return {kind: found.get(kind, False) for kind in ("ec2", "ecr", "lambda", "lambdaCode")}


def _configure(aws: Aws, **kinds: bool) -> None:
    aws("inspector2").update_organization_configuration(autoEnable={"ec2": False, "ecr": False, **kinds})


def _administrators(aws: Aws, _it: Kept) -> list[str]:
    listed = aws("inspector2").list_delegated_admin_accounts()["delegatedAdminAccounts"]
    return [found["accountId"] for found in listed]


SAMPLES = [
    Sample(
        type="aws:inspector2/enabler:Enabler",
        inputs={"accountIds": [_ACCOUNT], "resourceTypes": ["EC2", "ECR"]},
        look=_scanned,
        seen=["ec2", "ecr"],
        change={"resourceTypes": ["ECR", "LAMBDA"]},
        seen_changed=["ecr", "lambda"],
        replace={"accountIds": ["111111111111"]},
        drift=lambda aws, it: aws("inspector2").disable(accountIds=[_ACCOUNT], resourceTypes=["EC2"]),
        drifts="resourceTypes",
        remove=lambda aws, it: aws("inspector2").disable(accountIds=[_ACCOUNT], resourceTypes=["EC2", "ECR", "LAMBDA"]),
    ),
    Sample(
        type="aws:inspector2/organizationConfiguration:OrganizationConfiguration",
        inputs={"autoEnable": {"ec2": True, "ecr": True, "lambda": True}},
        look=_of_members,
        seen={"ec2": True, "ecr": True, "lambda": True, "lambdaCode": False},
        change={"autoEnable": {"ec2": False, "ecr": True, "lambda": True, "lambdaCode": True}},
        seen_changed={"ec2": False, "ecr": True, "lambda": True, "lambdaCode": True},
        drift=lambda aws, it: _configure(aws, ecr=False),
        drifts="autoEnable",
    ),
    Sample(
        type="aws:inspector2/delegatedAdminAccount:DelegatedAdminAccount",
        needs=members("inspector2.amazonaws.com"),
        inputs={"accountId": "{audit.id}"},
        look=_administrators,
        seen=["{audit.id}"],
        replace={"accountId": "210987654321"},
        remove=lambda aws, it: aws("inspector2").disable_delegated_admin_account(delegatedAdminAccountId=it.id),
    ),
]
