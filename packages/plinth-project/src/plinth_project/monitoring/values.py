"""Values as clients send them and files contain them: numbers, texts, and neither."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd


def canonical(label: str) -> str:
    """Returns a label as labels are compared: a number without zeros at its end, a text without outer spaces."""
    text = label.strip()
    try:
        number = float(text)
    except ValueError:
        return text
    return str(int(number)) if number.is_integer() else repr(number)


def numbers_of(column: pd.Series) -> Any:
    """Returns the values as array of floats; NaN for what is no number."""
    try:
        return pd.to_numeric(column, errors="coerce").to_numpy(dtype=float)
    except (OverflowError, TypeError, ValueError):  # such as an integer of 400 digits
        return np.array([_number(value) for value in column], dtype=float)


def _number(value: Any) -> float:
    try:
        return float(value)
    except (OverflowError, TypeError, ValueError):
        return float("nan")
