"""Monthly cost budgets for a set of accounts, with e-mail notifications to their owner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

WARNING_PERCENT = 80
"""Percentage of the budget at which actual spending triggers a notification."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CostBudgetArgs:
    """Arguments of :class:`CostBudget`."""

    budget_name: str
    """Name in the management account, up to 100 characters (a Budgets limit)."""

    accounts: Mapping[str, pulumi.Input[str]]
    """Ids of the accounts whose cost is tracked, by a stable name suffix."""

    monthly_limit_usd: int
    """Monthly limit in whole US dollars for all accounts together. Exceeding it sends a notification and stops
    nothing."""

    owner: str
    """E-mail address of the person responsible for the bill."""

    def __post_init__(self) -> None:
        if self.monthly_limit_usd < 1:
            raise ValueError(f"monthly_limit_usd: {self.monthly_limit_usd} is too little (at least 1 US dollar)")


class CostBudget(pulumi.ComponentResource):
    """Budgets that notify the owner when 80 % is spent and when the forecast for the month exceeds the limit.

    Creates: in the management account, which sees all bills: a monthly cost budget for all accounts together, and one
    budget per account with an equal share, which shows where the money is spent.

    Outputs: ``budget_name``.

    Raises: ValueError when the limit is below one US dollar.

    Cost: none; AWS charges only for budgets with actions.

    Example::

        CostBudget("budget", CostBudgetArgs(
            budget_name="fraud", accounts={"development": account.account_id},
            monthly_limit_usd=1500, owner="fraud-owner@acme.example",
        ))
    """

    budget_name: pulumi.Output[str]
    """Name of the overall budget in the management account. Each account's budget appends the account's suffix to
    it."""

    def __init__(self, name: str, args: CostBudgetArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:organization:CostBudget", name, None, opts)
        self._args = args
        share = max(1, args.monthly_limit_usd // max(1, len(args.accounts)))
        whole = self._budget(name, args.budget_name, list(args.accounts.values()), args.monthly_limit_usd)
        for suffix, account_id in args.accounts.items():
            self._budget(f"{name}-{suffix}", f"{args.budget_name}-{suffix}", [account_id], share)
        self.budget_name = whole.name
        self.register_outputs({"budget_name": self.budget_name})

    def _budget(
        self, name: str, budget_name: str, account_ids: list[pulumi.Input[str]], limit_usd: int
    ) -> aws.budgets.Budget:
        owner = self._args.owner
        return aws.budgets.Budget(
            name,
            name=budget_name,
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount=str(limit_usd),
            limit_unit="USD",
            cost_filters=[aws.budgets.BudgetCostFilterArgs(name="LinkedAccount", values=account_ids)],
            notifications=[_notify(owner, "ACTUAL", WARNING_PERCENT), _notify(owner, "FORECASTED", 100)],
            opts=pulumi.ResourceOptions(parent=self),
        )


def _notify(owner: str, kind: str, percent: int) -> aws.budgets.BudgetNotificationArgs:
    return aws.budgets.BudgetNotificationArgs(
        notification_type=kind,
        comparison_operator="GREATER_THAN",
        threshold=percent,
        threshold_type="PERCENTAGE",
        subscriber_email_addresses=[owner],
    )
