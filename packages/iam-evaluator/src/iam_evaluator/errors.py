"""What the evaluator refuses to guess."""

from __future__ import annotations

from collections.abc import Sequence


class NotUnderstoodError(Exception):
    """Something that the evaluator has no rule for: an operator, a key, an element, an identifier."""

    def __init__(self, what: Sequence[str]) -> None:
        super().__init__("\n".join(["the evaluator does not know:", *what]))
        self.what = tuple(what)
