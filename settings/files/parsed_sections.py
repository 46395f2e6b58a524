"""The settings sections of valid stack files, as the YAML reader read them, kept between processes.

Reading the YAML of an organization takes four fifths of its validation, and a change leaves nearly all files as they
are. A file is known by its name and the digest of its bytes. Its values are validated by the models again, and so are
the rules across files.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from settings.files.cache_directory import cache_file, code_digest
from settings.files.validation_record import write

Values = Mapping[str, object] | None
"""The values of a section; None for a file without settings."""


@dataclass(slots=True)
class ParsedSections:
    """The sections of one project directory."""

    file: Path
    _added: dict[str, list[Any]] = field(default_factory=dict)
    _kept: dict[str, list[Any]] | None = None
    """Digest and values by file name; None before they are needed."""

    @classmethod
    def of(cls, project_directory: Path) -> Self:
        return cls(cache_file(project_directory, "parsed-settings"))

    def knows(self, name: str, digest: str) -> bool:
        """Returns whether a file with these bytes was valid."""
        return name in (known := self._of_before()) and bool(known[name][0] == digest)

    def values(self, name: str) -> Values:
        """Returns the values of a file that is known. Lists are tuples, as in a document."""
        found = self._of_before()[name][1]
        return None if found is None else {key: _with_tuples(value) for key, value in found.items()}

    def add(self, name: str, digest: str, values: Values) -> None:
        self._added[name] = [digest, values]

    def write(self, names: Collection[str]) -> None:
        """Keeps the sections of these files, if one of them was not known before."""
        if not self._added:
            return
        sections = {name: found for name, found in {**self._of_before(), **self._added}.items() if name in names}
        write(self.file, json.dumps({"code": code_digest().hex(), "sections": sections}, separators=(",", ":")))
        self._kept, self._added = sections, {}

    def _of_before(self) -> dict[str, list[Any]]:
        if self._kept is None:
            self._kept = self._read()
        return self._kept

    def _read(self) -> dict[str, list[Any]]:
        try:
            found = json.loads(self.file.read_bytes())
            return dict(found["sections"]) if found["code"] == code_digest().hex() else {}
        except (OSError, ValueError, TypeError, KeyError):
            return {}


def _with_tuples(value: object) -> object:
    if isinstance(value, list):
        return tuple(map(_with_tuples, value))
    return {key: _with_tuples(item) for key, item in value.items()} if isinstance(value, dict) else value
