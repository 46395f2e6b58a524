"""Minimum gates: the stricter limit applies, and a value passes or misses it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settings.organization.minimum_gate import MinimumGate, strictest

NUMBERS = st.floats(allow_nan=False, allow_infinity=False, width=32)


@pytest.mark.requirement("TR-06")
@given(NUMBERS, NUMBERS, NUMBERS)
def test_a_value_passes_the_strictest_limit_if_and_only_if_it_passes_each(one: float, two: float, value: float) -> None:
    for field in ("at_least", "at_most"):
        both = [{"metric": MinimumGate(**{field: limit})} for limit in (one, two)]
        each = [gates["metric"].shortfall(value) for gates in both]
        assert bool(strictest(*both)["metric"].shortfall(value)) == any(each)


def test_a_use_case_may_be_stricter_and_limit_further_metrics_but_not_be_weaker() -> None:
    everywhere = {"f1": MinimumGate(at_least=0.8), "rmse": MinimumGate(at_most=70)}
    own = {"f1": MinimumGate(at_least=0.7), "rmse": MinimumGate(at_most=60), "recall": MinimumGate(at_least=0.9)}
    assert {metric: gate.limits for metric, gate in strictest(everywhere, own).items()} == {
        "f1": {"at_least": 0.8},
        "recall": {"at_least": 0.9},
        "rmse": {"at_most": 60},
    }


def test_a_missed_limit_is_told_with_both_numbers_and_no_number_passes_as_not_a_number() -> None:
    assert MinimumGate(at_least=0.8).shortfall(0.71) == "0.71 < 0.8"
    assert MinimumGate(at_most=70).shortfall(71.3) == "71.3 > 70"
    assert MinimumGate(at_least=0.8).shortfall(float("nan")) == "nan < 0.8"
