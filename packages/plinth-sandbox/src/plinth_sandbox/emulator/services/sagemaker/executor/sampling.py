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
    named = [str(parameter["Name"]) for parameter in itertools.chain.from_iterable(ranges.values())]
    if not named:
        return "A tuning job needs at least one parameter range."
    if twice := sorted({name for name in named if named.count(name) > 1 or name in static}):
        return f"Hyperparameters can have one range or one static value: {', '.join(twice)}."
    for range_ in _numeric(ranges):
        if float(range_["MinValue"]) >= float(range_["MaxValue"]):
            return f"The minimum of {range_['Name']} must be less than its maximum."
        if range_.get("ScalingType") == "Logarithmic" and float(range_["MinValue"]) <= 0:
            return f"Logarithmic scaling of {range_['Name']} needs a minimum above 0."
        if (
            range_.get("ScalingType") == "ReverseLogarithmic"
            and not 0 <= float(range_["MinValue"]) < float(range_["MaxValue"]) < 1
        ):
            return f"Reverse logarithmic scaling of {range_['Name']} needs a range from 0 to less than 1."
    return None


def drawn(ranges: Ranges, source: random.Random) -> dict[str, str]:
    """Draws one value from each range. Values are texts, as all hyperparameters are."""
    found = {
        parameter_range["Name"]: str(round(_scaled(parameter_range, source)))
        for parameter_range in ranges.get("IntegerParameterRanges", [])
    }
    found |= {
        parameter_range["Name"]: repr(_scaled(parameter_range, source))
        for parameter_range in ranges.get("ContinuousParameterRanges", [])
    }
    found |= {
        parameter_range["Name"]: str(source.choice(parameter_range["Values"]))
        for parameter_range in ranges.get("CategoricalParameterRanges", [])
    }
    return found


def grid(ranges: Ranges) -> list[dict[str, str]]:
    """Returns all combinations of categories."""
    categories = ranges.get("CategoricalParameterRanges", [])
    names = [str(category["Name"]) for category in categories]
    return [
        dict(zip(names, values, strict=True))
        for values in itertools.product(*(category["Values"] for category in categories))
    ]


def is_categorical(ranges: Ranges) -> bool:
    return not any(_numeric(ranges))


def _numeric(ranges: Ranges) -> Iterator[Mapping[str, Any]]:
    yield from ranges.get("IntegerParameterRanges", [])
    yield from ranges.get("ContinuousParameterRanges", [])


def _scaled(range_: Mapping[str, Any], source: random.Random) -> float:
    low, high = float(range_["MinValue"]), float(range_["MaxValue"])
    match range_.get("ScalingType"):
        case "Logarithmic":
            return math.exp(source.uniform(math.log(low), math.log(high)))
        case "ReverseLogarithmic":
            return 1 - math.exp(source.uniform(math.log(1 - high), math.log(1 - low)))
    return source.uniform(low, high)
