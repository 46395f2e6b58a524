"""Column types of Hive that Athena reads: primitive types with their limits, and nested types.

Source: Athena User Guide, "Data types in Amazon Athena" (read 2026-11-26): decimal has a precision of at most 38 and a
scale of at most the precision, char a length of 1 to 255, varchar of 1 to 65,535. Partition keys are primitive (Athena
User Guide, "Partition your data").
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from settings.types.error_codes import Code
from settings.types.errors import refusal

PRIMITIVES = frozenset(
    {"boolean", "tinyint", "smallint", "int", "bigint", "float", "double", "string", "binary", "date", "timestamp"}
)
LONGEST_TYPE = 2000
_OTHER_NAMES = {
    "bool": "boolean", "integer": "int", "long": "bigint", "real": "float", "text": "string", "str": "string",
    "datetime": "timestamp", "numeric": "decimal(12,2)", "decimal": "decimal(12,2)", "varchar": "string",
    "char": "string", "array": "array<string>", "map": "map<string,string>", "struct": "struct<name:string>",
}  # fmt: skip
"""Type to suggest for the name of one that does not exist alone."""
_MOST_DIGITS = 38
_LONGEST_TEXT = {"char": 255, "varchar": 65_535}
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,254}")


def column_type(text: str) -> str:
    """Checks the type of a column."""
    if len(text) > LONGEST_TYPE:
        rule = f"has {len(text):,} characters; a type has at most {LONGEST_TYPE:,}"
        raise refusal(Code.COLUMN, rule, "split the column, or write string and parse it in queries")
    _check(text)
    return text


def is_nested(text: str) -> bool:
    """Returns whether a valid type is an array, a map or a struct."""
    return "<" in text


def _check(text: str) -> None:
    """Raises a refusal that names the first part of a type that does not exist."""
    name, bracket, inner = text.partition("<")
    if bracket and inner.endswith(">") and name in ("array", "map", "struct"):
        _check_nested(text, name, list(_parts(inner[:-1])))
    elif found := re.fullmatch(r"decimal\(([0-9]{1,3}),([0-9]{1,3})\)", text):
        _check_decimal(text, int(found[1]), int(found[2]))
    elif found := re.fullmatch(r"(char|varchar)\(([0-9]{1,9})\)", text):
        longest = _LONGEST_TEXT[found[1]]
        if not 1 <= int(found[2]) <= longest:
            fix = f"write {found[1]}({longest})" if int(found[2]) else f"write {found[1]}(1)"
            raise refusal(Code.COLUMN, f"{_of(text)}the length of a {found[1]} is 1 to {longest:,}", fix)
    elif text not in PRIMITIVES:
        plain = re.sub(r"[^a-z]", "", text.lower().split("<")[0].split("(")[0])
        fix = f"write {plain if plain in PRIMITIVES else _OTHER_NAMES.get(plain, 'string')}"
        rule = f"{_of(text)}it is not a complete Hive type (string, bigint, decimal(12,2), date, array<string>)"
        raise refusal(Code.COLUMN, rule, fix)


def _of(text: str) -> str:
    """Returns the start of a rule. A part of a type may contain only what a type may contain."""
    shown = re.sub(r"[^a-z0-9_(),:<> ]", "", text)[:40]
    return f"contains {shown or 'an empty type'}: "


def _check_decimal(text: str, precision: int, scale: int) -> None:
    if not 1 <= precision <= _MOST_DIGITS:
        fix = f"write decimal({_MOST_DIGITS},{min(scale, _MOST_DIGITS)})"
        raise refusal(Code.COLUMN, f"{_of(text)}the precision of a decimal is 1 to {_MOST_DIGITS}", fix)
    if scale > precision:
        fix = f"write decimal({min(scale, _MOST_DIGITS)},{min(scale, _MOST_DIGITS)})"
        raise refusal(Code.COLUMN, f"{_of(text)}the scale of a decimal is at most its precision", fix)


def _check_nested(text: str, name: str, parts: list[str]) -> None:
    if name == "struct":
        _check_struct(text, parts)
        return
    wanted = 1 if name == "array" else 2
    if len(parts) != wanted:
        fix = f"write {_OTHER_NAMES[name]}"
        raise refusal(Code.COLUMN, f"{_of(text)}{name} has {wanted} type{'s' if wanted > 1 else ''} in brackets", fix)
    for part in parts:
        _check(part)
    if name == "map" and is_nested(parts[0]):
        raise refusal(Code.COLUMN, f"{_of(text)}the key of a map is primitive", "write map<string,string>")


def _check_struct(text: str, parts: list[str]) -> None:
    names = [part.partition(":")[0] for part in parts]
    if not all(":" in part and _NAME.fullmatch(name) for part, name in zip(parts, names, strict=True)):
        raise refusal(Code.COLUMN, f"{_of(text)}a struct lists names and types", "write struct<name:string>")
    if len(set(names)) < len(names):
        raise refusal(Code.COLUMN, f"{_of(text)}a struct has a name twice", "write struct<name:string>")
    for part in parts:
        _check(part.partition(":")[2])


def _parts(inner: str) -> Iterator[str]:
    """Yields what the commas outside of brackets separate."""
    depth, start = 0, 0
    for place, character in enumerate(inner):
        depth += (character in "<(") - (character in ">)")
        if character == "," and depth == 0:
            yield inner[start:place]
            start = place + 1
    yield inner[start:]
