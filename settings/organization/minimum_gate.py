"""Minimum gates: what a model must reach in a metric before a pipeline may register it, whatever its project asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from settings.types import data_grammar
from settings.types.model import Settings
from settings.types.values import Checked

MetricName = Annotated[
    str, Checked(data_grammar.metric_name, {"pattern": "^[a-z](_*[a-z0-9])*$", "minLength": 1, "maxLength": 64})
]
Limit = Annotated[float, Field(allow_inf_nan=False)]


class MinimumGate(Settings):
    """The limit of a metric that gates of projects may not undercut. Exactly one field is given."""

    at_least: Limit | None = Field(
        default=None, description="Least value of a metric that is better when it is higher.", examples=[0.8]
    )
    at_most: Limit | None = Field(
        default=None, description="Greatest value of a metric that is better when it is lower.", examples=[70]
    )

    @property
    def limits(self) -> dict[str, float]:
        """The limit by the name of its field, as outputs and projects contain it."""
        given = {"at_least": self.at_least, "at_most": self.at_most}
        return {name: value for name, value in given.items() if value is not None}

    def shortfall(self, value: float) -> str:
        """Returns how a value misses the limit (``0.71 < 0.8``), or nothing if it passes."""
        if self.at_least is not None and not value >= self.at_least:
            return f"{value:g} < {self.at_least:g}"
        if self.at_most is not None and not value <= self.at_most:
            return f"{value:g} > {self.at_most:g}"
        return ""


MinimumGates = Mapping[MetricName, MinimumGate]


def strictest(*settings: MinimumGates) -> dict[str, MinimumGate]:
    """Returns the strictest limit of each metric: a use case may only be stricter than its organization."""
    found: dict[str, MinimumGate] = {}
    for metric in sorted({metric for gates in settings for metric in gates}):
        given = [gates[metric] for gates in settings if metric in gates]
        least = [gate.at_least for gate in given if gate.at_least is not None]
        most = [gate.at_most for gate in given if gate.at_most is not None]
        found[metric] = MinimumGate(at_least=max(least, default=None), at_most=min(most, default=None))
    return found
