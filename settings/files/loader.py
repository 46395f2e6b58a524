"""Loads the settings of a project directory from Pulumi.yaml and the stack files.

Returns a :class:`Foundation`, or raises a :class:`SettingsError` with every fault in every file.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import ValidationError

from settings.data.dataset import Dataset
from settings.data.feature_group import FeatureGroup
from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.files.config_sections import (
    DATASET,
    ENVIRONMENT,
    FEATURE_GROUP,
    TEAM,
    Section,
    plain_secrets,
    project_section,
    stack_section,
)
from settings.files.parsed_sections import ParsedSections, Values
from settings.files.regular_file import regular_file
from settings.files.validation_errors import faulty_fields, validation_faults
from settings.files.yaml_file import MAX_FILE_BYTES, YamlDocument, read_document
from settings.organization.organization import Organization
from settings.rules.consistency import consistency_faults
from settings.rules.partial_config import PROJECT_FILE, PartialConfig, PartialModel, partial_model
from settings.team.team import EnvironmentSettings, Team
from settings.types.error_codes import Code
from settings.types.errors import Fault, SettingsError
from settings.types.model import Settings
from settings.types.redaction import shown, shown_path

M = TypeVar("M", bound=Settings)


_SECTIONS = {"team": TEAM, "environment": ENVIRONMENT, "dataset": DATASET, "feature-group": FEATURE_GROUP}
"""Config section by stack kind. Stacks of other kinds have no settings."""

_Parsed = PartialModel[Any] | None
_VALID_FILES: dict[tuple[str, bytes], _Parsed] = {}
"""Parsed contents of valid stack files, by name and digest of the bytes. A command loads the settings of an
organization several times, in which few files differ."""
_MOST_VALID_FILES = 20_000

_SUFFIXES = ("yaml", "yml", "json")
"""Suffixes of files that look like stack files. The engine reads only the first."""


def load(project_directory: Path) -> Foundation:
    """Loads the foundation of a project directory. Raises only SettingsError."""
    reading = ProjectReader(project_directory)
    organization = reading.project_file()
    return reading.foundation(organization, reading.stack_contents())


def load_with(
    project_directory: Path, drafts: Mapping[str, bytes] = MappingProxyType({}), omitted: Collection[str] = ()
) -> Foundation:
    """Loads the foundation as it would be with some stack files, by name, and without others.

    Raises only SettingsError.
    """
    reading = ProjectReader(project_directory, parsed_sections=ParsedSections.of(project_directory))
    organization = reading.project_file()
    kept = {name: content for name, content in reading.stack_contents().items() if name not in omitted}
    return reading.foundation(organization, {**kept, **drafts})


@dataclass(slots=True)
class ProjectReader:
    """Reads the files of a project directory once and collects valid settings and faults."""

    directory: Path
    stack_directory: Path | None = None
    project_content: bytes = b""
    faults: list[Fault] = field(default_factory=list)
    teams: dict[str, PartialModel[Team]] = field(default_factory=dict)
    environments: dict[str, PartialModel[EnvironmentSettings]] = field(default_factory=dict)
    datasets: dict[str, PartialModel[Dataset]] = field(default_factory=dict)
    feature_groups: dict[str, PartialModel[FeatureGroup]] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    sections: dict[str, Section] = field(default_factory=dict)
    """Config sections by file name, of the files that were not parsed before."""
    parsed_before: dict[str, bytes] = field(default_factory=dict)
    """Bytes of the other files, by file name."""
    parsed_sections: ParsedSections | None = None
    """Sections that earlier processes parsed; None if every file is to be parsed."""

    def project_file(self) -> PartialModel[Organization] | None:
        path = self.directory / PROJECT_FILE
        content = self._content(self.directory, PROJECT_FILE)
        document = None if content is None else self._document(path, content)
        if content is None or document is None:
            return None
        self.project_content = content
        self.stack_directory = self._find_stack_directory(document)
        section, faults = project_section(document, PROJECT_FILE)
        self.faults += faults
        return self._settings(Organization, PROJECT_FILE, section, {}) if section else None

    def stack_contents(self) -> dict[str, bytes | None]:
        """Returns the bytes of every stack file by name. Records a fault and returns None for an unreadable file."""
        directory = self.stack_directory
        return {} if directory is None else {name: self._content(directory, name) for name in self._stack_files()}

    def stack_file(self, name: str, content: bytes | None) -> None:
        """Parses the settings of one stack and records their faults."""
        path = (self.stack_directory or self.directory) / name
        try:
            identity = StackIdentity.parse(name.removeprefix("Pulumi.").removesuffix(".yaml"))
        except SettingsError as error:
            self.faults += [fault.at(file=self._shown(path), line=None) for fault in error.faults]
        else:
            self._stack_file(identity, path, content)

    def foundation(
        self, organization: PartialModel[Organization] | None, contents: Mapping[str, bytes | None]
    ) -> Foundation:
        """Parses and validates all settings. Raises SettingsError with every fault."""
        for name, content in contents.items():
            self.stack_file(name, content)
        if self.parsed_sections is not None:
            self.parsed_sections.write(contents.keys())
        if organization is not None:
            unreadable = frozenset(self.unreadable)
            config = PartialConfig(
                organization, self.teams, self.environments, self.datasets, unreadable, self.feature_groups
            )
            self.faults += [self._located(fault) for fault in consistency_faults(config)]
        if organization is None or self.faults:
            raise SettingsError(_without_echoes(self.faults))
        teams = [partial.model for partial in self.teams.values()]
        environments = [partial.model for partial in self.environments.values()]
        datasets = [partial.model for partial in self.datasets.values()]
        feature_groups = [partial.model for partial in self.feature_groups.values()]
        return Foundation.of(organization.model, teams, environments, datasets, feature_groups)

    def _stack_file(self, identity: StackIdentity, path: Path, content: bytes | None) -> None:
        if content is None:
            self._add(identity, self._parsed(identity, path, content))
            return
        key = (path.name, hashlib.sha256(content).digest())
        if key not in _VALID_FILES and not self._read_before(identity, key):
            known = len(self.faults)
            parsed = self._parsed(identity, path, content)
            if len(self.faults) == known:
                self._remember(key, parsed)
            self._add(identity, parsed)
            return
        self.parsed_before[path.name] = content
        self._add(identity, _VALID_FILES[key])

    def _read_before(self, identity: StackIdentity, key: tuple[str, bytes]) -> bool:
        """Validates the values of a file that an earlier process read. Returns whether it knew the file as valid."""
        name, digest = key
        if self.parsed_sections is None or not self.parsed_sections.knows(name, digest.hex()):
            return False
        described = _described(identity)
        try:
            values = self.parsed_sections.values(name)
            model = described and _model_of(*described, values)
        except (ValidationError, AttributeError, LookupError):  # somebody has changed the cache
            return False
        _VALID_FILES[key] = None if model is None else PartialModel(model)
        return True

    def _remember(self, key: tuple[str, bytes], parsed: _Parsed) -> None:
        """Keeps the settings of a valid file, for this process and for later ones."""
        if len(_VALID_FILES) >= _MOST_VALID_FILES:
            _VALID_FILES.clear()
        _VALID_FILES[key] = parsed
        if self.parsed_sections is not None:
            name, digest = key
            section = self.sections.get(name)
            self.parsed_sections.add(name, digest.hex(), None if section is None else section.value)

    def _parsed(self, identity: StackIdentity, path: Path, content: bytes | None) -> _Parsed:
        """Returns the settings of a stack. Records faults."""
        section = self._section(identity, path, content)
        described = _described(identity)
        if described is None:
            return None
        model, given = described
        if section is None and model is not EnvironmentSettings:
            return None
        return self._settings(model, path.name, section, given)

    def _section(self, identity: StackIdentity, path: Path, content: bytes | None) -> Section | None:
        """Returns the config section of a stack, or None if it has none. Records faults."""
        document = None if content is None else self._document(path, content)
        if document is None:
            return None
        key = _SECTIONS.get("environment" if identity.is_environment else identity.kind)
        section, faults = stack_section(document, self._shown(path), key)
        self.faults += faults
        return section

    def _add(self, identity: StackIdentity, parsed: _Parsed) -> None:
        if identity.kind == "team" and identity.team is not None and parsed is None:
            self.unreadable.add(identity.team)
        if parsed is None:
            return
        if identity.dataset is not None:
            self.datasets[identity.dataset] = parsed
        elif identity.feature_group is not None:
            self.feature_groups[identity.feature_group] = parsed
        elif identity.kind == "team" and identity.team is not None:
            self.teams[identity.team] = parsed
        else:
            self.environments[identity.name] = parsed

    def _settings(self, model: type[M], name: str, section: Section | None, given: dict[str, str]) -> PartialModel[M]:
        """Returns the model of a section, with the fields in ``given`` from the file name. Records faults."""
        if section is None:
            return PartialModel(model.model_validate(given))
        self.sections[name] = section
        self.faults += [
            section.fault(
                Code.FIELD_UNKNOWN, "is not a field of the file", "remove it: the file name determines it", at=(field,)
            )
            for field in given
            if field in section.value
        ]
        values = {**section.value, **given}
        try:
            return PartialModel(model.model_validate(values))
        except ValidationError as error:
            self.faults += validation_faults(error, section, model)
            return partial_model(model, values, faulty_fields(error))

    def _content(self, directory: Path, name: str) -> bytes | None:
        try:
            content = regular_file(f"{directory}/{name}", max_bytes=MAX_FILE_BYTES)
        except OSError as error:
            rule, fix = f"cannot be read ({error.strerror})", "check its owner and mode"
        else:
            if content is not None:
                return content
            rule, fix = "does not exist, or is not a file", "create it, or use another directory"
        self._refuse(directory / name, Code.FILE_MISSING, rule, fix)
        return None

    def _document(self, path: Path, content: bytes) -> YamlDocument | None:
        document, faults = read_document(content)
        self.faults += [fault.at(file=self._shown(path), line=fault.line) for fault in faults]
        if document is not None:
            self.faults += plain_secrets(document, self._shown(path))
        return document

    def _find_stack_directory(self, document: YamlDocument) -> Path | None:
        content = document.value
        named = content.get("stackConfigDir", ".") if isinstance(content, dict) else "."
        if not isinstance(named, str) or not (self.directory / named).is_dir():
            value = shown(named) if isinstance(named, str) else ""
            whole = Section(document, PROJECT_FILE)
            rule, fix = "is not a directory", "create it, or write the directory of the stack files"
            self.faults.append(whole.fault(Code.FILE_MISSING, rule, fix, at=("stackConfigDir",), value=value))
            return None
        return self.directory / named

    def _stack_files(self) -> Iterator[str]:
        """Yields the names of the stack files in order. Records a fault for similar names that the engine ignores."""
        assert self.stack_directory is not None
        try:
            with os.scandir(self.stack_directory) as entries:
                names = sorted(entry.name for entry in entries)
        except OSError as error:
            rule, fix = f"cannot be read ({error.strerror})", "check its owner and mode"
            self._refuse(self.stack_directory, Code.FILE_MISSING, rule, fix)
            return
        for name in names:
            stem, _, suffix = name.rpartition(".")
            if not name.lower().startswith("pulumi.") or suffix.lower() not in _SUFFIXES or "." not in stem:
                continue
            if name.startswith("Pulumi.") and suffix == "yaml":
                yield name
            else:
                wanted = f"Pulumi.{stem.partition('.')[2]}.yaml"
                path, rule = self.stack_directory / name, "is not read by the engine"
                self._refuse(path, Code.FILE_NAME, rule, f"rename it to {shown(wanted)}")

    def _refuse(self, path: Path, code: Code, rule: str, fix: str) -> None:
        self.faults.append(Fault(code=code, file=self._shown(path), rule=rule, fix=fix))

    def _shown(self, path: Path) -> str:
        inside = path.relative_to(self.directory) if path.is_relative_to(self.directory) else path
        return shown_path(inside.as_posix())

    def _located(self, fault: Fault) -> Fault:
        """Returns the fault with the path of its file and its line."""
        section = self.sections.get(fault.file) or self._section_again(fault.file)
        if section is not None:
            return fault.at(file=section.file, line=section.line_of(fault.path))
        where = self.stack_directory or self.directory
        return fault.at(file=self._shown(where / fault.file), line=None)

    def _section_again(self, name: str) -> Section | None:
        """Returns the config section of a valid file that was parsed before."""
        if name not in self.parsed_before:
            return None
        identity = StackIdentity.parse(name.removeprefix("Pulumi.").removesuffix(".yaml"))
        return self._section(identity, (self.stack_directory or self.directory) / name, self.parsed_before[name])


def _described(identity: StackIdentity) -> tuple[type[Settings], dict[str, str]] | None:
    """Returns the model of the settings of a stack, with the fields that its name determines; None without settings."""
    if identity.dataset is not None:
        return Dataset, {"name": identity.dataset}
    if identity.feature_group is not None:
        return FeatureGroup, {"name": identity.feature_group}
    if identity.team is None or identity.kind == "data":
        return None
    if identity.kind == "team":
        return Team, {"name": identity.team}
    return (
        (EnvironmentSettings, {"team": identity.team, "environment": identity.kind})
        if identity.is_environment
        else None
    )


def _model_of(model: type[M], given: Mapping[str, str], values: Values) -> M | None:
    """Returns the settings with these values; None without any. Only settings of an environment may be empty."""
    if values is None and model is not EnvironmentSettings:
        return None
    return model.model_validate({**(values or {}), **given})


def _without_echoes(faults: list[Fault]) -> list[Fault]:
    """Removes other faults of a value that is reported as a credential."""
    secrets = {(fault.file, fault.path) for fault in faults if fault.code is Code.SECRET_IN_PLAIN_TEXT}
    return [
        fault for fault in faults if fault.code is Code.SECRET_IN_PLAIN_TEXT or (fault.file, fault.path) not in secrets
    ]
