"""Event patterns: their grammar, and whether an event matches.

Source: EventBridge User Guide, "Creating event patterns" and "Comparison operators for use in event patterns" (read
2026-11-22). moto's matcher compares no fields inside lists of objects, takes true for 1, and knows no grammar.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Pattern = Mapping[str, Any]

_ABSENT = object()
_NUMERIC: Mapping[str, Callable[[float, float], bool]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    "=": lambda left, right: left == right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}
_LARGEST = 5e9
"""Numbers are compared between -5e9 and 5e9 ("Numeric matching")."""


class InvalidPatternError(ValueError):
    """A pattern that EventBridge refuses. The message is the reason."""


def parse(text: str) -> Pattern:
    """Returns the pattern of a JSON text. Raises InvalidPatternError."""
    try:
        pattern = json.loads(text)
    except ValueError as error:
        raise InvalidPatternError("Invalid JSON") from error
    if not isinstance(pattern, dict) or not pattern:
        raise InvalidPatternError("Filter is not an object" if not isinstance(pattern, dict) else "Empty pattern")
    _check(pattern)
    return pattern


def _check(pattern: Pattern) -> None:
    for key, wanted in pattern.items():
        if key == "$or" and isinstance(wanted, list) and all(isinstance(item, dict) for item in wanted):
            if len(wanted) < 2:
                raise InvalidPatternError("There must have at least 2 Objects in $or relationship.")
            for alternative in wanted:
                _check(alternative)
        elif isinstance(wanted, dict):
            if not wanted:
                raise InvalidPatternError("Empty objects are not allowed")
            _check(wanted)
        elif not isinstance(wanted, list):
            raise InvalidPatternError(f'"{key}" must be an object or an array')
        elif not wanted:
            raise InvalidPatternError("Empty arrays are not allowed")
        else:
            for condition in wanted:
                _check_condition(condition)


def _check_condition(condition: Any) -> None:
    if isinstance(condition, list):
        raise InvalidPatternError("Match value must be String, number, true, false, or null")
    if isinstance(condition, dict):
        if len(condition) != 1:
            raise InvalidPatternError("Only one key allowed in match expression")
        ((operator, value),) = condition.items()
        if operator not in _OPERATORS:
            raise InvalidPatternError(f"Unrecognized match type {operator}")
        allowed, _ = _OPERATORS[operator]
        if not allowed(value):
            raise InvalidPatternError(f"Invalid value of match type {operator}")


def matches(event: Mapping[str, Any], pattern: Pattern) -> bool:
    """Returns whether an event matches. A field inside a list of objects matches if one object matches as a whole."""
    return all(_field_matches(event, key, wanted) for key, wanted in pattern.items())


def _field_matches(event: Mapping[str, Any], key: str, wanted: Any) -> bool:
    if key == "$or" and isinstance(wanted, list):
        return any(matches(event, alternative) for alternative in wanted)
    value = event.get(key, _ABSENT)
    if isinstance(wanted, Mapping):
        inner = [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else [value]
        return any(matches(item if isinstance(item, Mapping) else {}, wanted) for item in inner or [{}])
    # Only leaves are compared; an object counts as absent.
    leaves = [leaf for leaf in _leaves(value) if not isinstance(leaf, Mapping)]
    return any(_meets(leaf, condition) for leaf in leaves or [_ABSENT] for condition in wanted)


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def _meets(leaf: Any, condition: Any) -> bool:
    if not isinstance(condition, Mapping):
        return leaf is not _ABSENT and _equal(leaf, condition)
    ((operator, value),) = condition.items()
    if operator == "exists":
        return (leaf is not _ABSENT) is value
    _, meets = _OPERATORS[operator]
    return leaf is not _ABSENT and meets(leaf, value)


def _equal(left: Any, right: Any) -> bool:
    return bool(left == right) and isinstance(left, bool) is isinstance(right, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _texts(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_text_or_case(value: Any) -> bool:
    return _is_text(value) or (
        isinstance(value, dict) and list(value) == ["equals-ignore-case"] and _is_text(value["equals-ignore-case"])
    )


def _are_texts(value: Any) -> bool:
    return bool(_texts(value)) and all(map(_is_text, _texts(value)))


def _at_an_end(compare: Callable[[str, str], bool]) -> Callable[[Any, Any], bool]:
    def meets(leaf: Any, value: Any) -> bool:
        if not isinstance(leaf, str):
            return False
        if isinstance(value, Mapping):
            return compare(leaf.lower(), value["equals-ignore-case"].lower())
        return any(compare(leaf, text) for text in _texts(value))

    return meets


def _is_wildcard(value: Any) -> bool:
    return _are_texts(value) and not any("**" in text for text in _texts(value))


def _wildcard(leaf: Any, value: Any) -> bool:
    return isinstance(leaf, str) and any(re.fullmatch(_regular(text), leaf, re.DOTALL) for text in _texts(value))


def _regular(wildcard: str) -> str:
    """Returns the regular expression of a wildcard. A backslash escapes an asterisk or a backslash."""
    parts = re.findall(r"\\[*\\]|\*|.", wildcard, re.DOTALL)
    return "".join(".*" if part == "*" else re.escape(part[-1]) for part in parts)


def _is_range(value: Any) -> bool:
    if not isinstance(value, list) or len(value) not in (2, 4):
        return False
    operators, bounds = value[::2], value[1::2]
    if not all(operator in _NUMERIC for operator in operators) or not all(_is_number(bound) for bound in bounds):
        return False
    if any(abs(bound) > _LARGEST for bound in bounds):
        return False
    return len(value) == 2 or (operators[0] in (">", ">=") and operators[1] in ("<", "<=") and bounds[0] < bounds[1])


def _in_range(leaf: Any, value: Any) -> bool:
    pairs = zip(value[::2], value[1::2], strict=True)
    return _is_number(leaf) and all(_NUMERIC[operator](leaf, bound) for operator, bound in pairs)


def _is_network(value: Any) -> bool:
    try:
        ipaddress.ip_network(value, strict=False)
    except (ValueError, TypeError):
        return False
    return _is_text(value)


def _in_network(leaf: Any, value: Any) -> bool:
    try:
        return ipaddress.ip_address(leaf) in ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False


_NEGATED = ("prefix", "suffix", "equals-ignore-case", "wildcard")


def _is_excluded(value: Any) -> bool:
    if isinstance(value, dict):
        ((operator, inner),) = value.items() if len(value) == 1 else (("", None),)
        return operator in _NEGATED and _are_texts(inner) and (operator != "wildcard" or _is_wildcard(inner))
    given = _texts(value)
    return bool(given) and (all(map(_is_text, given)) or all(map(_is_number, given)))


def _differs(leaf: Any, value: Any) -> bool:
    if isinstance(value, Mapping):
        ((operator, inner),) = value.items()
        return not _OPERATORS[operator][1](leaf, inner)
    return not any(_equal(leaf, text) for text in _texts(value))


_OPERATORS: Mapping[str, tuple[Callable[[Any], bool], Callable[[Any, Any], bool]]] = {
    "anything-but": (_is_excluded, _differs),
    "cidr": (_is_network, _in_network),
    "equals-ignore-case": (
        _are_texts,
        lambda leaf, value: isinstance(leaf, str) and leaf.lower() in [text.lower() for text in _texts(value)],
    ),
    "exists": (lambda value: isinstance(value, bool), lambda leaf, value: (leaf is not _ABSENT) is value),
    "numeric": (_is_range, _in_range),
    "prefix": (_is_text_or_case, _at_an_end(str.startswith)),
    "suffix": (_is_text_or_case, _at_an_end(str.endswith)),
    "wildcard": (_is_wildcard, _wildcard),
}
"""Whether EventBridge accepts a value, and whether a leaf of an event meets it, by operator."""
