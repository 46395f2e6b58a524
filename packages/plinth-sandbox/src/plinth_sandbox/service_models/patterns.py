"""Translates the regular expressions of the service models, which are Java's, into Python's."""

from __future__ import annotations

import functools
import re
import unicodedata
import warnings
from collections.abc import Callable
from itertools import groupby

_PLANES = (range(0xD800), range(0xE000, 0x32400), range(0xE0000, 0xE0200))
"""Code points that Unicode has assigned, without surrogates and private use."""

_POSIX = {
    "Alnum": "a-zA-Z0-9",
    "Alpha": "a-zA-Z",
    "ASCII": "\\x00-\\x7f",
    "Blank": " \\t",
    "Cntrl": "\\x00-\\x1f\\x7f",
    "Digit": "0-9",
    "Graph": "!-~",
    "Lower": "a-z",
    "Print": " -~",
    "Punct": "!-/:-@\\[-`{-~",
    "Space": "\\s",
    "Upper": "A-Z",
    "XDigit": "0-9a-fA-F",
    "IsAlphabetic": "\\p{L}",
    "IsWhitespace": "\\s",
}
"""Named classes that `java.util.regex.Pattern` defines by characters, as the inside of a Python class."""

_ESCAPES = (
    # A surrogate pair stands for one character in Java and for two in Python.
    (re.compile(r"\\u[dD]800\\u[dD][cC]00-\\u[dD][bB][fF]{2}\\u[dD][fF]{3}"), r"\\U00010000-\\U0010ffff"),
    (re.compile(r"\\x\{([0-9a-fA-F]{1,8})\}"), lambda found: f"\\U{int(found[1], 16):08x}"),
    (re.compile(r"\\z"), r"\\Z"),
    # A hyphen beside a class is literal in Java.
    (re.compile(r"(\\[wds])-(?=[^\]])"), r"\1\\-"),
)

_NAMED = re.compile(r"\\([pP])(?:\{(\w+)\}|([LMNPSZC]))")


@functools.cache
def matcher(pattern: str) -> Callable[[str], object] | None:
    """Returns a function that tells whether a value has this pattern, or None for the few patterns that Python cannot
    express.

    AWS matches the whole value. A model whose pattern is anchored at one end only says that the rest is free.
    """
    try:
        with warnings.catch_warnings():
            # Java's intersections and nested classes, which Python would read as plain characters with a warning.
            warnings.simplefilter("error", FutureWarning)
            compiled = re.compile(_translated(pattern), re.ASCII)
    except (re.error, FutureWarning, KeyError):
        return None
    whole = pattern.startswith("^") == pattern.endswith("$")
    return compiled.fullmatch if whole else compiled.search


def _translated(pattern: str) -> str:
    for written, replacement in _ESCAPES:
        pattern = written.sub(replacement, pattern)
    return _expand_named_classes(pattern)


def _expand_named_classes(pattern: str) -> str:
    parts, position = [], 0
    for found in _NAMED.finditer(pattern):
        negated, name = found[1] == "P", found[2] or found[3]
        inside = _is_in_class(pattern[: found.start()])
        members = _members(name, negated)
        parts += [pattern[position : found.start()], members if inside else f"[{members}]"]
        position = found.end()
    return "".join(parts) + pattern[position:]


def _is_in_class(before: str) -> bool:
    """Returns whether a character class is open after ``before``."""
    bare = re.sub(r"\\.", "", before)
    return bare.rfind("[") > bare.rfind("]")


@functools.cache
def _members(name: str, negated: bool) -> str:
    """Returns the characters of a named class as the inside of a Python class. Raises KeyError for an unknown name."""
    if name not in _POSIX:
        ranges = _ranges(lambda category: category.startswith(name) is not negated)
        if not ranges:
            raise KeyError(name)
        return ranges
    if negated:
        raise KeyError(name)
    return _expand_named_classes(f"[{_POSIX[name]}]")[1:-1]


def _ranges(wanted: Callable[[str], bool]) -> str:
    """Returns the characters whose Unicode category is ``wanted``, as few ranges: the compiler's time grows with their
    number."""
    merged: list[list[int]] = []
    for category, points in _runs():
        if not wanted(category):
            continue
        if merged and merged[-1][1] + 1 == points[0]:
            merged[-1][1] = points[-1]
        else:
            merged.append([points[0], points[-1]])
    return "".join(f"{re.escape(chr(first))}-{re.escape(chr(last))}" for first, last in merged)


@functools.cache
def _runs() -> list[tuple[str, range]]:
    """Returns runs of consecutive characters of one category. They take 0.2 s once a process."""
    found: list[tuple[str, range]] = []
    for plane in _PLANES:
        start = plane.start
        for category, points in groupby(unicodedata.category(chr(point)) for point in plane):
            end = start + sum(1 for _ in points)
            found.append((category, range(start, end)))
            start = end
    return found
