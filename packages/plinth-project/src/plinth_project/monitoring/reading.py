"""Input of the monitoring job: objects in a bucket, and texts written by others, which may be damaged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_MOST_CHARACTERS = 200
_SHOWN = 5
"""Unreadable parts whose place and reason are kept. All are counted."""


def objects(s3: Any, bucket: str, prefix: str) -> Iterator[Mapping[str, Any]]:
    """Yields the objects below a prefix as S3 lists them, in the order of their keys."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    yield from (found for page in pages for found in page.get("Contents", []))


def printable(text: str) -> str:
    """Returns a text of a client as sentences contain it: short, and with escapes for what no file or page can hold."""
    shown = "".join(
        character if character.isprintable() else ascii(character)[1:-1] for character in text[:_MOST_CHARACTERS]
    )
    return shown if len(text) <= _MOST_CHARACTERS else f"{shown}…"


def reason_of(error: Exception) -> str:
    """Returns why a document cannot be read. The text of a KeyError is the missing member alone."""
    return f"has no {error}" if isinstance(error, KeyError) else str(error)


@dataclass
class Unreadable:
    """Parts that were left out because they cannot be read."""

    count: int = 0
    examples: list[str] = field(default_factory=list)
    """Place and reason of the first of them."""

    def add(self, place: str, error: Exception) -> None:
        self.count += 1
        if len(self.examples) < _SHOWN:
            self.examples.append(f"{place}: {printable(reason_of(error))}")
