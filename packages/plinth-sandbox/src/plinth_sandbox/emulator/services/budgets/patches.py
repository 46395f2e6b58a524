"""Budgets: updates, subscribers and tags, which moto lacks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from moto.budgets.models import Budget, Notification, budgets_backends
from moto.core.utils import unix_time

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Patches
from plinth_sandbox.emulator.store.projection import tags_from
from plinth_sandbox.emulator.store.record import now

_NEVER = datetime(2087, 6, 15, tzinfo=UTC)
_INCLUDED = (
    "Credit",
    "Discount",
    "OtherSubscription",
    "Recurring",
    "Refund",
    "Subscription",
    "Support",
    "Tax",
    "Upfront",
)


def _budget(call: Call, name: str) -> Budget:
    budgets = budgets_backends[call.account]["aws"].budgets[call.parameters["AccountId"]]
    if name not in budgets:
        raise AwsError("NotFoundException", f"Unable to get budget: {name} - the budget doesn't exist.")
    return budgets[name]


def _notification(call: Call) -> Notification:
    budget = _budget(call, call.parameters["BudgetName"])
    wanted = _comparable(call.parameters["Notification"])
    for notification in budget.notifications:
        if _comparable(notification.details) == wanted:
            return notification
    raise AwsError("NotFoundException", "Unable to find the notification - it doesn't exist.")


def _comparable(details: dict[str, Any]) -> tuple[object, ...]:
    """Returns the members that identify a notification. Its state is not one of them (Budgets API reference)."""
    return (
        details["NotificationType"],
        details["ComparisonOperator"],
        float(details["Threshold"]),
        details.get("ThresholdType", "PERCENTAGE"),
    )


def _fill_in(budget: dict[str, Any]) -> None:
    """Fills in each missing member of period and cost types, as AWS does. moto fills them in only if all are
    missing."""
    start = now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    budget["TimePeriod"] = {"Start": unix_time(start), "End": _NEVER.timestamp()} | budget.get("TimePeriod", {})
    if budget["BudgetType"] == "COST":
        defaults = {f"Include{kind}": True for kind in _INCLUDED} | {"UseAmortized": False, "UseBlended": False}
        budget["CostTypes"] = defaults | budget.get("CostTypes", {})


def _create(exchange: Exchange) -> Answer:
    answer = exchange.below()
    if answer.succeeded:
        _fill_in(_budget(exchange.call, exchange.call.parameters["Budget"]["BudgetName"]).budget)
        arn = f"arn:aws:budgets::{exchange.call.account}:budget/{exchange.call.parameters['Budget']['BudgetName']}"
        tags = exchange.memory.store.tags_beside(exchange.call.account, arn)
        tags.clear()
        tags.update(tags_from(exchange.call.parameters.get("ResourceTags")))
    return answer


def _update(exchange: Exchange) -> Answer:
    """Replaces the budget, as AWS does. Omitted members get their defaults."""
    new = exchange.call.parameters["NewBudget"]
    budget = _budget(exchange.call, new["BudgetName"])
    kept = {"TimePeriod": budget.budget["TimePeriod"], "LastUpdatedTime": unix_time()}
    budget.budget = kept | {name: value for name, value in new.items() if name != "TimePeriod"}
    if "TimePeriod" in new:
        budget.budget["TimePeriod"] |= {edge: unix_time(moment) for edge, moment in new["TimePeriod"].items()}
    _fill_in(budget.budget)
    return exchange.call.reply({})


def _subscribers(exchange: Exchange) -> Answer:
    return exchange.call.reply({"Subscribers": _notification(exchange.call).subscribers})


def _subscribe(exchange: Exchange) -> Answer:
    notification = _notification(exchange.call)
    if exchange.call.parameters["Subscriber"] in notification.subscribers:
        raise AwsError("DuplicateRecordException", "The subscriber already exists.")
    notification.subscribers.append(exchange.call.parameters["Subscriber"])
    return exchange.call.reply({})


def _unsubscribe(exchange: Exchange) -> Answer:
    notification = _notification(exchange.call)
    if exchange.call.parameters["Subscriber"] not in notification.subscribers:
        raise AwsError("NotFoundException", "Unable to delete subscriber - it doesn't exist.")
    notification.subscribers.remove(exchange.call.parameters["Subscriber"])
    return exchange.call.reply({})


def _update_notification(exchange: Exchange) -> Answer:
    budget = _budget(exchange.call, exchange.call.parameters["BudgetName"])
    old = _comparable(exchange.call.parameters["OldNotification"])
    for notification in budget.notifications:
        if _comparable(notification.details) == old:
            notification.details = exchange.call.parameters["NewNotification"]
            return exchange.call.reply({})
    raise AwsError("NotFoundException", "Unable to update notification - it doesn't exist.")


def _delete_notification(exchange: Exchange) -> Answer:
    """Deletes a notification. moto compares its state too, and reports no error if there is none."""
    gone = _notification(exchange.call)
    _budget(exchange.call, exchange.call.parameters["BudgetName"]).notifications.remove(gone)
    return exchange.call.reply({})


PATCHES: Patches = {
    "CreateBudget": _create,
    "CreateSubscriber": _subscribe,
    "DeleteNotification": _delete_notification,
    "DeleteSubscriber": _unsubscribe,
    "DescribeSubscribersForNotification": _subscribers,
    "UpdateBudget": _update,
    "UpdateNotification": _update_notification,
}
