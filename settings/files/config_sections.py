"""Config sections: finds the settings in Pulumi.yaml and in stack files, and refuses unknown keys and credentials."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from typing import cast

from settings.files.yaml_file import MAX_FAULTS, KeyPath, YamlDocument, described_type, dotted
from settings.types.error_codes import Code
from settings.types.errors import Fault
from settings.types.redaction import looks_secret, names_secret, shown

ORGANIZATION = "plinth:organization"
TEAM = "plinth:team"
ENVIRONMENT = "plinth:environment"
DATASET = "plinth:dataset"
FEATURE_GROUP = "plinth:feature-group"

_HOME = {
    ORGANIZATION: "Pulumi.yaml",
    TEAM: "the team's file, Pulumi.<team>.yaml",
    ENVIRONMENT: "the environment's file, Pulumi.<team>-<environment>.yaml",
    DATASET: "the dataset's file, Pulumi.data-lake--<dataset>.yaml",
    FEATURE_GROUP: "the feature group's file, Pulumi.features--<group>.yaml",
}
_ENCRYPTION = ("encryptionsalt", "encryptedkey")
STACK_FILE_KEYS = ("config", "environment", "secretsprovider", *_ENCRYPTION)
"""Keys of a stack file that belong to the Pulumi engine."""


@dataclass(frozen=True, slots=True)
class Section:
    """The part of a YAML document that one model describes, or the whole document if ``root`` is empty."""

    document: YamlDocument
    file: str
    root: KeyPath = ()
    """Path of the section in the document."""

    @property
    def value(self) -> Mapping[str, object]:
        """The value of the section, which is always a mapping."""
        found = self.document.value
        for part in self.root:
            found = cast(Mapping[str | int, object], found)[part]
        return cast(Mapping[str, object], found)

    def fault(self, code: Code, rule: str, fix: str, *, at: KeyPath = (), value: str = "") -> Fault:
        place = (*self.root, *at)
        line = self.document.line_of(place)
        return Fault(code=code, file=self.file, line=line, path=dotted(place), value=value, rule=rule, fix=fix)

    def shown(self, at: KeyPath) -> str:
        """Returns the redacted scalar at a path, or an empty string for a list or mapping."""
        written = self.document.texts.get((*self.root, *at))
        return "" if written is None else shown(written, under=tuple(key for key in at if isinstance(key, str)))

    def line_of(self, path: str) -> int | None:
        """Returns the line of a dotted path, as it is written in messages."""
        depth = len(self.root)
        inside = (place for place in self.document.lines if place[:depth] == self.root)
        found = next((place for place in inside if dotted(place) == path), self.root)
        return self.document.line_of(found)


def project_section(document: YamlDocument, file: str) -> tuple[Section | None, list[Fault]]:
    """Returns the organization's section of Pulumi.yaml. All other keys belong to the engine."""
    return _section(Section(document, file), ORGANIZATION, wrapped=True)


def stack_section(document: YamlDocument, file: str, key: str | None) -> tuple[Section | None, list[Fault]]:
    """Returns the section ``key`` of a stack file, or None if the stack has no settings."""
    whole = Section(document, file)
    if not isinstance(document.value, dict):
        return None, [_not_a_mapping(whole, ())]
    unknown = [name for name in document.value if name not in STACK_FILE_KEYS]
    faults = [_unknown_key(whole, (name,), list(STACK_FILE_KEYS)) for name in unknown[:MAX_FAULTS]]
    section, others = _section(whole, None if faults and "config" not in document.value else key, wrapped=False)
    return section, faults + others


def _section(whole: Section, key: str | None, *, wrapped: bool) -> tuple[Section | None, list[Fault]]:
    config, faults = _config(whole, key)
    if config is None or key is None:
        return None, faults
    if key not in config:
        return None, faults or _missing(whole, key)
    section, others = _inside(whole, key, config[key], wrapped=wrapped)
    return section, faults + others


def _config(whole: Section, key: str | None) -> tuple[Mapping[str, object] | None, list[Fault]]:
    """Returns the value of ``config``, with faults for unknown keys in the namespace of the settings."""
    content = whole.document.value
    if not isinstance(content, dict):
        return None, [_not_a_mapping(whole, ())]
    config = content.get("config")
    config = {} if config is None else config
    if not isinstance(config, dict):
        return None, [_not_a_mapping(whole, ("config",))]
    foreign = [name for name in config if name != key and _is_ours(name)]
    return config, [_foreign_key(whole, name, key) for name in foreign[:MAX_FAULTS]]


def _missing(whole: Section, key: str) -> list[Fault]:
    """Returns a fault for a missing section. Only the section of an environment is optional."""
    if key == ENVIRONMENT:
        return []
    fix = f"add it under `config:` of {_HOME[key]}"
    return [whole.fault(Code.FIELD_MISSING, f"has no {key}", fix, at=("config",))]


def _inside(whole: Section, key: str, value: object, *, wrapped: bool) -> tuple[Section | None, list[Fault]]:
    root: KeyPath = ("config", key)
    if wrapped:
        if not isinstance(value, dict) or set(value) != {"value"}:
            fix = "write the settings under `value:`, as the engine requires in Pulumi.yaml"
            return None, [whole.fault(Code.WRONG_TYPE, "must contain exactly `value`", fix, at=root)]
        root, value = (*root, "value"), value["value"]
    if not isinstance(value, dict):
        return None, [_not_a_mapping(whole, root)]
    return Section(whole.document, whole.file, root), []


def _is_ours(name: str) -> bool:
    return name.startswith("plinth:") or ":" not in name


def _foreign_key(whole: Section, name: str, wanted: str | None) -> Fault:
    at: KeyPath = ("config", name)
    if name in _HOME:
        return whole.fault(Code.FIELD_MISPLACED, "does not belong in this file", f"move it to {_HOME[name]}", at=at)
    return _unknown_key(whole, at, [wanted] if wanted else [])


def _unknown_key(whole: Section, at: KeyPath, known: list[str]) -> Fault:
    name = str(at[-1])
    near = get_close_matches(name[:64].lower(), known, n=1, cutoff=0.5)
    others = f"the keys are {', '.join(known)}" if known else "remove it"
    fix = f"did you mean {near[0]}?" if near else others
    return whole.fault(Code.FIELD_UNKNOWN, "is not a key of this file", fix, at=at, value=shown(name))


def _not_a_mapping(whole: Section, at: KeyPath) -> Fault:
    value: object = whole.document.value
    for part in at:
        value = cast(Mapping[str | int, object], value)[part]
    if value is None and not at:
        return whole.fault(Code.FILE_EMPTY, "is empty", "write `config: {}`, or restore the file from its history")
    rule = f"is {described_type(value)}; a mapping belongs here"
    return whole.fault(Code.WRONG_TYPE, rule, "write `field: value` lines", at=at, value=whole.shown(at))


def plain_secrets(document: YamlDocument, file: str) -> list[Fault]:
    """Returns faults for credentials in plain text anywhere in a file, and for encrypted values in settings."""
    return list(islice(_secrets(document, file), MAX_FAULTS))


def _secrets(document: YamlDocument, file: str) -> Iterator[Fault]:
    whole = Section(document, file)
    for path, text in document.texts.items():
        if path and path[0] in _ENCRYPTION:
            continue
        encrypted = len(path) > 2 and path[-1] == "secure"
        if encrypted and str(path[1]).startswith("plinth:"):
            rule = "is an encrypted value; the foundation's settings contain no secrets"
            yield whole.fault(
                Code.SECRET_IN_PLAIN_TEXT, rule, "write the plain value, or remove the field", at=path[:-1]
            )
        elif not encrypted and text and (looks_secret(text) or _secret_by_name(path)):
            rule = "looks like a credential in plain text (its value is not shown)"
            fix = "treat it as leaked: replace it where it was issued, and store it in AWS Secrets Manager"
            yield whole.fault(Code.SECRET_IN_PLAIN_TEXT, rule, fix, at=path)


def _secret_by_name(path: KeyPath) -> bool:
    """Returns whether a key of another program's configuration names a secret: ``aws:secretKey``."""
    return len(path) > 1 and path[0] == "config" and any(isinstance(key, str) and names_secret(key) for key in path[1:])
