"""A random part of more rows than fit into memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

_SEED = 0
Row = dict[str, Any]


class Reservoir:
    """Rows of a stream, each kept with the same chance (Vitter, "Random Sampling with a Reservoir", 1985)."""

    def __init__(self, size: int, seed: int = _SEED) -> None:
        self.rows: list[Row] = []
        self._size, self._seen, self._random = size, 0, np.random.default_rng(seed)

    def add(self, count: int, row: Callable[[int], Row]) -> None:
        """Adds rows. ``row`` returns one by its number, and is called for those that are kept."""
        room = min(self._size - len(self.rows), count)
        self.rows += map(row, range(room))
        others = np.arange(room, count)
        places = self._random.integers(0, self._seen + others + 1)
        for number, place in zip(others.tolist(), places.tolist(), strict=True):
            if place < self._size:
                self.rows[place] = row(number)
        self._seen += count
