"""Rules about retraining: it has a trigger, and drift can only be found where an endpoint is monitored."""

from __future__ import annotations

from collections.abc import Iterator

from settings.rules.partial_config import PlacedDelivery
from settings.types.error_codes import Code
from settings.types.errors import Fault


def retraining_faults(placed: PlacedDelivery) -> Iterator[Fault]:
    retraining, path = placed.settings.retraining, f"{placed.path}.retraining"
    if retraining is None:
        return
    if not retraining.on_drift and retraining.schedule is None:
        rule, fix = "starts no retraining", "set on_drift, schedule or both, or remove it"
        yield Fault(code=Code.RETRAINING, file=placed.file, path=path, rule=rule, fix=fix)
    if not retraining.on_drift:
        return
    missing = [] if "real-time" in placed.inference else ["real-time inference"]
    missing += [] if placed.settings.approvers else ["approvers"]
    if missing:
        rule = f"needs {' and '.join(missing)}: production has no monitored endpoint"
        fix = "add them, or set a schedule and remove on_drift"
        yield Fault(code=Code.RETRAINING, file=placed.file, path=f"{path}.on_drift", value="true", rule=rule, fix=fix)
