"""Compares the output that a page shows with the output of its command."""

from __future__ import annotations

import re
from collections.abc import Sequence

_DURATION = re.compile(r"\b\d+(\.\d+)? (s|min|h|d)( ago)?\b")
_PART = re.compile(r"…|\w+|\s+|[^\w\s…]+")
_NAME = re.compile(r"[a-z]+\d")
"""Words that end with a digit but are names of services, such as ``s3``."""
_IDENTIFIER = re.compile(r"(?=.*[A-Za-z])(?=.*\d)([0-9a-z]{7,}|[0-9A-Z]{7,})")
"""Random identifiers and digests. Another one may have no digit."""


def missing_line(shown: Sequence[str], said: str) -> str | None:
    """Returns the first line that a page shows and the command did not print, in the order of the page.

    Words must be equal. A word with a digit stands for any such word, because times, identifiers and sizes differ from
    run to run; a zero stands for itself, and so does a line of one number. An identifier also stands for a word of its
    length without a digit. ``…`` stands for anything.
    """
    position, lines = 0, said.splitlines()
    for line in shown:
        if not line.strip(" …"):
            continue
        pattern = _pattern(line)
        found = next((at for at in range(position, len(lines)) if pattern.search(lines[at])), None)
        if found is None:
            return line
        position = found + 1
    return None


def _pattern(line: str) -> re.Pattern[str]:
    if line.strip().isdigit():
        return re.compile(rf"^{line.strip()}$")
    return re.compile("".join(map(_part, _PART.findall(_DURATION.sub("…", line.strip())))))


def _part(part: str) -> str:
    if part == "…":
        return ".*"
    if part.isspace():
        return r"\s+"
    if part != "0" and any(letter.isdigit() for letter in part) and not _NAME.fullmatch(part):
        return rf"(?:\w*\d\w*|\w{{{len(part)}}})" if _IDENTIFIER.fullmatch(part) else r"\w*\d\w*"
    return re.escape(part)
