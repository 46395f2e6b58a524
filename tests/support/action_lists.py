"""Lists of AWS actions as tests write them: a line for each service."""

from __future__ import annotations

from collections.abc import Iterator


def listed_actions(*lines: str) -> Iterator[str]:
    """Yields the actions of lines such as ``kms Decrypt Encrypt``, with their service prefix."""
    for line in lines:
        service, *names = line.split()
        yield from (f"{service}:{name}" for name in names)
