"""Values of a request that have no grammar of their own: each parser reads them alike, and they have limits."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Annotated, Any

from pydantic import AfterValidator

from selfservice.catalog.credentials import holds_credential
from settings.files.yaml_file import AmbiguousScalar
from settings.types.error_codes import Code
from settings.types.errors import refusal
from settings.types.redaction import readable, shown

LEAKED = "remove it, and replace the credential where it was issued"
"""Advice about a credential in a request."""
MAX_LEVELS = 16
"""Deepest nesting of a value. Settings of environments have four or five levels."""
LONGEST_REASON = 500


def _reason(text: str) -> str:
    if not text.strip():
        raise refusal(Code.FIELD_MISSING, "the reason is empty", "say why")
    if holds_credential(text):
        raise refusal(Code.SECRET_IN_PLAIN_TEXT, "the reason contains what looks like a credential", LEAKED)
    if len(text) > LONGEST_REASON or readable(text) != text:
        raise refusal(
            Code.WRONG_TYPE, "the reason is no short text", f"write at most {LONGEST_REASON} printable characters"
        )
    return text


Reason = Annotated[str, AfterValidator(_reason)]
"""Why a person requests something. It is recorded."""


class RepeatedKeyError(ValueError):
    """An object in JSON has a key twice."""


def plain(value: Any) -> Any:
    """Returns a value of which all YAML and JSON parsers read the same. For use as a validator.

    Raises: PydanticCustomError for a word that parsers read differently, for a number that is not finite, and for a
    value that is nested more than ``MAX_LEVELS`` levels deep.
    """
    pending = [(value, 1)]
    while pending:
        part, level = pending.pop()
        if isinstance(part, AmbiguousScalar):
            raise refusal(Code.YAML_WORD, f"{shown(part.text)} is read as {part.reading}", "quote it, or write it out")
        if isinstance(part, float) and not isfinite(part):
            raise refusal(Code.WRONG_TYPE, "is not a finite number", "write a number")
        if level > MAX_LEVELS:
            raise refusal(Code.YAML_DEPTH, f"is nested more than {MAX_LEVELS} levels deep", "flatten it")
        pending += [(inner, level + 1) for inner in _inside(part)]
    return value


def _inside(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        yield from value.values()
    elif isinstance(value, list | tuple):
        yield from value


def refuse_repeated_keys(text: str) -> None:
    """Raises RepeatedKeyError if an object in a valid JSON text has a key twice. Parsers would keep one of the two."""
    json.loads(text, object_pairs_hook=_unique)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise RepeatedKeyError(next(shown(name) for name in found if names.count(name) > 1))
    return found


def canonical(value: Any) -> str:
    """Returns a value as JSON, always the same for equal values."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
