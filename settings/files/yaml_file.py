"""Reads a settings file as YAML: plain values with their lines, or all faults found.

The reader accepts only what all YAML parsers read alike. The engine parses the same files as YAML 1.2 and Python as
1.1, so a word that the two read differently must be quoted. Anchors, tags and deep nesting are refused: settings do not
need them, and they can be used to attack a parser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml

from settings.types.error_codes import Code
from settings.types.errors import Fault
from settings.types.redaction import code_point, shown

MAX_FILE_BYTES = 1024 * 1024
MAX_LEVELS = 32
MAX_VALUES = 10_000
"""Maximum values of a file, more than any organization needs. It limits the time to check a file."""
MAX_FAULTS = 100
"""Maximum faults reported for one file."""

KeyPath: TypeAlias = tuple[str | int, ...]

_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
)
_INDENTING_TAB = re.compile(r"^ *\t", re.MULTILINE)

_READINGS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"yes|no|on|off", re.IGNORECASE), "a boolean"),
    (re.compile(r"[-+]?\.(inf|nan)", re.IGNORECASE), "a number that is not finite"),
    (re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?"), "a date"),
    (re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?"), "a number in base 60"),
    (re.compile(r"[-+]?0[0-7_]+|0o[0-7_]+"), "an octal number"),
    (re.compile(r"[-+]?0[xX][0-9a-fA-F_]+|[-+]?0b[01_]+"), "a number in another base"),
    (re.compile(r"[-+]?(\.[0-9]|[0-9])[0-9_]*(\.[0-9_]*)?([eE][-+]?[0-9]+)?"), "a number"),
)
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,29})")
_FRACTION = re.compile(r"-?(0|[1-9][0-9]{0,29})\.[0-9]{1,30}")


@dataclass(frozen=True, slots=True)
class AmbiguousScalar:
    """Unquoted text that is not read as a string, or that parsers read differently. No settings type accepts it."""

    text: str
    reading: str


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """The contents of a file. Mappings are dicts, lists are tuples."""

    value: object
    lines: Mapping[KeyPath, int]
    texts: Mapping[KeyPath, str]
    """Scalars as written in the file."""

    def line_of(self, path: KeyPath) -> int | None:
        """Returns the line of a value, or of the closest parent that exists."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)


def read_document(content: bytes) -> tuple[YamlDocument | None, list[Fault]]:
    """Returns the document, or None if it cannot be parsed, and its faults. The caller adds the file name to them."""
    text, faults = _decode(content)
    if text is None or faults:
        return None, faults
    reader = _Reader()
    try:
        value = reader.document(yaml.parse(text, Loader=_PARSER))
    except _UnreadableError:
        return None, reader.faults
    except yaml.YAMLError as error:
        return None, [*reader.faults, _syntax_fault(error)]
    except RecursionError:
        return None, [*reader.faults, _depth_fault(1)]
    return YamlDocument(value, reader.lines, reader.texts), reader.faults


def _decode(content: bytes) -> tuple[str | None, list[Fault]]:
    if len(content) > MAX_FILE_BYTES:
        rule = f"has more than {MAX_FILE_BYTES:,} bytes (1 MiB), the limit of a settings file"
        return None, [Fault(code=Code.FILE_SIZE, rule=rule, fix="split it, or move data elsewhere")]
    encoding = _other_encoding(content)
    if encoding:
        return None, [
            Fault(
                code=Code.ENCODING, line=1, rule=f"{encoding}; settings files are plain UTF-8", fix="save it as UTF-8"
            )
        ]
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        rule = f"contains the byte 0x{content[error.start]:02x}, which is not valid UTF-8"
        return None, [Fault(code=Code.ENCODING, line=line, rule=rule, fix="save it as UTF-8")]
    return text, list(_unseen_characters(text))


def _other_encoding(content: bytes) -> str | None:
    if content.startswith(b"\xef\xbb\xbf"):
        return "starts with a byte order mark"
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in content[:4]:
        return "is UTF-16 or UTF-32"
    return None


def _unseen_characters(text: str) -> Iterator[Fault]:
    for number, match in enumerate(_UNSEEN.finditer(text)):
        if number == MAX_FAULTS:
            return
        line, column = _position(text, match.start())
        rule = f"contains the invisible character {code_point(match.group())} at column {column}"
        yield Fault(code=Code.CONTROL_CHARACTER, line=line, rule=rule, fix="remove it")
    if tab := _INDENTING_TAB.search(text):
        line, _ = _position(text, tab.start())
        yield Fault(code=Code.CONTROL_CHARACTER, line=line, rule="is indented with a tab", fix="indent with spaces")


def _position(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _syntax_fault(error: yaml.YAMLError) -> Fault:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or "cannot be read"
    # The parser's message quotes at most single characters of the file, so it cannot leak a secret.
    words = "".join(character for character in str(problem) if character.isascii() and character.isprintable())
    return Fault(
        code=Code.YAML_SYNTAX,
        line=mark.line + 1 if mark else None,
        rule=f"is not valid YAML: {words[:120]}",
        fix="check indentation, quotes and colons around this line",
    )


def _depth_fault(line: int) -> Fault:
    rule = f"is nested more than {MAX_LEVELS} levels deep"
    return Fault(code=Code.YAML_DEPTH, line=line, rule=rule, fix="flatten it: settings need four or five levels")


class _UnreadableError(Exception):
    """Raised to stop reading, because the rest would only repeat faults or exhaust the reader."""


@dataclass(slots=True)
class _Reader:
    """Builds a document from parser events. Unlike nodes, events are not expanded, so aliases cannot exhaust memory."""

    faults: list[Fault] = field(default_factory=list)
    lines: dict[KeyPath, int] = field(default_factory=dict)
    texts: dict[KeyPath, str] = field(default_factory=dict)

    def document(self, events: Iterator[Any]) -> object:
        value: object = None
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._refuse(Code.YAML_DOCUMENTS, event, "starts a second document", "keep one document per file")
                    raise _UnreadableError
            elif isinstance(event, yaml.NodeEvent):
                value = self._node(event, events, ())
        if documents == 0:
            self.faults.append(
                Fault(
                    code=Code.FILE_EMPTY,
                    rule="is empty",
                    fix="write `config: {}`, or restore the file from its history",
                )
            )
            raise _UnreadableError
        return value

    def _refuse(self, code: Code, event: Any, rule: str, fix: str, path: KeyPath = (), value: str = "") -> None:
        line = event.start_mark.line + 1
        self.faults.append(Fault(code=code, line=line, path=dotted(path), value=value, rule=rule, fix=fix))
        if len(self.faults) >= MAX_FAULTS:
            raise _UnreadableError

    def _node(self, event: Any, events: Iterator[Any], path: KeyPath) -> object:
        if len(path) > MAX_LEVELS:
            self.faults.append(_depth_fault(event.start_mark.line + 1))
            raise _UnreadableError
        if len(self.lines) > MAX_VALUES:
            rule = f"has more than {MAX_VALUES:,} values"
            self._refuse(Code.FILE_SIZE, event, rule, "split it, or move data elsewhere")
            raise _UnreadableError
        self.lines.setdefault(path, event.start_mark.line + 1)
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            self._refuse(
                Code.YAML_ALIAS,
                event,
                "uses an anchor (&) or alias (*)",
                "write the value out, or quote it if it is text",
                path,
            )
        if not isinstance(event, yaml.AliasEvent) and event.tag is not None:
            self._refuse(Code.YAML_TAG, event, f"has the tag {shown(event.tag)}", "remove the tag", path)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(events, path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, path)
        if isinstance(event, yaml.ScalarEvent):
            self.texts[path] = event.value
            return _scalar(event.value) if not event.style else event.value
        return None

    def _sequence(self, events: Iterator[Any], path: KeyPath) -> tuple[object, ...]:
        items: list[object] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(self._node(event, events, (*path, len(items))))
        return tuple(items)

    def _mapping(self, events: Iterator[Any], path: KeyPath) -> dict[str, object]:
        mapping: dict[str, object] = {}
        first_lines: dict[str, int] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            line = event.start_mark.line + 1
            key = self._key(event, path)
            if key in first_lines:
                rule = f"is given twice, on lines {first_lines[key]} and {line}"
                self._refuse(Code.DUPLICATE_KEY, event, rule, "keep one of the two", (*path, key))
                self._skip(events, path)
                continue
            first_lines[key] = line
            self.lines[(*path, key)] = line
            mapping[key] = self._node(next(events), events, (*path, key))
        return mapping

    def _key(self, event: Any, path: KeyPath) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            self._refuse(Code.YAML_KEY, event, "has a key that is not text", "write the key as plain text", path)
            raise _UnreadableError
        value = _scalar(event.value) if not event.style else event.value
        if event.value == "<<" and not event.style:
            self._refuse(Code.YAML_ALIAS, event, "uses a merge key (<<)", "write the fields out", path)
        elif not isinstance(value, str):
            reading = value.reading if isinstance(value, AmbiguousScalar) else described_type(value)
            self._refuse(
                Code.YAML_WORD, event, f"is a key that YAML reads as {reading}", "quote it", path, shown(event.value)
            )
        return str(event.value)

    def _skip(self, events: Iterator[Any], path: KeyPath) -> None:
        """Skips the value of a duplicate key."""
        kept_lines, kept_texts = dict(self.lines), dict(self.texts)
        self._node(next(events), events, (*path, "?"))
        self.lines, self.texts = kept_lines, kept_texts


def _scalar(text: str) -> object:
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return text.lower() == "true"
    if _WHOLE.fullmatch(text):
        return int(text)
    if _FRACTION.fullmatch(text):
        return float(text)
    # Ambiguous words are short. The limit avoids matching patterns against a megabyte of text.
    if len(text) <= 400:
        for pattern, reading in _READINGS:
            if pattern.fullmatch(text):
                return AmbiguousScalar(text, reading)
    return text


def described_type(value: object) -> str:
    """Returns the type of a value for messages."""
    if isinstance(value, AmbiguousScalar):
        return value.reading
    names: tuple[tuple[type, str], ...] = (
        (bool, "a boolean"),
        (int, "a number"),
        (float, "a number"),
        (str, "a string"),
        (dict, "a mapping"),
        (tuple, "a list"),
    )
    return next((name for type_, name in names if isinstance(value, type_)), "nothing")


def dotted(path: KeyPath) -> str:
    """Returns a path for messages: ``plinth:team.accounts.production``, ``plinth:organization.allowed_regions[1]``.

    The engine's keys ``config`` and ``value`` around the settings are omitted.
    """
    words = ""
    for part in _unwrapped(path):
        words += f"[{part}]" if isinstance(part, int) else f".{shown(part)}"
    return words.removeprefix(".")


def _unwrapped(path: KeyPath) -> KeyPath:
    if len(path) > 1 and path[0] == "config" and str(path[1]).startswith("plinth:"):
        path = path[1:]
        if path[1:2] == ("value",):
            path = (path[0], *path[2:])
    return path
