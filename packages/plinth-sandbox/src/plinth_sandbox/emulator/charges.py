"""Charges from a file in the format FOCUS, in which clouds export their bills.

Source: FinOps Open Cost and Usage Specification 1.0, columns ``BilledCost``, ``BillingCurrency``, ``ChargeCategory``,
``ChargePeriodStart``, ``ServiceName``, ``SubAccountId`` and ``Tags``. A file may have more columns.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from plinth_sandbox.engine.errors import SetUpError

COLUMNS = (
    "BilledCost", "BillingCurrency", "ChargeCategory", "ChargePeriodStart", "ServiceName", "SubAccountId", "Tags",
)  # fmt: skip
CATEGORIES = ("Usage", "Tax", "Credit")
"""Categories that the sandbox knows, of those that FOCUS has."""


@dataclass(frozen=True, kw_only=True)
class Charge:
    """A charge of a day."""

    day: str
    """Such as ``2026-11-28``."""
    account: str
    service: str
    """Name of the service in Cost Explorer: ``Amazon SageMaker``."""
    amount: str
    """US dollars, as a decimal number."""
    category: str
    """One of :data:`CATEGORIES`."""
    tags: Mapping[str, str]


def read_charges(file: Path) -> list[Charge]:
    """Returns the charges of a CSV file. Raises: SetUpError for a file that has none, or a line that is none."""
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            rows = csv.DictReader(lines, strict=True)
            if missing := [column for column in COLUMNS if column not in (rows.fieldnames or ())]:
                raise SetUpError(f"{file} has no column {missing[0]}", fix=f"give it {', '.join(COLUMNS)}")
            return list(_charges(file, rows))
    except (csv.Error, UnicodeDecodeError) as error:
        raise SetUpError(f"{file} is no CSV file: {error}", fix="export it as CSV, in UTF-8") from error


def _charges(file: Path, rows: csv.DictReader[str]) -> Iterator[Charge]:
    for row in rows:
        try:
            yield _charge(row)
        except (AttributeError, TypeError, ValueError, InvalidOperation) as error:
            place = f"{file}, line {rows.line_num}"
            raise SetUpError(f"{place} is no charge: {error or type(error).__name__}", fix="see FOCUS 1.0") from error


def _charge(row: Mapping[str, str]) -> Charge:
    if row["BillingCurrency"] != "USD":
        raise ValueError(f"BillingCurrency is {row['BillingCurrency']!r}; allowed is 'USD'")
    if row["ChargeCategory"] not in CATEGORIES:
        raise ValueError(f"ChargeCategory is {row['ChargeCategory']!r}; allowed are {', '.join(CATEGORIES)}")
    if not Decimal(row["BilledCost"]).is_finite():
        raise ValueError(f"BilledCost is {row['BilledCost']}")
    tags = json.loads(row["Tags"] or "{}")
    if not all(isinstance(text, str) for item in tags.items() for text in item):
        raise ValueError("Tags is no JSON object of texts")
    return Charge(
        day=datetime.fromisoformat(row["ChargePeriodStart"]).date().isoformat(),
        account=row["SubAccountId"],
        service=row["ServiceName"],
        amount=row["BilledCost"],
        category=row["ChargeCategory"],
        tags=tags,
    )
