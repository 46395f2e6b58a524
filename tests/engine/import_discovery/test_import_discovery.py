"""Tests of every lookup that a recovery makes, each on an existing resource that the provider has created."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from conformance.plugin import REGION, Kept
from conformance.sample import Sample
from conformance.test_catalog import SAMPLES
from plinth_sandbox.testing import MANAGEMENT
from selfservice.engine.account_access import Account
from selfservice.engine.import_discovery import LOOKUPS

Make = Callable[[Sample], tuple[Kept, dict[str, Any]]]
SOUGHT = [sample for sample in SAMPLES if sample.type in LOOKUPS and sample.region == REGION]


@pytest.mark.parametrize("sample", SOUGHT, ids=str)
def test_what_was_made_is_found_by_what_the_program_said_of_it(sample: Sample, make: Make) -> None:
    kept, _ = make(sample)
    assert LOOKUPS[kept.type](kept.inputs, Account(id=MANAGEMENT, region=REGION, role_arn=None)) == kept.id


def test_every_finder_is_tried() -> None:
    assert set(LOOKUPS) - {sample.type for sample in SOUGHT} == set()
