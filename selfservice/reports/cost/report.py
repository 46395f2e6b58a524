"""Formats a bill as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from selfservice.formatting import counted
from selfservice.reports.cost.bill import Bill, Line
from selfservice.reports.cost.quantities import Component
from settings.organization.organization import Endpoints

_CENT = Decimal("0.01")
_MORE = "+"
"""Marks a sum that lacks a component without a known price."""


def as_text(bill: Bill) -> str:
    """Returns the cost by account and by component, and what the sums do not include."""
    head = (
        f"{bill.organization}, {counted(bill.teams, 'team')}: fixed cost in US dollars a month, "
        f"at the prices of {bill.table.named} as read by {bill.table.as_of}"
    )
    return "\n\n".join([head, _by_account(bill), _by_component(bill), "\n".join(_below(bill))])


def as_json(bill: Bill) -> str:
    document = {
        "organization": bill.organization,
        "teams": bill.teams,
        "endpoints": bill.endpoints,
        "prices": {
            "region": bill.table.region,
            "stands_for": bill.table.stands_for,
            "as_of": bill.table.as_of,
            "components": {
                component: {"unit": price.unit, "usd": None if price.usd is None else str(price.usd)}
                | {"source": price.source}
                for component, price in bill.table.prices.items()
            },
        },
        "lines": [_line_document(bill, line) for line in bill.lines],
        "total": {mode: amount(bill.total(mode)) for mode in bill.modes},
        "without_price": {mode: bill.without_price(mode) for mode in bill.modes},
        "paid_by_use": list(bill.table.paid_by_use),
    }
    return json.dumps(document, indent=2)


def _line_document(bill: Bill, line: Line) -> dict[str, Any]:
    costs: dict[str, Any] = {
        mode: {"count": line.counts[mode], "usd": None if (usd := bill.usd(line, mode)) is None else amount(usd)}
        for mode in bill.modes
    }
    return {"account": line.account, "component": line.component, **costs}


def _by_account(bill: Bill) -> str:
    accounts = dict.fromkeys(line.account for line in bill.lines)
    rows = [[account, *(_sum(bill, mode, account) for mode in bill.modes)] for account in accounts]
    return aligned([["account", *bill.modes], *rows, ["total", *(_sum(bill, mode) for mode in bill.modes)]])


def _sum(bill: Bill, mode: Endpoints, account: str | None = None) -> str:
    mark = f" {_MORE}" if bill.without_price(mode, account=account) else ""
    return f"{money(bill.total(mode, account=account))}{mark}"


def _by_component(bill: Bill) -> str:
    headings = ["component", *(heading for mode in bill.modes for heading in ("number", mode))]
    present = [part for part in bill.table.prices if any(bill.count(mode, part) for mode in bill.modes)]
    rows = [
        [bill.table.prices[part].name, *(cell for mode in bill.modes for cell in _cells(bill, mode, part))]
        for part in present
    ]
    return aligned([headings, *rows])


def _cells(bill: Bill, mode: Endpoints, component: Component) -> tuple[str, str]:
    number = bill.count(mode, component)
    if not number:
        return "", ""
    priced = bill.table.prices[component].usd is not None
    return f"{number:,}", money(bill.total(mode, component=component)) if priced else _MORE


def _below(bill: Bill) -> Iterator[str]:
    for mode in bill.modes:
        if missing := bill.without_price(mode):
            parts = ", ".join(f"{bill.table.prices[part].name} ({number:,})" for part, number in missing.items())
            yield f"{_MORE} not in the sum of {mode}, for want of a price in {bill.table.region}: {parts}"
    yield _comparison(bill)
    yield "paid by use, and in no sum:"
    yield from (f"  {use}" for use in bill.table.paid_by_use)


def _comparison(bill: Bill) -> str:
    own = bill.endpoints
    others = [mode for mode in bill.modes if mode != own]
    if not others:
        return f"endpoints are {own}; the other way comes with the network account, in phase repeatable"
    (other,) = others
    difference = bill.total(own) - bill.total(other)
    verdict = f"{money(abs(difference))} {'less' if difference > 0 else 'more'}"
    proviso = "" if bill.without_price(own) == bill.without_price(other) else ", without what has no price"
    return f"endpoints are {own}; {other} ones would cost {verdict}{proviso}"


def amount(usd: Decimal) -> float:
    return float(usd.quantize(_CENT, ROUND_HALF_UP))


def money(usd: Decimal) -> str:
    return f"{usd.quantize(_CENT, ROUND_HALF_UP):,}"


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Aligns the first column left and the others right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(_padded(row, widths)).rstrip() for row in rows)


def _padded(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    yield row[0].ljust(widths[0])
    yield from (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
