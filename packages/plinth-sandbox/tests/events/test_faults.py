"""A fault of the sandbox in one delivery reaches neither the call nor other deliveries."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest
from moto.events.models import events_backends

from plinth_sandbox.emulator.services.events.executor import delivery, outbox
from plinth_sandbox.emulator.services.events.executor.delivery import Deliveries

ACCOUNT, REGION = "210987654321", "eu-west-1"


def test_a_fault_keeps_an_event_from_no_other_target(monkeypatch: pytest.MonkeyPatch) -> None:
    arns = [f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}" for name in ("first", "second")]
    backend = events_backends[ACCOUNT][REGION]
    backend.put_rule("faults", event_pattern='{"source": ["faults"]}')
    backend.put_targets("faults", None, [{"Id": arn, "Arn": arn} for arn in arns])
    reached = []

    def deliver(delivered: Any, _: Any) -> None:
        reached.append(delivered.arn.text)
        if len(reached) == 1:
            raise RuntimeError("a fault")

    monkeypatch.setattr(delivery, "deliver", deliver)
    undelivered: Counter[str] = Counter()
    runtime: Any = SimpleNamespace(undelivered=undelivered)
    outbox.publish(ACCOUNT, REGION, "faults", "Test", {})
    Deliveries(runtime).deliver_published()
    assert reached == arns
    assert list(undelivered) == [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/faults to {arns[0]}: INTERNAL_ERROR"]
