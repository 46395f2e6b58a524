"""Formatting of counts, durations and resource names that messages of several packages share."""

from __future__ import annotations

import re

_FENCE = re.compile(r"`+")
_TRACEBACK = "Traceback (most recent call last)"


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
    """Returns a text as one line of a table. Of a traceback of Python, that is its last line, which is the error."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if any(line.startswith(_TRACEBACK) or line.endswith(f"{_TRACEBACK}:") for line in lines):
        return lines[-1]
    return "; ".join(lines)


def code_block(text: str) -> str:
    """Returns the text as a code block in Markdown. Its fence is longer than any in the text, so nothing ends it."""
    fence = "`" * max(3, max(map(len, _FENCE.findall(text)), default=0) + 1)
    return f"{fence}text\n{text.strip()}\n{fence}"
