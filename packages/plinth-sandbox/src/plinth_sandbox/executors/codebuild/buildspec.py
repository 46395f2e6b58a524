"""Buildspec files, version 0.2.

https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html (read 2026-11-22)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

PHASES = ("install", "pre_build", "build", "post_build")
_TOP = {"version", "run-as", "env", "proxy", "batch", "phases", "reports", "artifacts", "cache"}
_ENV = {"shell", "variables", "parameter-store", "exported-variables", "secrets-manager", "git-credential-helper"}
_PHASE = {"run-as", "on-failure", "runtime-versions", "commands", "finally"}
_ARTIFACTS = {
    "files",
    "name",
    "discard-paths",
    "base-directory",
    "exclude-paths",
    "enable-symlinks",
    "s3-prefix",
    "secondary-artifacts",
}
_REPORT = {"files", "base-directory", "discard-paths", "file-format"}
_UNSUPPORTED = {"run-as", "batch", "enable-symlinks", "s3-prefix", "secondary-artifacts"}
"""Keys that change what a build does, and that the sandbox does not perform."""
SHELLS = ("sh", "/bin/sh", "bash", "/bin/bash")
FORMATS = {"JUNITXML": "TEST", "COBERTURAXML": "CODE_COVERAGE"}
"""Type of report by format of its files. The sandbox reads these formats."""


class BuildspecError(Exception):
    """The buildspec is not valid. CodeBuild reports it with the code ``YAML_FILE_ERROR``."""


@dataclass(frozen=True, slots=True)
class Phase:
    name: str
    commands: Sequence[str] = ()
    finally_commands: Sequence[str] = ()
    on_failure: str = ""
    """``ABORT``, ``CONTINUE`` or empty."""


@dataclass(frozen=True, slots=True)
class Files:
    """Files that a pattern selects in a folder."""

    patterns: Sequence[str]
    base: str = "."
    excluded: Sequence[str] = ()
    flat: bool = False
    """Whether the folders of the files are left out."""


@dataclass(frozen=True, slots=True)
class ReportFiles:
    group: str
    """Name or ARN of the report group."""
    files: Files
    format: str


@dataclass(frozen=True, slots=True)
class Buildspec:
    phases: Sequence[Phase]
    shell: str = "sh"
    variables: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    """Parameter of Parameter Store by variable."""
    secrets: Mapping[str, str] = field(default_factory=dict)
    """Reference to a secret by variable."""
    exported: Sequence[str] = ()
    artifacts: Files | None = None
    artifact_name: str = ""
    reports: Sequence[ReportFiles] = ()


def parse(text: str) -> Buildspec:
    """Raises: BuildspecError."""
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BuildspecError(str(error)) from error
    top = _mapping(content, "the buildspec", _TOP)
    if str(top.get("version")) != "0.2":
        raise BuildspecError(f"version {top.get('version')} is not supported; the sandbox reads version 0.2")
    env = _mapping(top.get("env"), "env", _ENV)
    shell = str(env.get("shell", "sh"))
    if shell not in SHELLS:
        raise BuildspecError(f"env.shell: {shell} is not one of {', '.join(SHELLS)}")
    phases = _mapping(top.get("phases"), "phases", set(PHASES))
    if not phases:
        raise BuildspecError("phases: the buildspec has no phase")
    artifacts = _mapping(top.get("artifacts"), "artifacts", _ARTIFACTS)
    return Buildspec(
        [_phase(name, phases[name]) for name in PHASES if name in phases],
        shell,
        _texts(env.get("variables"), "env.variables"),
        _texts(env.get("parameter-store"), "env.parameter-store"),
        _texts(env.get("secrets-manager"), "env.secrets-manager"),
        _list(env.get("exported-variables"), "env.exported-variables"),
        _files(artifacts, "artifacts") if artifacts else None,
        str(artifacts.get("name", "")),
        [_report(name, value) for name, value in _mapping(top.get("reports"), "reports", None).items()],
    )


def _phase(name: str, content: Any) -> Phase:
    where = f"phases.{name}"
    found = _mapping(content, where, _PHASE)
    on_failure = str(found.get("on-failure", ""))
    if on_failure not in ("", "ABORT", "CONTINUE"):
        raise BuildspecError(f"{where}.on-failure: {on_failure} is not ABORT or CONTINUE")
    commands = _list(found.get("commands"), f"{where}.commands")
    return Phase(name, commands, _list(found.get("finally"), f"{where}.finally"), on_failure)


def _report(name: str, content: Any) -> ReportFiles:
    where = f"reports.{name}"
    found = _mapping(content, where, _REPORT)
    form = str(found.get("file-format", "JUNITXML"))
    if form not in FORMATS:
        raise BuildspecError(f"{where}.file-format: the sandbox reads {' and '.join(FORMATS)}, not {form}")
    return ReportFiles(name, _files(found, where), form)


def _files(found: Mapping[str, Any], where: str) -> Files:
    patterns = _list(found.get("files"), f"{where}.files")
    if not patterns:
        raise BuildspecError(f"{where}.files: no file is named")
    return Files(
        patterns,
        str(found.get("base-directory", ".")),
        _list(found.get("exclude-paths"), f"{where}.exclude-paths"),
        str(found.get("discard-paths", "no")).lower() in ("yes", "true"),
    )


def _mapping(content: Any, where: str, known: set[str] | None) -> Mapping[str, Any]:
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise BuildspecError(f"{where}: expected keys and values")
    if known is not None and (wrong := {str(key) for key in content} - known):
        raise BuildspecError(f"{where}: unknown key {min(wrong)}; expected {', '.join(sorted(known))}")
    if refused := _UNSUPPORTED & set(content):
        raise BuildspecError(f"{where}.{min(refused)}: the sandbox does not support it")
    return content


def _texts(content: Any, where: str) -> Mapping[str, str]:
    return {str(name): _text(value, f"{where}.{name}") for name, value in _mapping(content, where, None).items()}


def _list(content: Any, where: str) -> Sequence[str]:
    if content is None:
        return []
    if not isinstance(content, list):
        raise BuildspecError(f"{where}: expected a list")
    return [_text(value, f"{where}[{number}]") for number, value in enumerate(content)]


def _text(value: Any, where: str) -> str:
    """Returns the text of a scalar. A command with an unquoted colon and space is a mapping, which is an error."""
    if isinstance(value, dict | list) or value is None:
        raise BuildspecError(f"{where}: expected text; quote it if it contains a colon")
    return str(value).lower() if isinstance(value, bool) else str(value)
