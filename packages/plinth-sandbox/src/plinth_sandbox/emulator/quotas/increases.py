"""Increases of quotas that accounts have requested.

AWS answers a request with the status PENDING, and approves small increases of most quotas within minutes without a
person. The sandbox approves each at once, so that the next look at it shows APPROVED. It opens no support case.
"""

from __future__ import annotations

from typing import Any

from plinth_sandbox.emulator.patches.patch import Memory
from plinth_sandbox.emulator.quotas.table import ACCOUNTS, GLOBAL, Quota, applied


def value_of(memory: Memory, account: str, region: str, quota: Quota) -> int:
    """Returns what an account may have in a region. Quotas of global services have one value in all of them."""
    return applied(_granted(memory, account, quota.region or region), quota)


def most_accounts(memory: Memory, account: str) -> int:
    """Returns how many accounts the organization of a management account may have."""
    return value_of(memory, account, GLOBAL, ACCOUNTS)


def grant(memory: Memory, account: str, region: str, quota: Quota, value: int) -> None:
    _granted(memory, account, quota.region or region)[quota.code] = value


def requests(memory: Memory, account: str, region: str) -> dict[str, Any]:
    """Returns the requests of an account in a region by their id, oldest first."""
    return memory.notes("service-quotas", account, region, "requests")


def _granted(memory: Memory, account: str, region: str) -> dict[str, Any]:
    return memory.notes("service-quotas", account, region, "granted")
