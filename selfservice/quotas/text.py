"""Formats comparisons of quotas as a table, as JSON, and as the remedy of a quota that is too small."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from selfservice.quotas.comparison import Row, Verdict
from settings.types.kinds import ENVIRONMENTS

_HEADERS = ("account", "quota", "needed", "in use", "allowed", "verdict")


def as_table(rows: Sequence[Row]) -> str:
    """Returns a line per quota, and below it the remedy if it is too small, or may be."""
    cells = [_HEADERS, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(_HEADERS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells]
    for number, row in reversed(list(enumerate(rows, start=1))):
        if row.verdict is not Verdict.OK:
            lines.insert(number + 1, f"    {remedy(row)}")
    return "\n".join(lines)


def as_json(rows: Sequence[Row]) -> str:
    return json.dumps([_document(row) for row in rows], indent=2)


def remedy(row: Row) -> str:
    """Returns how to raise a quota, or how to need less of it."""
    quota = row.need.quota
    if row.verdict is Verdict.UNKNOWN and row.account_id is not None:
        return f"these credentials may not read the quotas of the account {row.account_id}"
    if row.verdict is Verdict.UNKNOWN:
        return f"AWS publishes no value for new accounts: run this again when the account {row.need.place.label} exists"
    if quota.code is None:
        return f"AWS does not raise this quota in Service Quotas ({quota.source}): {quota.advice}"
    code = quota.raised_with or quota.code
    command = (
        f"`aws service-quotas request-service-quota-increase --region {quota.service_region(row.need.place.region)} "
        f"--service-code {quota.service} --quota-code {code} --desired-value {row.desired}`"
    )
    if row.account_id is None:
        return f"create the account first (`plinth up {_maker(row)}`), then run there {command}; or {quota.advice}"
    return f"run in the account {row.account_id}: {command}; or {quota.advice}"


def fault(row: Row) -> str:
    """Returns one line with the account, the quota, the stacks and the remedy."""
    by_stack = row.need.by_stack
    stacks = ", ".join(stack for stack, (_, most) in by_stack.items() if most)
    in_use = f", {row.in_use} in use by others" if row.in_use else ""
    return (
        f"{_account(row)}: {row.need.quota.title} in {row.need.place.region}: {_needed(row)} needed by {stacks}"
        f"{in_use}, {row.allowed} allowed; {remedy(row)}"
    )


def _maker(row: Row) -> str:
    label = row.need.place.label
    team, _, kind = label.rpartition("-")
    return team if team and kind in ENVIRONMENTS else "organization"


def _account(row: Row) -> str:
    return f"{row.need.place.label} ({row.account_id or 'a new account'})"


def _needed(row: Row) -> str:
    least, most = row.need.least, row.need.most
    return str(most) if least == most else f"{least}-{most}"


def _cells(row: Row) -> tuple[str, ...]:
    region = row.need.place.region
    return (
        row.need.place.label,
        f"{row.need.quota.title}, {region}",
        _needed(row),
        "?" if row.in_use is None else str(row.in_use),
        "?" if row.allowed is None else str(row.allowed),
        str(row.verdict),
    )


def _document(row: Row) -> dict[str, Any]:
    quota = row.need.quota
    return {
        "account": row.need.place.label,
        "account_id": row.account_id,
        "region": row.need.place.region,
        "service": quota.service,
        "code": quota.code,
        "name": quota.name,
        "needed": {"least": row.need.least, "most": row.need.most},
        "stacks": {stack: most for stack, (_, most) in row.need.by_stack.items()},
        "in_use": row.in_use,
        "allowed": row.allowed,
        "verdict": str(row.verdict),
        "remedy": "" if row.verdict is Verdict.OK else remedy(row),
    }
