"""AWS Budgets."""

from __future__ import annotations

from plinth_sandbox.provider.functions.management.budgets import (
    change_notifications,
    create_budget,
    read_budget,
    read_notifications,
    update_budget,
)
from plinth_sandbox.provider.vocabulary import Resource, Tagging, Update

_CONTENT = ["budgetType", "timeUnit", "costFilters", "costTypes", "timePeriodStart", "timePeriodEnd"]
_LIMIT = ["limitAmount", "limitUnit"]
_INCLUDED = [
    "Credit",
    "Discount",
    "OtherSubscription",
    "Recurring",
    "Refund",
    "Subscription",
    "Support",
    "Tax",
    "Upfront",
]

BUDGET = Resource(
    type="aws:budgets/budget:Budget",
    create=create_budget,
    creates=[*_CONTENT, *_LIMIT, "tags"],
    identifier="{accountId}:{name}",
    address={"AccountId": "{accountId}", "BudgetName": "{name}"},
    read=[read_budget, read_notifications],
    update=[
        Update(update_budget, carries=[*_CONTENT, *_LIMIT]),
        Update(change_notifications, carries=["notifications"]),
    ],
    delete="delete_budget",
    defaults={"timePeriodEnd": "2087-06-15_00:00", **{f"costTypes.include{kind}": True for kind in _INCLUDED}},
    computed=["accountId", "costFilters", "costTypes", "timePeriodStart", *_LIMIT],
    derived={"arn": "arn:{@partition}:budgets::{accountId}:budget/{name}"},
    tags=Tagging(),
)

RESOURCES = [BUDGET]
