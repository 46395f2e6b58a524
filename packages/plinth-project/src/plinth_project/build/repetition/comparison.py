"""Compares the reports of a build with those of its repetition, and names what can explain a difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plinth_project.build.images import IMAGE

_DIGEST = "@sha256:"
_DATA = "sha256"
"""Field of a report with the digest of the data."""
_MOST = 10
"""Differences and files that a result names."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """A value of a report that differs."""

    place: str
    """Report and field: ``Evaluation.metrics.f1``."""
    before: Any
    now: Any

    def __str__(self) -> str:
        return f"{self.place} is {self.now} instead of {self.before}"


def differences(before: Any, now: Any, tolerance: float, place: str) -> Iterator[Difference]:
    """Yields the values that differ. Numbers may differ by ``tolerance``."""
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        for name in dict.fromkeys([*before, *now]):
            yield from differences(before.get(name), now.get(name), tolerance, f"{place}.{name}")
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for number, (old, new) in enumerate(zip(before, now, strict=True)):
            yield from differences(old, new, tolerance, f"{place}.{number}")
    elif _is_number(before) and _is_number(now):
        # Written so that NaN differs from every number but itself.
        if not (abs(before - now) <= tolerance or before == now or (before != before and now != now)):
            yield Difference(place=place, before=before, now=now)
    elif before != now:
        yield Difference(place=place, before=before, now=now)


def causes(found: Sequence[Difference], changed_code: Sequence[str], parameters: Mapping[str, str]) -> list[str]:
    """Returns what can explain the differences: data, code, image, or else the seed. ``parameters`` are those of the
    runs; the images are among them."""
    named = []
    if any(difference.place.rpartition(".")[2] == _DATA for difference in found):
        named.append("data: the input of the build has been changed since")
    if changed_code:
        named.append(f"code: the stored files differ from the commit: {', '.join(changed_code[:_MOST])}")
    tags = [value for name, value in parameters.items() if name.startswith(IMAGE) and _DIGEST not in value]
    if tags:
        named.append(f"image: {', '.join(tags)} is named by a tag, which may mean another image by now")
    if not named:
        named.append("seed: data, code, image and instance types are the same, so the code itself is random; seed it")
    return named


def shortened(found: Sequence[Difference]) -> list[str]:
    """Returns the first differences as text, and how many there are beside them."""
    more = len(found) - _MOST
    return [*map(str, found[:_MOST]), *([f"and {more} more"] if more > 0 else [])]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
