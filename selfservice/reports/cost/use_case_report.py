"""Formats the costs of a use case as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal

from selfservice.reports.cost.report import aligned, amount, money
from selfservice.reports.cost.use_case_cost import Month

_OPEN = "*"
"""Marks a month that is not over."""


def as_text(use_case: str, months: Sequence[Month]) -> str:
    """Returns the costs by account and by service, a line for each month, and what production predicted."""
    head = f"{use_case}: cost in US dollars, without credits, and predictions of production"
    if not any(month.total for month in months):
        return f"{head}\n\nAWS has charged nothing with its tags since {months[0].month}."
    by_account = _table("month", months, lambda month: month.accounts, with_predictions=True)
    by_service = _table("month", months, lambda month: month.services, with_predictions=False)
    return "\n\n".join([head, by_account, by_service, "\n".join(_below(months))])


def as_json(use_case: str, months: Sequence[Month]) -> str:
    found = [
        {
            "month": month.month,
            "is_final": month.is_final,
            "usd": amount(month.total),
            "accounts": {account: amount(usd) for account, usd in sorted(month.accounts.items())},
            "services": {service: amount(usd) for service, usd in sorted(month.services.items())},
            "requests": month.predictions.requests,
            "batches": month.predictions.batches,
        }
        for month in months
    ]
    return json.dumps({"use_case": use_case, "months": found}, indent=2)


def _table(
    title: str, months: Sequence[Month], costs: Callable[[Month], Mapping[str, Decimal]], *, with_predictions: bool
) -> str:
    columns = sorted({column for month in months for column in costs(month)})
    predictions = ["requests", "batches"] if with_predictions else []
    rows = [
        [
            f"{month.month}{'' if month.is_final else f' {_OPEN}'}",
            *(money(costs(month).get(column, Decimal())) for column in columns),
            money(month.total),
            *([f"{month.predictions.requests:,}", f"{month.predictions.batches:,}"] if predictions else []),
        ]
        for month in months
    ]
    return aligned([[title, *columns, "total", *predictions], *rows])


def _below(months: Sequence[Month]) -> Iterator[str]:
    if not months[-1].is_final:
        yield f"{_OPEN} so far; costs appear a day later, and change until AWS has sent the bill"
    requests, total = sum(month.predictions.requests for month in months), sum(month.total for month in months)
    if requests and not any(month.predictions.batches for month in months):
        yield f"{money(Decimal(total) * 1000 / requests)} for each 1,000 requests"
    yield "Buckets, keys, networks and packages are shared by the use cases of a team, and have no tag of one."
