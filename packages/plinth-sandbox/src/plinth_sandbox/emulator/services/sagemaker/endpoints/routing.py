"""The division of traffic between variants by their weights.

SageMaker draws at random. Here requests rotate evenly, so that tests see the proportions exactly.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


@dataclass(slots=True)
class Rotation:
    """Chooses by weight: of ten choices between weights 0.9 and 0.1, exactly one is the second."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _credit: dict[Hashable, float] = field(default_factory=dict)

    def choose(self, weights: Mapping[Key, float]) -> Key | None:
        """Returns the next key; None if all weights are 0.

        Each key gains its weight, and the chosen one pays the sum of all (smooth weighted round robin).
        """
        wanted = {key: weight for key, weight in weights.items() if weight > 0}
        if not wanted:
            return None
        with self._lock:
            credit: dict[Key, float] = {key: self._credit.get(key, 0.0) + it for key, it in wanted.items()}
            # The tolerance keeps sums of fractions, such as 0.1, from deciding between equals.
            best = max(credit.values())
            chosen = next(key for key, value in credit.items() if value >= best - 1e-9)
            credit[chosen] -= sum(wanted.values())
            for key, value in credit.items():
                self._credit[key] = value
        return chosen

    def takes(self, key: Hashable, share: float) -> bool:
        """Returns whether the next one belongs to a share, such as 0.3 of all."""
        return self.choose({(key, True): share, (key, False): 1 - share}) == (key, True)
