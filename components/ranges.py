"""Refuses arguments of components that are out of range."""

from __future__ import annotations


def require_within(name: str, value: int, limits: tuple[int, int]) -> None:
    """Raises ValueError if an argument is less than the first limit or more than the second."""
    least, most = limits
    if not least <= value <= most:
        raise ValueError(f"{name}: {value} is out of range ({least:,} to {most:,})")
