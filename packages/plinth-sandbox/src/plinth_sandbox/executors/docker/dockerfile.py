"""Reads the parts of dockerfiles that decide what an image is made from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

INSTRUCTIONS = frozenset(
    {
        "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER",
        "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
    }
)  # fmt: skip
"""Instructions of the Dockerfile reference (read 2026-11-27)."""
_VARIABLE = re.compile(r"\$(?:\{(\w+)(?::-([^}]*))?\}|(\w+))")
_HEREDOC = re.compile(r"<<-?['\"]?(\w+)['\"]?")


class DockerfileError(Exception):
    """The dockerfile cannot be built."""


def instructions(text: str) -> Iterator[tuple[int, str, str]]:
    """Yields the line, the name and the rest of each instruction. Raises DockerfileError for an unknown one."""
    start, joined, end = 0, "", ""
    for number, line in enumerate(text.splitlines(), start=1):
        if end:
            end = "" if line.strip() == end else end
            continue
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
            if name.upper() in ("ADD", "COPY", "RUN") and (found := _HEREDOC.search(rest)):
                end = found[1]
            yield start, name.upper(), rest.strip()
        joined = ""


def base_of(text: str, arguments: Mapping[str, str]) -> str:
    """Returns the image with which the last stage of a dockerfile starts, through the stages that it is made from.

    Raises: DockerfileError.
    """
    known, stages, base = dict(arguments), dict[str, str](), ""
    for number, name, rest in instructions(text):
        if name == "ARG" and not base:
            key, _, value = rest.partition("=")
            known.setdefault(key, _filled(value.strip("\"'"), known))
        elif name == "FROM":
            words = [word for word in _filled(rest, known).split() if not word.startswith("--")]
            if not words:
                message = f"dockerfile parse error on line {number}: base name ({rest}) should not be blank"
                raise DockerfileError(message)
            base = stages.get(words[0].lower(), words[0])
            if len(words) == 3 and words[1].upper() == "AS":
                stages[words[2].lower()] = base
    if not base:
        raise DockerfileError("file with no instructions")
    return base


def _filled(text: str, known: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda one: known.get(one[1] or one[3]) or one[2] or "", text)
