"""Samples of AWS Budgets."""

from __future__ import annotations

from typing import Any

from conformance.sample import Aws, Kept, Sample

ACCOUNT = "123456789012"
WARNING = {
    "notificationType": "ACTUAL",
    "comparisonOperator": "GREATER_THAN",
    "threshold": 80,
    "thresholdType": "PERCENTAGE",
    "subscriberEmailAddresses": ["owner@acme.example", "finance@acme.example"],
}
FORECAST = {
    "notificationType": "FORECASTED",
    "comparisonOperator": "GREATER_THAN",
    "threshold": 120.5,
    "thresholdType": "ABSOLUTE_VALUE",
    "subscriberSnsTopicArns": ["arn:aws:sns:eu-west-1:123456789012:budgets"],
}


def _budget(aws: Aws, it: Kept) -> dict[str, Any]:
    budgets = aws("budgets")
    address = {"AccountId": ACCOUNT, "BudgetName": it.inputs["name"]}
    budget = budgets.describe_budget(**address)["Budget"]
    notifications = budgets.describe_notifications_for_budget(**address)["Notifications"]
    tags = budgets.list_tags_for_resource(ResourceARN=it.outputs["arn"])["ResourceTags"]
    return {
        "limit": budget["BudgetLimit"],
        "filters": budget["CostFilters"],
        "refunds": budget["CostTypes"]["IncludeRefund"],
        "support": budget["CostTypes"]["IncludeSupport"],
        "until": budget["TimePeriod"]["End"].year,
        "subscribers": {
            (found["NotificationType"], found["Threshold"], found["ThresholdType"]): sorted(
                subscriber["Address"]
                for subscriber in budgets.describe_subscribers_for_notification(**address, Notification=found)[
                    "Subscribers"
                ]
            )
            for found in notifications
        },
        "tags": {tag["Key"]: tag["Value"] for tag in tags},
    }


def _unsubscribe(aws: Aws, it: Kept) -> None:
    aws("budgets").delete_subscriber(
        AccountId=ACCOUNT,
        BudgetName=it.inputs["name"],
        Notification={"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80},
        Subscriber={"SubscriptionType": "EMAIL", "Address": "owner@acme.example"},
    )


SAMPLES = [
    Sample(
        type="aws:budgets/budget:Budget",
        inputs={
            "name": "sample-{n}",
            "budgetType": "COST",
            "timeUnit": "MONTHLY",
            "limitAmount": "1500",
            "limitUnit": "USD",
            "costFilters": [{"name": "LinkedAccount", "values": ["111111111111", "222222222222"]}],
            "notifications": [WARNING, FORECAST],
            "tags": {"own": "1"},
        },
        look=_budget,
        seen={
            "limit": {"Amount": "1500", "Unit": "USD"},
            "filters": {"LinkedAccount": ["111111111111", "222222222222"]},
            "refunds": True,
            "support": True,
            "until": 2087,
            "subscribers": {
                ("ACTUAL", 80.0, "PERCENTAGE"): ["finance@acme.example", "owner@acme.example"],
                ("FORECASTED", 120.5, "ABSOLUTE_VALUE"): ["arn:aws:sns:eu-west-1:123456789012:budgets"],
            },
            "tags": {"from": "provider", "own": "1"},
        },
        change={
            "limitAmount": "2000",
            "costFilters": [{"name": "LinkedAccount", "values": ["222222222222"]}],
            "costTypes": {"includeRefund": False},
            "timePeriodEnd": "2030-01-01_00:00",
            "notifications": [{**WARNING, "subscriberEmailAddresses": ["finance@acme.example"]}],
            "tags": {"own": "2"},
        },
        seen_changed={
            "limit": {"Amount": "2000", "Unit": "USD"},
            "filters": {"LinkedAccount": ["222222222222"]},
            "refunds": False,
            "support": True,
            "until": 2030,
            "subscribers": {("ACTUAL", 80.0, "PERCENTAGE"): ["finance@acme.example"]},
            "tags": {"from": "provider", "own": "2"},
        },
        replace={"name": "sample-{n}-renamed"},
        drift=_unsubscribe,
        drifts="notifications",
        remove=lambda aws, it: aws("budgets").delete_budget(AccountId=ACCOUNT, BudgetName=it.inputs["name"]),
    ),
]
