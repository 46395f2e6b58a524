"""Budgets, whose structure in AWS differs from the properties, and their notifications."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from plinth_sandbox.provider.operations.calls import Caller
from plinth_sandbox.provider.vocabulary import Properties

_MOMENT = "%Y-%m-%d_%H:%M"
"""Format of a budget's start and end in the vendor's provider, in UTC."""

_COMPARED = {
    "notificationType": "NotificationType",
    "comparisonOperator": "ComparisonOperator",
    "threshold": "Threshold",
    "thresholdType": "ThresholdType",
}
_SUBSCRIBERS = {"subscriberEmailAddresses": "EMAIL", "subscriberSnsTopicArns": "SNS"}


def create_budget(caller: Caller, known: Properties) -> Properties:
    """Creates a budget in the account of the credentials, or in the member account that the program names."""
    account = known.get("accountId") or known["@account"]
    tags = [{"Key": key, "Value": value} for key, value in known["tagsAll"].items()]
    caller.aws("create_budget", AccountId=account, Budget=_budget(known), **({"ResourceTags": tags} if tags else {}))
    return {"accountId": account}


def update_budget(caller: Caller, known: Properties) -> None:
    """Replaces the whole budget."""
    caller.aws("update_budget", AccountId=known["accountId"], NewBudget=_budget(known))


def read_budget(caller: Caller, known: Properties) -> Properties:
    """Returns the budget without its notifications."""
    answer = caller.aws("describe_budget", AccountId=known["accountId"], BudgetName=known["name"])
    budget = answer["Budget"]
    limit, period = budget.get("BudgetLimit", {}), budget.get("TimePeriod", {})
    return {
        "budgetType": budget["BudgetType"],
        "timeUnit": budget["TimeUnit"],
        "limitAmount": limit.get("Amount"),
        "limitUnit": limit.get("Unit"),
        "costFilters": [{"name": name, "values": values} for name, values in budget.get("CostFilters", {}).items()],
        "costTypes": {name[0].lower() + name[1:]: on for name, on in budget.get("CostTypes", {}).items()} or None,
        "timePeriodStart": _spelt(period.get("Start")),
        "timePeriodEnd": _spelt(period.get("End")),
    }


def read_notifications(caller: Caller, known: Properties) -> Properties:
    """Returns the notifications, each with its subscribers."""
    address = {"AccountId": known["accountId"], "BudgetName": known["name"]}
    found = caller.aws("describe_notifications_for_budget", **address).get("Notifications", [])
    return {"notifications": [_with_subscribers(caller, address, notification) for notification in found]}


def change_notifications(caller: Caller, known: Properties) -> None:
    """Replaces changed notifications. AWS identifies a notification by its comparison, so other subscribers require a
    new one."""
    address = {"AccountId": known["accountId"], "BudgetName": known["name"]}
    for notification in known["-notifications"]:
        caller.aws("delete_notification", **address, Notification=_compared(notification))
    for notification in known["+notifications"]:
        subscribers = [
            {"SubscriptionType": kind, "Address": target}
            for name, kind in _SUBSCRIBERS.items()
            for target in notification.get(name) or []
        ]
        caller.aws("create_notification", **address, Notification=_compared(notification), Subscribers=subscribers)


def _budget(known: Properties) -> dict[str, Any]:
    budget = {
        "BudgetName": known["name"],
        "BudgetType": known["budgetType"],
        "TimeUnit": known["timeUnit"],
        "CostFilters": {item["name"]: item["values"] for item in known.get("costFilters") or []},
        "CostTypes": {name[0].upper() + name[1:]: on for name, on in (known.get("costTypes") or {}).items()},
        "TimePeriod": {
            "Start": _moment(known.get("timePeriodStart")),
            "End": _moment(known.get("timePeriodEnd")),
        },
    }
    if known.get("limitAmount"):
        budget["BudgetLimit"] = {"Amount": known["limitAmount"], "Unit": known.get("limitUnit")}
    return _without_nothing(budget)


def _without_nothing(members: Mapping[str, Any]) -> dict[str, Any]:
    inner = {name: _without_nothing(value) if isinstance(value, dict) else value for name, value in members.items()}
    return {name: value for name, value in inner.items() if value not in (None, {})}


def _compared(notification: Properties) -> dict[str, Any]:
    return {member: notification[name] for name, member in _COMPARED.items()}


def _with_subscribers(caller: Caller, address: Mapping[str, str], notification: Mapping[str, Any]) -> Properties:
    # AWS omits the threshold type if it is a percentage.
    compared = {"ThresholdType": "PERCENTAGE", **notification}
    asked = {member: compared[member] for member in _COMPARED.values()}
    subscribers = caller.aws("describe_subscribers_for_notification", **address, Notification=asked)["Subscribers"]
    found = {name: compared[member] for name, member in _COMPARED.items()}
    for name, kind in _SUBSCRIBERS.items():
        if targets := [item["Address"] for item in subscribers if item["SubscriptionType"] == kind]:
            found[name] = targets
    return found


def _moment(text: str | None) -> datetime | None:
    return datetime.strptime(text, _MOMENT).replace(tzinfo=UTC) if text else None


def _spelt(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).strftime(_MOMENT) if moment else None
