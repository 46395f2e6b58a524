"""Reads a project directory: Pulumi.yaml and the stack files. The only module of settings that reads files.

Either everything is right and a :class:`Foundation` comes back, or a :class:`SettingsError` says everything that is
wrong in every file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from settings.data.dataset import Dataset
from settings.data.feature_group import FeatureGroup
from settings.derived.foundation import Foundation
from settings.derived.partial_config import PROJECT_FILE, Draft, Parts, salvage
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
from settings.files.regular_file import regular_file
from settings.files.validation_errors import faulty_fields, validation_faults
from settings.files.yaml_file import MAX_FILE_BYTES, YamlDocument, read_document
from settings.organization.organization import Organization
from settings.rules.consistency import faults_between
from settings.team.team import EnvironmentSettings, Team
from settings.types.error_codes import Code
from settings.types.errors import Fault, SettingsError
from settings.types.model import Settings
from settings.types.redaction import shown, shown_path

M = TypeVar("M", bound=Settings)


_SECTIONS = {"team": TEAM, "environment": ENVIRONMENT, "dataset": DATASET, "feature-group": FEATURE_GROUP}
"""The settings that a stack's file has, by its kind; other stacks have none of their own."""

_SUFFIXES = ("yaml", "yml", "json")
"""Of files that people may take for a stack's; the engine reads the first."""


def load(project_directory: Path) -> Foundation:
    """The foundation that a project directory describes. Raises SettingsError, and nothing else."""
    reading = Reading(project_directory)
    organization = reading.project_file()
    return reading.foundation(organization, reading.stack_contents())


@dataclass(slots=True)
class Reading:
    """One pass over the files of a project directory, collecting what is sound and what is wrong."""

    directory: Path
    stack_directory: Path | None = None
    project_content: bytes = b""
    faults: list[Fault] = field(default_factory=list)
    teams: dict[str, Draft[Team]] = field(default_factory=dict)
    environments: dict[str, Draft[EnvironmentSettings]] = field(default_factory=dict)
    datasets: dict[str, Draft[Dataset]] = field(default_factory=dict)
    feature_groups: dict[str, Draft[FeatureGroup]] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    sections: dict[str, Section] = field(default_factory=dict)
    """By the file's name inside its directory."""

    def project_file(self) -> Draft[Organization] | None:
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
        """The bytes of every stack file by its name. Notes files that cannot be read, and gives None for them."""
        directory = self.stack_directory
        return {} if directory is None else {name: self._content(directory, name) for name in self._stack_files()}

    def stack_file(self, name: str, content: bytes | None) -> None:
        """Parse the settings of one stack. Notes what is wrong with them."""
        path = (self.stack_directory or self.directory) / name
        try:
            identity = StackIdentity.parse(name.removeprefix("Pulumi.").removesuffix(".yaml"))
        except SettingsError as error:
            self.faults += [fault.at(file=self._shown(path), line=None) for fault in error.faults]
        else:
            self._stack_file(identity, path, content)

    def foundation(self, organization: Draft[Organization] | None, contents: Mapping[str, bytes | None]) -> Foundation:
        """Parse and judge everything. Raises SettingsError with every fault."""
        for name, content in contents.items():
            self.stack_file(name, content)
        if organization is not None:
            unreadable = frozenset(self.unreadable)
            parts = Parts(organization, self.teams, self.environments, self.datasets, unreadable, self.feature_groups)
            self.faults += [self._located(fault) for fault in faults_between(parts)]
        if organization is None or self.faults:
            raise SettingsError(_without_echoes(self.faults))
        teams = [draft.model for draft in self.teams.values()]
        environments = [draft.model for draft in self.environments.values()]
        datasets = [draft.model for draft in self.datasets.values()]
        feature_groups = [draft.model for draft in self.feature_groups.values()]
        return Foundation.of(organization.model, teams, environments, datasets, feature_groups)

    def _stack_file(self, identity: StackIdentity, path: Path, content: bytes | None) -> None:
        document = None if content is None else self._document(path, content)
        key = _SECTIONS.get("environment" if identity.is_environment else identity.kind)
        section = None
        if document is not None:
            section, faults = stack_section(document, self._shown(path), key)
            self.faults += faults
        if identity.dataset is not None:
            if section is not None:
                self.datasets[identity.dataset] = self._settings(
                    Dataset, path.name, section, {"name": identity.dataset}
                )
        elif identity.feature_group is not None:
            if section is not None:
                self.feature_groups[identity.feature_group] = self._settings(
                    FeatureGroup, path.name, section, {"name": identity.feature_group}
                )
        elif identity.team is None or identity.kind == "data":
            return
        elif identity.kind == "team":
            if section is None:
                self.unreadable.add(identity.team)
            else:
                self.teams[identity.team] = self._settings(Team, path.name, section, {"name": identity.team})
        elif identity.is_environment:
            given = {"team": identity.team, "environment": identity.kind}
            self.environments[identity.name] = self._settings(EnvironmentSettings, path.name, section, given)

    def _settings(self, model: type[M], name: str, section: Section | None, given: dict[str, str]) -> Draft[M]:
        """The model that a section holds, completed by what the file's name gives. Notes what is wrong."""
        if section is None:
            return Draft(model.model_validate(given))
        self.sections[name] = section
        self.faults += [
            section.fault(
                Code.FIELD_UNKNOWN, "is not given in the file", "remove it: the file's name says it", at=(field,)
            )
            for field in given
            if field in section.value
        ]
        values = {**section.value, **given}
        try:
            return Draft(model.model_validate(values))
        except ValidationError as error:
            self.faults += validation_faults(error, section, model)
            return salvage(model, values, faulty_fields(error))

    def _content(self, directory: Path, name: str) -> bytes | None:
        try:
            content = regular_file(f"{directory}/{name}", max_bytes=MAX_FILE_BYTES)
        except OSError as error:
            rule, fix = f"cannot be read ({error.strerror})", "check its owner and mode"
        else:
            if content is not None:
                return content
            rule, fix = "is not there, or is not a file", "create it, or name another directory"
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
            rule, fix = "is not a directory", "create it, or name the directory of the stack files"
            self.faults.append(whole.fault(Code.FILE_MISSING, rule, fix, at=("stackConfigDir",), value=value))
            return None
        return self.directory / named

    def _stack_files(self) -> Iterator[str]:
        """The names of the stack files, in order. Notes files that look like one and that the engine would not read."""
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
        """The fault with the file as people name it, and the line."""
        section = self.sections.get(fault.file)
        if section is not None:
            return fault.at(file=section.file, line=section.line_of(fault.path))
        where = self.stack_directory or self.directory
        return fault.at(file=self._shown(where / fault.file), line=None)


def _without_echoes(faults: list[Fault]) -> list[Fault]:
    """A credential in the wrong place is one fault, not also one about the form of what it stands for."""
    secrets = {(fault.file, fault.path) for fault in faults if fault.code is Code.SECRET_IN_PLAIN_TEXT}
    return [
        fault for fault in faults if fault.code is Code.SECRET_IN_PLAIN_TEXT or (fault.file, fault.path) not in secrets
    ]
