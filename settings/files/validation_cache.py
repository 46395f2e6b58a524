"""Remembers which settings files were validated together, so that one stack's settings load without all the others.

Every program of every stack loads the settings. Parsing and checking those of a thousand teams takes many seconds,
hashing them a fifth of one. The cache therefore keeps a digest of the last settings of a project that were without
fault, and the :class:`Overview` that follows from them. It keeps no settings: those are read from their files, and
checked field by field, when somebody asks for them.

The digest covers names and bytes of all settings files and the code that judged them. So the cache never goes stale,
and nobody has to clear it. Files that changed without saying anything else count as unchanged. Settings with faults
are never remembered.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pydantic
import yaml

from settings.data.dataset import Dataset
from settings.data.feature_group import FeatureGroup
from settings.derived.foundation import Foundation
from settings.derived.partial_config import Draft, stack_file
from settings.derived.stack_graph import StackIdentity
from settings.derived.validated_foundation import Parsed, ValidatedFoundation
from settings.files.file_meanings import NOTHING, meaning_of_file, meanings
from settings.files.loader import Reading
from settings.files.validation_record import Files, Record
from settings.team.team import EnvironmentSettings, Team
from settings.types.errors import SettingsError

CACHE_DIRECTORY_VARIABLE = "PLINTH_CACHE_DIR"

M = TypeVar("M", bound=pydantic.BaseModel)


def load_cached(project_directory: Path) -> Foundation:
    """The foundation that a project directory describes. Raises SettingsError, and nothing else.

    Like :func:`settings.loader.load`, but where all files are as they were last validated, it reads them and parses
    only those that somebody asks for.
    """
    reading = Reading(project_directory)
    organization = reading.project_file()
    contents = reading.stack_contents()
    if organization is None or reading.faults:
        return reading.foundation(organization, contents)
    fingerprint = _Fingerprint.of(reading, contents)
    file = _cache_file(project_directory)
    record = Record.read(file, fingerprint.digest) or _still_valid(file, fingerprint, reading, contents)
    if record is not None:
        parsed = _ParsedFiles(reading, contents)
        return ValidatedFoundation.with_overview(
            record.overview,
            organization=organization.model,
            teams=Parsed(record.names("teams"), parsed.team),
            environments=Parsed(record.names("environments"), parsed.environment),
            datasets=Parsed(record.names("datasets"), parsed.dataset),
            feature_groups=Parsed(record.names("feature_groups"), parsed.feature_group),
        )
    foundation = reading.foundation(organization, contents)
    Record.of(foundation).write(file, fingerprint.digest)
    fingerprint.files(meanings(foundation)).write(_files_beside(file))
    return foundation


def _still_valid(
    file: Path, fingerprint: _Fingerprint, reading: Reading, contents: Mapping[str, bytes | None]
) -> Record | None:
    """What was remembered, if all files that changed since still say the same."""
    files = Files.read(_files_beside(file))
    if files is None or files.judged_by != fingerprint.judged_by or not files.contents.keys() <= contents.keys():
        return None
    changed = [name for name, digest in fingerprint.contents.items() if files.contents.get(name) != digest]
    for name in changed:
        if meaning_of_file(reading, name, contents[name]) != files.meanings.get(name, NOTHING):
            return None
    record = Record.read(file, files.digest)
    if record is not None:
        record.write(file, fingerprint.digest)
        fingerprint.files(files.meanings).write(_files_beside(file))
    return record


@dataclass(frozen=True, slots=True)
class _ParsedFiles:
    """The stack files of a project, as they were read."""

    reading: Reading
    contents: Mapping[str, bytes | None]

    def team(self, name: str) -> Team:
        return _only(self._parsed(name).teams)

    def environment(self, stack: str) -> EnvironmentSettings:
        parsed = self._parsed(stack).environments
        if parsed:
            return _only(parsed)
        identity = StackIdentity.parse(stack)
        return EnvironmentSettings.model_validate({"team": identity.team, "environment": identity.environment})

    def dataset(self, name: str) -> Dataset:
        return _only(self._parsed(StackIdentity("dataset", dataset=name).name).datasets)

    def feature_group(self, name: str) -> FeatureGroup:
        return _only(self._parsed(StackIdentity("feature-group", feature_group=name).name).feature_groups)

    def _parsed(self, stack: str) -> Reading:
        """One stack's file. Raises SettingsError where it has faults after all."""
        alone = Reading(self.reading.directory, self.reading.stack_directory)
        name = stack_file(stack)
        if name in self.contents:
            alone.stack_file(name, self.contents[name])
        if alone.faults:
            raise SettingsError(alone.faults)
        return alone


def _only(drafts: Mapping[str, Draft[M]]) -> M:
    (draft,) = drafts.values()
    return draft.model


@dataclass(frozen=True, slots=True)
class _Fingerprint:
    """Digests of all that decides whether settings are without fault."""

    judged_by: str
    contents: Mapping[str, str]

    @classmethod
    def of(cls, reading: Reading, contents: Mapping[str, bytes | None]) -> _Fingerprint:
        judged_by = hashlib.sha256(_code_digest() + reading.project_content).hexdigest()
        return cls(judged_by, {name: hashlib.sha256(text or b"").hexdigest() for name, text in contents.items()})

    @property
    def digest(self) -> str:
        """One digest over everything. No file's name holds a line break that could pass for two files."""
        lines = [self.judged_by, *(f"{digest} {name!r}" for name, digest in self.contents.items())]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def files(self, meanings: Mapping[str, str]) -> Files:
        return Files(digest=self.digest, judged_by=self.judged_by, contents=self.contents, meanings=meanings)


def _code_digest() -> bytes:
    """A digest of the code that judges settings: this package, and the libraries that it judges with."""
    root = Path(sys.modules["settings"].__path__[0])
    digest = hashlib.sha256(f"{sys.version} {pydantic.VERSION} {yaml.__version__}".encode())
    for module in sorted(root.rglob("*.py")):
        digest.update(f"{module.relative_to(root)} {module.stat().st_size} ".encode())
        digest.update(module.read_bytes())
    return digest.digest()


def _cache_file(project_directory: Path) -> Path:
    """One file for each project directory: the last settings alone are worth remembering."""
    named = os.environ.get(CACHE_DIRECTORY_VARIABLE)
    if named:
        base = Path(named)
    else:
        from platformdirs import user_cache_path

        base = user_cache_path("plinth")
    place = hashlib.sha256(str(project_directory.resolve()).encode()).hexdigest()[:16]
    return base / "validated-settings" / f"{place}.json"


def _files_beside(file: Path) -> Path:
    return file.with_suffix(".files.json")
