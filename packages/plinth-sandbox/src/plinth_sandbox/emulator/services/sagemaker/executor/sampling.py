"""Draws the hyperparameters of a tuning job's training jobs from its ranges."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator, Mapping
from typing import Any

Ranges = Mapping[str, list[Mapping[str, Any]]]
"""Member ``ParameterRanges`` of a tuning job."""


def problem(ranges: Ranges, static: Mapping[str, str]) -> str | None:
    """Returns why SageMaker refuses ranges, or None."""
    named = [str(one["Name"]) for one in itertools.chain.from_iterable(ranges.values())]
    if not named:
        return "A tuning job needs at least one parameter range."
    if twice := sorted({name for name in named if named.count(name) > 1 or name in static}):
        return f"Hyperparameters can have one range or one static value: {', '.join(twice)}."
    for one in _numeric(ranges):
        if float(one["MinValue"]) >= float(one["MaxValue"]):
            return f"The minimum of {one['Name']} must be less than its maximum."
        if one.get("ScalingType") == "Logarithmic" and float(one["MinValue"]) <= 0:
            return f"Logarithmic scaling of {one['Name']} needs a minimum above 0."
        if (
            one.get("ScalingType") == "ReverseLogarithmic"
            and not 0 <= float(one["MinValue"]) < float(one["MaxValue"]) < 1
        ):
            return f"Reverse logarithmic scaling of {one['Name']} needs a range from 0 to less than 1."
    return None


def drawn(ranges: Ranges, source: random.Random) -> dict[str, str]:
    """Draws one value from each range. Values are texts, as all hyperparameters are."""
    found = {one["Name"]: str(round(_scaled(one, source))) for one in ranges.get("IntegerParameterRanges", [])}
    found |= {one["Name"]: repr(_scaled(one, source)) for one in ranges.get("ContinuousParameterRanges", [])}
    found |= {one["Name"]: str(source.choice(one["Values"])) for one in ranges.get("CategoricalParameterRanges", [])}
    return found


def grid(ranges: Ranges) -> list[dict[str, str]]:
    """Returns all combinations of categories."""
    categories = ranges.get("CategoricalParameterRanges", [])
    names = [str(one["Name"]) for one in categories]
    return [
        dict(zip(names, values, strict=True)) for values in itertools.product(*(one["Values"] for one in categories))
    ]


def is_categorical(ranges: Ranges) -> bool:
    return not any(_numeric(ranges))


def _numeric(ranges: Ranges) -> Iterator[Mapping[str, Any]]:
    yield from ranges.get("IntegerParameterRanges", [])
    yield from ranges.get("ContinuousParameterRanges", [])


def _scaled(one: Mapping[str, Any], source: random.Random) -> float:
    low, high = float(one["MinValue"]), float(one["MaxValue"])
    match one.get("ScalingType"):
        case "Logarithmic":
            return math.exp(source.uniform(math.log(low), math.log(high)))
        case "ReverseLogarithmic":
            return 1 - math.exp(source.uniform(math.log(1 - high), math.log(1 - low)))
    return source.uniform(low, high)
