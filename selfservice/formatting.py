"""Formatting of counts, durations and resource names that messages of several packages share."""

from __future__ import annotations

import re

_FENCE = re.compile(r"`+")
_TRACEBACK = "Traceback (most recent call last)"
_FRAME = re.compile(r'\s+File ".*", line \d+')
_CHAINED = re.compile(r"During handling of the above exception|The above exception was the direct cause")
"""Sentences between two errors of which one caused the other (Python Library Reference, ``traceback``)."""


def counted(number: int, noun: str) -> str:
    """Returns for example ``1 stack`` or ``2 stacks``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def duration(seconds: float) -> str:
    """Returns for example ``8.4 s`` or ``2 min 05 s``."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s"


def resource_name(urn: str) -> str:
    """Returns type and name of a resource, as written in the program."""
    parts = urn.split("::")
    if len(parts) < 4:
        return urn
    return f"{parts[2].rpartition('$')[2]} {'::'.join(parts[3:])}"


def in_one_line(text: str) -> str:
    """Returns a text as one line of a table, in which each traceback of Python is replaced by its error."""
    kept: list[str] = []
    in_traceback = False
    for line in filter(str.strip, text.splitlines()):
        if _TRACEBACK in line or _FRAME.match(line):
            in_traceback = True
            if kept and _CHAINED.match(kept[-1]):
                del kept[-2:]  # the first of two errors, and the sentence between them
        elif not (in_traceback and line[0].isspace()):
            in_traceback = False
            kept.append(line.strip())
    return "; ".join(kept)


def code_block(text: str) -> str:
    """Returns the text as a code block in Markdown. Its fence is longer than any in the text, so nothing ends it."""
    fence = "`" * max(3, max(map(len, _FENCE.findall(text)), default=0) + 1)
    return f"{fence}text\n{text.strip()}\n{fence}"
