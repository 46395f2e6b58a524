"""The budget of the shared accounts, and the cost allocation tags of the organization."""

from __future__ import annotations

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.organization.cost_budget import CostBudget, CostBudgetArgs
from components.organization.member_account import MemberAccount
from settings.derived.foundation import Foundation
from settings.derived.tags import USER_TAG
from settings.team.use_case import USE_CASE_TAG
from settings.types.kinds import DurableKind
from stacks.organization.guardrails import TAGS
from stacks.shared.providers.accounts import management_account_id

COST_TAGS = (*(tag for tag in TAGS if tag != "plinth:lifecycle"), USE_CASE_TAG, USER_TAG)
"""Tags by which bills can be divided. The life cycle of a resource follows from its environment."""


def watch_costs(
    foundation: Foundation, created: Mapping[DurableKind, MemberAccount], opts: pulumi.ResourceOptions
) -> None:
    """Creates the budget of the shared accounts, and activates the cost allocation tags if the settings say so."""
    settings = foundation.organization
    if settings.bill_by_tags:
        _activate_cost_tags(opts)
    accounts: dict[str, pulumi.Input[str]] = {
        "organization": management_account_id(foundation),
        **{kind: account.account_id for kind, account in created.items()},
    }
    CostBudget(
        "budget",
        CostBudgetArgs(
            budget_name=settings.name,
            accounts=accounts,
            monthly_limit_usd=settings.monthly_budget_usd,
            owner=settings.owner,
        ),
        opts,
    )


def _activate_cost_tags(opts: pulumi.ResourceOptions) -> None:
    for key in COST_TAGS:
        aws.costexplorer.CostAllocationTag(
            f"cost-tag-{key.removeprefix('plinth:')}", tag_key=key, status="Active", opts=opts
        )
