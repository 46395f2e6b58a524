"""Matches texts against patterns in policies: wildcards, policy variables, and ARNs part by part."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

ARN_PARTS = 6
VARIABLE = re.compile(r"\$\{([^}]*)\}")
WITH_DEFAULT = re.compile(r"(?P<key>[^,\s]+)\s*(?:,\s*'(?P<default>[^']*)')?")
SPECIAL = {"*": "*", "?": "?", "$": "$"}
"""Variables for literal characters: ``${*}`` is an asterisk and not a wildcard (IAM User Guide, "Variables and
tags")."""

Context = Mapping[str, tuple[str, ...]]
"""Values of a request's context keys, by lower-case key. A key without values is absent."""


def matches(pattern: str, text: str, context: Context, *, ignore_case: bool = False) -> bool:
    """Whether a text matches a pattern with the wildcards ``*`` and ``?``.

    A pattern with a variable whose key is absent matches nothing.
    """
    if "$" in pattern:
        resolved = _resolved(pattern, context)
        return resolved is not None and _regex(resolved, ignore_case).fullmatch(text) is not None
    if pattern == "*":
        return True
    return _plain_regex(pattern, ignore_case).fullmatch(text) is not None


def equals(pattern: str, text: str, context: Context, *, ignore_case: bool = False) -> bool:
    """Whether a text equals a policy value, after variables are replaced."""
    parts = [pattern] if "$" not in pattern else _literal(pattern, context)
    if parts is None:
        return False
    written = "".join(parts)
    return written.lower() == text.lower() if ignore_case else written == text


def is_arn_pattern(pattern: str) -> bool:
    """Whether a text is ``*`` or an ARN with six parts, of which the last may contain colons."""
    return pattern == "*" or (pattern.startswith("arn:") and len(_parts(pattern)) == ARN_PARTS)


def arn_matches(pattern: str, arn: str, context: Context) -> bool:
    """Whether an ARN matches a pattern part by part. A wildcard never matches one of the first five colons."""
    if pattern == "*":
        return True
    described, found = _parts(pattern), _parts(arn)
    return len(found) == ARN_PARTS and all(
        matches(part, text, context) for part, text in zip(described, found, strict=True)
    )


def variables(pattern: str) -> list[str]:
    """Returns the context keys that a pattern refers to."""
    return [
        found["key"]
        for name in VARIABLE.findall(pattern)
        if name not in SPECIAL and (found := WITH_DEFAULT.fullmatch(name))
    ]


def malformed_variables(pattern: str) -> list[str]:
    """Returns the variables in a pattern whose syntax is invalid."""
    return [name for name in VARIABLE.findall(pattern) if name not in SPECIAL and not WITH_DEFAULT.fullmatch(name)]


@lru_cache(maxsize=65536)
def _parts(arn: str) -> tuple[str, ...]:
    """Returns the six parts of an ARN. Colons inside variables are not separators."""
    hidden = VARIABLE.sub(lambda found: found[0].replace(":", "\0"), arn)
    return tuple(part.replace("\0", ":") for part in hidden.split(":", ARN_PARTS - 1))


def _resolved(pattern: str, context: Context) -> str | None:
    """Returns the pattern as a regular expression in which the values of variables are literal."""
    pieces, end = [], 0
    for found in VARIABLE.finditer(pattern):
        value = _value(found[1], context)
        if value is None:
            return None
        pieces += [_translate(pattern[end : found.start()]), re.escape(value)]
        end = found.end()
    return "".join([*pieces, _translate(pattern[end:])])


def _literal(pattern: str, context: Context) -> list[str] | None:
    pieces, end = [], 0
    for found in VARIABLE.finditer(pattern):
        value = _value(found[1], context)
        if value is None:
            return None
        pieces += [pattern[end : found.start()], value]
        end = found.end()
    return [*pieces, pattern[end:]]


def _value(name: str, context: Context) -> str | None:
    """Returns the value of a variable. A key with several values has none."""
    if name in SPECIAL:
        return SPECIAL[name]
    found = WITH_DEFAULT.fullmatch(name)
    if found is None:
        return None
    values = context.get(found["key"].lower(), ())
    return values[0] if len(values) == 1 else found["default"]


def _translate(pattern: str) -> str:
    return re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")


@lru_cache(maxsize=65536)
def _plain_regex(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    return _regex(_translate(pattern), ignore_case)


@lru_cache(maxsize=65536)
def _regex(expression: str, ignore_case: bool) -> re.Pattern[str]:
    return re.compile(expression, re.DOTALL | (re.IGNORECASE if ignore_case else 0))
