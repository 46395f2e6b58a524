"""Which executions of the promotion have something to do."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from runtime.promotion import prepare
from runtime.promotion.decisions.proposal import Proposal
from runtime.promotion.errors import SupersededError

SERVED = {"model_package": "arn:2", "version": 2, "commit": "new", "decided_at": "2026-11-22T09:00:00.000+00:00"}
BEFORE, AFTER = "2026-11-22T08:00:00.000+00:00", "2026-11-22T10:00:00.000+00:00"


@pytest.mark.requirement("PROM-09")
@pytest.mark.parametrize(
    ("arn", "commit", "at", "reason"),
    [
        ("arn:2", "new", AFTER, "production serves version 2 with this code already"),
        ("arn:1", "new", BEFORE, "production serves version 2, which was approved later"),
        ("arn:1", "new", AFTER, None),
        ("arn:2", "newer", BEFORE, None),
        ("arn:2", "newer", SERVED["decided_at"], None),
    ],
    ids=["deployed", "replaced", "approved again", "new code, late event", "new code"],
)
def test_only_an_event_that_another_version_replaced_is_late(arn: str, commit: str, at: str, reason: str | None):
    records: Any = SimpleNamespace(served=lambda _: SERVED)
    version: Any = SimpleNamespace(arn=arn, number=int(arn[-1]))
    with pytest.raises(SupersededError, match=reason) if reason else nullcontext():
        prepare._require_news(records, version, Proposal(at=at, by=None), commit)


@pytest.mark.requirement("PROM-09")
def test_an_execution_that_is_repeated_keeps_its_claim_and_no_other_one_gets_it():
    kept: dict[str, Any] = {}
    records: Any = SimpleNamespace(read=kept.get, add=lambda name, claim: kept.setdefault(name, claim) is claim)
    first, second = (SimpleNamespace(execution=execution) for execution in ("1", "2"))
    for _ in range(2):
        prepare._claim(first, records, ("arn:1", "c"))  # type: ignore[arg-type]
    with pytest.raises(SupersededError, match="execution 1 promotes this version"):
        prepare._claim(second, records, ("arn:1", "c"))  # type: ignore[arg-type]
    prepare._claim(second, records, ("arn:1", "other code"))  # type: ignore[arg-type]
