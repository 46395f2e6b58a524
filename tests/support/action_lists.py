"""Lists of AWS actions as tests write them: a service prefix, and the names of its actions."""

from __future__ import annotations

from collections.abc import Iterator


def listed_actions(*lines: str) -> Iterator[str]:
    """Yields the actions of lines such as ``kms Decrypt Encrypt, s3 GetObject``, with their service prefix."""
    for line in lines:
        for part in line.split(","):
            service, *names = part.split()
            yield from (f"{service}:{name}" for name in names)
