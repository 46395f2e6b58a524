"""The metrics of an account and region: what was recorded when.

moto keeps metrics too, but in one list that every reader searches. Endpoints record a metric for each invocation.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from plinth_sandbox.emulator.patches.patch import Memory


@dataclass(frozen=True, slots=True, order=True)
class MetricKey:
    """The identity of a metric: namespace, name and all dimensions."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, namespace: str, name: str, dimensions: Iterable[Mapping[str, str]] = ()) -> MetricKey:
        """``dimensions`` have the members of the API, ``Name`` and ``Value``."""
        return cls(namespace, name, tuple(sorted((dimension["Name"], dimension["Value"]) for dimension in dimensions)))


@dataclass(frozen=True, slots=True)
class Sample:
    """Values that were recorded together."""

    total: float
    count: float
    minimum: float
    maximum: float
    unit: str = "None"

    @classmethod
    def of(cls, value: float, count: float = 1, unit: str = "None") -> Sample:
        return cls(value * count, count, value, value, unit)


@dataclass(slots=True)
class Series:
    """The samples of one metric by second since the epoch."""

    _seconds: list[int] = field(default_factory=list)
    _samples: dict[int, list[Sample]] = field(default_factory=dict)

    def add(self, second: int, sample: Sample) -> None:
        if second not in self._samples:
            bisect.insort(self._seconds, second)
            self._samples[second] = []
        self._samples[second].append(sample)

    def between(self, start: int, end: int, unit: str | None = None) -> list[Sample]:
        """Returns the samples from ``start`` until before ``end``, of one unit if it is given."""
        first, last = bisect.bisect_left(self._seconds, start), bisect.bisect_left(self._seconds, end)
        found = (sample for second in self._seconds[first:last] for sample in self._samples[second])
        return [sample for sample in found if unit is None or sample.unit == unit]

    def next_second(self, start: int) -> int | None:
        """Returns the first second with a sample that is not before ``start``."""
        position = bisect.bisect_left(self._seconds, start)
        return self._seconds[position] if position < len(self._seconds) else None


@dataclass(slots=True)
class Metrics:
    """The metrics of one account and region."""

    series: dict[MetricKey, Series] = field(default_factory=dict)

    def add(self, key: MetricKey, second: int, samples: Iterable[Sample]) -> None:
        series = self.series.setdefault(key, Series())
        for sample in samples:
            series.add(second, sample)

    def find(self, key: MetricKey) -> Series:
        return self.series.get(key, Series())

    def matching(
        self, namespace: str | None, name: str | None, dimensions: Iterable[Mapping[str, str]]
    ) -> Iterator[MetricKey]:
        """Yields the metrics that have a namespace, a name, and dimensions by name and, if given, value."""
        wanted = [(dimension["Name"], dimension.get("Value")) for dimension in dimensions]
        for key in sorted(self.series):
            own = dict(key.dimensions)
            is_named = namespace in (None, key.namespace) and name in (None, key.name)
            if is_named and all(dimension in own and value in (None, own[dimension]) for dimension, value in wanted):
                yield key


def metrics_of(memory: Memory, account: str, region: str) -> Metrics:
    kept = memory.notes("cloudwatch-metrics", account, region)
    metrics: Metrics = kept.setdefault("metrics", Metrics())
    return metrics
