"""API keys, usage plans with their quotas, and throttling.

Sources: API Gateway Developer Guide, "Usage plans and API keys for REST APIs" and "Throttle requests to your REST APIs
for better throughput" (read 2026-11-22).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from plinth_sandbox.emulator.patches.patch import Memory
from plinth_sandbox.emulator.services.apigateway.executor.failures import RefusedError


@dataclass(frozen=True, slots=True)
class Plan:
    """The usage plan of an API key for one stage."""

    id: str
    key_id: str
    key: str
    throttle: Mapping[str, Any]
    quota: Mapping[str, Any]

    @property
    def usage(self) -> str:
        return f"{self.id}/{self.key_id}"


def plan_of(backend: Any, api: str, stage: str, value: str, route: str) -> Plan:
    """Returns the plan for an API key. Raises RefusedError for an unknown key, or one without a plan for the stage."""
    if not value:
        raise RefusedError("INVALID_API_KEY", "Forbidden")
    key = next(
        (candidate for candidate in backend.keys.values() if candidate.value == value and candidate.enabled), None
    )
    for plan in backend.usage_plans.values():
        if key is None or key.id not in backend.usage_plan_keys.get(plan.id, {}):
            continue
        for api_stage in plan.api_stages:
            if (api_stage["apiId"], api_stage["stage"]) == (api, stage):
                throttle = {**plan.throttle, **(api_stage.get("throttle") or {}).get(route, {})}
                return Plan(plan.id, key.id, value, throttle, plan.quota)
    raise RefusedError("INVALID_API_KEY", "Forbidden")


def count(plan: Plan, today: date, memory: Memory) -> None:
    """Counts a request against the quota of a plan. Raises RefusedError if the quota is used up."""
    limit = int(plan.quota.get("limit") or 0)
    used = memory.notes("api-usage", plan.usage)
    period = beginning(str(plan.quota.get("period") or "DAY"), today).isoformat()
    if limit and used.get(period, 0) >= limit:
        raise RefusedError("QUOTA_EXCEEDED", "Limit Exceeded")
    used[period] = used.get(period, 0) + 1


def beginning(period: str, today: date) -> date:
    """Returns the first day of a quota's period."""
    if period == "MONTH":
        return today.replace(day=1)
    # A week begins on Sunday.
    return today - timedelta(days=(today.weekday() + 1) % 7) if period == "WEEK" else today


def throttle(name: str, limits: Mapping[str, Any], memory: Memory) -> None:
    """Takes a token from the bucket of a limit. Raises RefusedError if it is empty."""
    rate, burst = float(limits.get("rateLimit") or 0), int(limits.get("burstLimit") or 0)
    if not rate and not burst:
        return
    bucket = memory.notes("api-throttles", name)
    now = time.monotonic()
    tokens = min(float(burst), float(bucket.get("tokens", burst)) + (now - float(bucket.get("at", now))) * rate)
    if tokens < 1:
        bucket.update(tokens=tokens, at=now)
        raise RefusedError("THROTTLED", "Too Many Requests")
    bucket.update(tokens=tokens - 1, at=now)
