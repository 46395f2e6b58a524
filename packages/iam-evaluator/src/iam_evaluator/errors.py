"""The error for everything that the evaluator does not support."""

from __future__ import annotations

from collections.abc import Sequence


class UnsupportedError(Exception):
    """An unknown operator, key, element or identifier. The evaluator never ignores one, because that could change a
    decision."""

    def __init__(self, what: Sequence[str]) -> None:
        super().__init__("\n".join(["the evaluator does not support:", *what]))
        self.what = tuple(what)
