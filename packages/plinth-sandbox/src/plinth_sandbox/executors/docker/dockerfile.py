"""Reads dockerfiles: their instructions, and the values of variables in them.

Source: Dockerfile reference (read 2026-11-27).
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

INSTRUCTIONS = frozenset(
    {
        "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER",
        "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
    }
)  # fmt: skip
_VARIABLE = re.compile(r"\$(?:\{(\w+)(?:(:[-+])([^}]*))?\}|(\w+))")
_HEREDOC = re.compile(r"<<-?['\"]?(\w+)['\"]?")
_FLAG = re.compile(r"--([\w-]+)(?:=(\S+))?\s+")


class DockerfileError(Exception):
    """The dockerfile cannot be built."""


@dataclass(frozen=True, slots=True)
class Instruction:
    line: int
    name: str
    """In upper case."""
    rest: str
    document: str = ""
    """The here-document that follows, without its end."""

    def __str__(self) -> str:
        return f"{self.name} {self.rest}".rstrip()

    def flags(self) -> tuple[list[tuple[str, str]], str]:
        """Returns the names and values of the flags, and what follows them."""
        found, rest = [], f"{self.rest} "
        while flag := _FLAG.match(rest):
            found.append((flag[1], flag[2] or ""))
            rest = rest[flag.end() :]
        return found, rest.strip()

    def error(self, reason: str) -> DockerfileError:
        return DockerfileError(f"dockerfile parse error on line {self.line}: {reason}")


def instructions(text: str) -> Iterator[Instruction]:
    """Yields the instructions of a dockerfile. Raises DockerfileError for an unknown one."""
    lines = enumerate(text.splitlines(), start=1)
    start, joined = 0, ""
    for number, line in lines:
        if line.lstrip().startswith("#"):
            continue
        start, joined = (start, joined) if joined else (number, "")
        joined += line.strip()
        if joined.endswith("\\"):
            joined = joined[:-1] + " "
            continue
        if joined:
            name, _, rest = joined.partition(" ")
            if name.upper() not in INSTRUCTIONS:
                raise DockerfileError(f"dockerfile parse error on line {start}: unknown instruction: {name}")
            document = []
            if name.upper() in ("ADD", "COPY", "RUN") and (found := _HEREDOC.search(rest)):
                for _, inner_line in lines:
                    if inner_line.strip() == found[1]:
                        break
                    document.append(f"{inner_line}\n")
            yield Instruction(start, name.upper(), rest.strip(), "".join(document))
        joined = ""


def filled(text: str, known: Mapping[str, str]) -> str:
    """Returns a text with the values of its variables: ``$name``, ``${name}``, ``${name:-otherwise}`` and
    ``${name:+if-set}``."""

    def value(found: re.Match[str]) -> str:
        given = known.get(found[1] or found[4], "")
        if found[2] == ":+":
            return found[3] if given else ""
        return given or found[3] or ""

    return _VARIABLE.sub(value, text)


def assignments(text: str) -> dict[str, str]:
    """Returns the values that ``ENV`` or ``LABEL`` sets, in the old form ``name value`` too."""
    words = shlex.split(text)
    if words and "=" not in words[0]:
        return {words[0]: text.strip().partition(" ")[2].strip()}
    return dict(word.split("=", 1) for word in words if "=" in word)


def exec_form(text: str) -> list[str] | None:
    """Returns the words of a command in the exec form, or None if it is in the shell form."""
    try:
        words = json.loads(text)
    except ValueError:
        return None
    return words if isinstance(words, list) and all(isinstance(word, str) for word in words) else None
