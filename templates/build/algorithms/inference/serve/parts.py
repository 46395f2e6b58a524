"""The parts of a prediction, and what containers of a serial inference pipeline send to each other.

A container answers the next one in JSON: ``{"features": [[number]]}`` after preprocessing and ``{"scores": […]}`` after
prediction. Missing values are null. JSON keeps every digit of a number, so several containers predict what one does.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Literal, get_args

import numpy as np

Part = Literal["preprocess", "predict", "postprocess"]
PARTS: tuple[Part, ...] = get_args(Part)
_MEMBERS = {"predict": "features", "postprocess": "scores"}
"""Member of a request by the part that reads it."""


class PartsError(ValueError):
    """Parts are unknown, not in order, or a request for them has no numbers."""


def parts_of(text: str) -> tuple[Part, ...]:
    """Returns the parts in a text such as ``predict,postprocess``. Raises PartsError unless they follow one another."""
    names = tuple(text.split(","))
    for start in range(len(PARTS)):
        if names == PARTS[start : start + len(names)]:
            return PARTS[start : start + len(names)]
    raise PartsError(f"parts: {text}; name consecutive ones of {', '.join(PARTS)}")


def text_of(part: Part, values: Any) -> str:
    """Returns numbers as a request for a part. Raises PartsError if a value is infinite."""
    found = np.asarray(values, dtype=float)
    if np.isinf(found).any():
        raise PartsError(f"{_MEMBERS[part]}: contains an infinite number")
    return json.dumps({_MEMBERS[part]: np.where(np.isnan(found), None, found.astype(object)).tolist()})


def numbers_of(part: Part, text: str) -> Any:
    """Returns the numbers in a request for a part. Raises PartsError if it has none."""
    member = _MEMBERS[part]
    try:
        values: Sequence[Any] = json.loads(text)[member]
        return np.array(values, dtype=float)
    except (ValueError, TypeError, KeyError, RecursionError):
        raise PartsError(f'expected {{"{member}": numbers}} of the container before') from None
