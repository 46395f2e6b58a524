"""The validation cache, which lets the program of one stack load its settings without validating all others.

Every program of every stack loads the settings. Parsing and checking the files of 1,000 teams takes many seconds;
hashing them takes a fifth of a second. The cache therefore stores a digest of the last valid settings of a project, and
their :class:`Overview`. It stores no settings: they are read from their files, with all checks of fields, on first use.
Only if something changed, the values of unchanged files come from :mod:`settings.files.parsed_sections`.

The digest covers the names and bytes of all settings files and the validating code, so the cache never becomes stale
and never needs to be cleared. Files whose settings did not change count as unchanged. Invalid settings are never
stored.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pydantic

from settings.data.dataset import Dataset
from settings.data.feature_group import FeatureGroup
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.derived.validated_foundation import LazilyParsed, ValidatedFoundation
from settings.files.cache_directory import cache_file, code_digest
from settings.files.loader import ProjectReader
from settings.files.parsed_sections import ParsedSections
from settings.files.settings_digest import NO_SETTINGS, file_settings_digest, settings_digests
from settings.files.validation_record import FileDigests, ValidationRecord
from settings.rules.partial_config import PartialModel, stack_file
from settings.team.team import EnvironmentSettings, Team
from settings.types.errors import SettingsError

M = TypeVar("M", bound=pydantic.BaseModel)


def load_cached(project_directory: Path) -> Foundation:
    """Loads the foundation of a project directory. Raises only SettingsError.

    Unlike :func:`settings.files.loader.load`, it parses a file only on first use if no file changed since the last
    validation.
    """
    reading = ProjectReader(project_directory, parsed_sections=ParsedSections.of(project_directory))
    organization = reading.project_file()
    contents = reading.stack_contents()
    if organization is None or reading.faults:
        return reading.foundation(organization, contents)
    fingerprint = _Fingerprint.of(reading, contents)
    file = cache_file(project_directory, "validated-settings")
    record = ValidationRecord.read(file, fingerprint.digest) or _unchanged_record(file, fingerprint, reading, contents)
    if record is not None:
        parsed = _ParsedFiles(reading, contents)
        return ValidatedFoundation.with_overview(
            record.overview,
            organization=organization.model,
            teams=LazilyParsed(record.names("teams"), parsed.team),
            environments=LazilyParsed(record.names("environments"), parsed.environment),
            datasets=LazilyParsed(record.names("datasets"), parsed.dataset),
            feature_groups=LazilyParsed(record.names("feature_groups"), parsed.feature_group),
        )
    foundation = reading.foundation(organization, contents)
    ValidationRecord.of(foundation).write(file, fingerprint.digest)
    fingerprint.files(settings_digests(foundation)).write(_digests_file(file))
    return foundation


def _unchanged_record(
    file: Path, fingerprint: _Fingerprint, reading: ProjectReader, contents: Mapping[str, bytes | None]
) -> ValidationRecord | None:
    """Returns the record of the last valid settings if no settings changed since, although files may have changed."""
    files = FileDigests.read(_digests_file(file))
    if files is None or files.validator != fingerprint.validator or not files.contents.keys() <= contents.keys():
        return None
    changed = [name for name, digest in fingerprint.contents.items() if files.contents.get(name) != digest]
    for name in changed:
        if file_settings_digest(reading, name, contents[name]) != files.settings.get(name, NO_SETTINGS):
            return None
    record = ValidationRecord.read(file, files.digest)
    if record is not None:
        record.write(file, fingerprint.digest)
        fingerprint.files(files.settings).write(_digests_file(file))
    return record


@dataclass(frozen=True, slots=True)
class _ParsedFiles:
    """Parses stack files of a project on demand, from the bytes that were read before."""

    reading: ProjectReader
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

    def _parsed(self, stack: str) -> ProjectReader:
        """Parses the file of one stack. Raises SettingsError if it has faults."""
        reader = ProjectReader(self.reading.directory, self.reading.stack_directory)
        name = stack_file(stack)
        if name in self.contents:
            reader.stack_file(name, self.contents[name])
        if reader.faults:
            raise SettingsError(reader.faults)
        return reader


def _only(partials: Mapping[str, PartialModel[M]]) -> M:
    (partial,) = partials.values()
    return partial.model


@dataclass(frozen=True, slots=True)
class _Fingerprint:
    """Digests of everything that determines whether settings are valid."""

    validator: str
    contents: Mapping[str, str]

    @classmethod
    def of(cls, reading: ProjectReader, contents: Mapping[str, bytes | None]) -> _Fingerprint:
        validator = hashlib.sha256(code_digest() + reading.project_content).hexdigest()
        return cls(validator, {name: hashlib.sha256(text or b"").hexdigest() for name, text in contents.items()})

    @property
    def digest(self) -> str:
        """The digest of everything. File names are quoted, so that no name with a line break passes for two files."""
        lines = [self.validator, *(f"{digest} {name!r}" for name, digest in self.contents.items())]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def files(self, settings: Mapping[str, str]) -> FileDigests:
        """Returns the digests to store, with ``settings`` as the digests of the parsed settings."""
        return FileDigests(digest=self.digest, validator=self.validator, contents=self.contents, settings=settings)


def _digests_file(file: Path) -> Path:
    return file.with_suffix(".files.json")
