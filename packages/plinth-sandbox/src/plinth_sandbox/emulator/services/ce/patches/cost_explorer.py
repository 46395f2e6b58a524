"""Cost Explorer: the charges that somebody gave the sandbox, which charges nothing itself.

Source: Cost Explorer API reference, GetCostAndUsage and Expression (read 2026-11-28). moto answers from a queue of
prepared results.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.charges import Charge
from plinth_sandbox.emulator.layers.moto import NotEmulatedError
from plinth_sandbox.emulator.message import Answer
from plinth_sandbox.emulator.patches.patch import Exchange, Memory, Patches
from plinth_sandbox.emulator.services.ce.patches.cost_allocation_tags import is_active
from plinth_sandbox.emulator.store.record import now

COST = "UnblendedCost"
MONTHS_KEPT = 14
"""Months of history, the present one included, that every account has."""
_MOST_GROUPS = 2
_CURRENCY = "USD"
_NOTES = ("ce", "charges")


def record_charges(charges: Sequence[Mapping[str, Any]], memory: Memory) -> None:
    """Adds charges to those of the organization."""
    kept = memory.notes(*_NOTES)
    for charge in charges:
        kept[str(len(kept))] = Charge(**charge)


def _cost_and_usage(exchange: Exchange) -> Answer:
    given = exchange.call.parameters
    if list(given["Metrics"]) != [COST]:
        raise NotEmulatedError(f"GetCostAndUsage with {', '.join(given['Metrics'])}")
    start, end = (date.fromisoformat(given["TimePeriod"][edge][:10]) for edge in ("Start", "End"))
    _require_period(start, end)
    groups = given.get("GroupBy", [])
    if len(groups) > _MOST_GROUPS:
        raise AwsError("ValidationException", f"GroupBy has {len(groups)} members; {_MOST_GROUPS} are allowed")
    view = _View(exchange)
    wanted = view.matching(given["Filter"]) if "Filter" in given else _every
    found = [charge for charge in view.charges() if start <= date.fromisoformat(charge.day) < end and wanted(charge)]
    periods = [
        view.period(
            period, [charge for charge in found if period[0] <= date.fromisoformat(charge.day) < period[1]], groups
        )
        for period in _periods(start, end, given["Granularity"])
    ]
    return exchange.call.reply({"ResultsByTime": periods, "GroupDefinitions": groups, "DimensionValueAttributes": []})


def _require_period(start: date, end: date) -> None:
    """Raises: AwsError for a time that the service has no costs of."""
    today = now().date()
    if start >= end:
        raise AwsError("ValidationException", "Start date (and hour) should be before end date (and hour)")
    if start > today:
        raise AwsError("ValidationException", "Start date must be equal to or no later than the current date")
    if (today.year - start.year) * 12 + today.month - start.month >= MONTHS_KEPT:
        message = (
            f"You haven't enabled historical data beyond {MONTHS_KEPT} months. Please go to Cost Explorer settings"
        )
        raise AwsError("ValidationException", message)


def _periods(start: date, end: date, granularity: str) -> Iterator[tuple[date, date]]:
    """Yields start and end of each period; the end is not part of it."""
    if granularity not in ("DAILY", "MONTHLY"):
        raise NotEmulatedError(f"GetCostAndUsage with the granularity {granularity}")
    while start < end:
        following = start + timedelta(days=1)
        if granularity == "MONTHLY":
            following = (start.replace(day=1) + timedelta(days=31)).replace(day=1)
        yield start, min(following, end)
        start = following


def _every(charge: Charge) -> bool:
    del charge
    return True


class _View:
    """Charges that an account sees: the management account sees all, and each other account sees its own."""

    def __init__(self, exchange: Exchange) -> None:
        self._memory, self._account = exchange.memory, exchange.call.account

    def charges(self) -> Iterator[Charge]:
        for note in self._memory.notes(*_NOTES).values():
            if self._account in (DEFAULT_ACCOUNT_ID, note.account):
                yield note

    def period(
        self, period: tuple[date, date], charges: Sequence[Charge], groups: Sequence[Mapping[str, str]]
    ) -> dict[str, Any]:
        """Returns the result of a period."""
        start, end = period
        answer: dict[str, Any] = {
            "TimePeriod": {"Start": start.isoformat(), "End": end.isoformat()},
            "Estimated": (end.year, end.month) >= (now().year, now().month) and end > now().date().replace(day=1),
            "Total": {} if groups else _metrics(charges),
            "Groups": [],
        }
        if groups:
            by_keys: dict[tuple[str, ...], list[Charge]] = defaultdict(list)
            for charge in charges:
                by_keys[tuple(self._value(charge, group) for group in groups)].append(charge)
            answer["Groups"] = [
                {"Keys": list(keys), "Metrics": _metrics(content)} for keys, content in sorted(by_keys.items())
            ]
        return answer

    def _value(self, charge: Charge, group: Mapping[str, str]) -> str:
        if group["Type"] == "TAG":
            return f"{group['Key']}${self._tag(charge, group['Key'])}"
        if group["Type"] == "DIMENSION":
            return _dimension(charge, group["Key"])
        raise NotEmulatedError(f"GetCostAndUsage by {group['Type']}")

    def _tag(self, charge: Charge, key: str) -> str:
        """Returns the value of a tag, which is empty for a tag that is not active."""
        return charge.tags.get(key, "") if is_active(key, self._memory) else ""

    def matching(self, expression: Mapping[str, Any]) -> Callable[[Charge], bool]:
        """Returns whether a charge matches an expression. Raises: AwsError for an expression that AWS refuses."""
        if len(expression) != 1:
            message = "Expressions need exactly one root operator: And, Or, Not, Dimensions, Tags or CostCategories"
            raise AwsError("ValidationException", message)
        ((operator, content),) = expression.items()
        if operator == "Not":
            inner = self.matching(content)
            return lambda charge: not inner(charge)
        if operator in ("And", "Or"):
            if len(content) < 2:
                raise AwsError("ValidationException", f"{operator} needs two expressions or more")
            parts = [self.matching(part) for part in content]
            combined = all if operator == "And" else any
            return lambda charge: combined(part(charge) for part in parts)
        if set(content.get("MatchOptions", ["EQUALS"])) != {"EQUALS"}:
            raise NotEmulatedError(f"an expression with {content['MatchOptions']}")
        if operator == "Tags":
            return lambda charge: self._tag(charge, content["Key"]) in content["Values"]
        if operator == "Dimensions":
            return lambda charge: _dimension(charge, content["Key"]) in content["Values"]
        raise NotEmulatedError(f"an expression with {operator}")


def _dimension(charge: Charge, key: str) -> str:
    known = {"LINKED_ACCOUNT": charge.account, "SERVICE": charge.service, "RECORD_TYPE": charge.category}
    if key not in known:
        raise NotEmulatedError(f"the dimension {key}")
    return known[key]


def _metrics(charges: Sequence[Charge]) -> dict[str, Any]:
    return {COST: {"Amount": str(sum((Decimal(charge.amount) for charge in charges), Decimal())), "Unit": _CURRENCY}}


PATCHES: Patches = {"GetCostAndUsage": _cost_and_usage}
