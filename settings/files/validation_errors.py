"""Converts pydantic errors into faults with location, value, rule and fix."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, get_args

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from settings.files.config_sections import Section
from settings.files.yaml_file import MAX_FAULTS, AmbiguousScalar, KeyPath, described_type
from settings.types.error_codes import Code
from settings.types.errors import Fault
from settings.types.model import Settings
from settings.types.redaction import HIDDEN, shown

_WANTED = {
    "string_type": "a string",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "mapping_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "literal_error": "a string",
}
"""Expected type by pydantic error type."""

_PLAIN_TEXT = re.compile(r"[A-Za-z0-9][A-Za-z0-9@._/+-]*")
"""Text that needs no quotes unless it is a number, a boolean or a date."""

_CODES = {code.value: code for code in Code}


def validation_faults(error: ValidationError, section: Section, model: type[Settings]) -> list[Fault]:
    """Returns the faults of one config section, at most ``MAX_FAULTS``."""
    details = error.errors(include_url=False)[:MAX_FAULTS]
    return [_fault(detail, section, model) for detail in details]


def faulty_fields(error: ValidationError) -> frozenset[str]:
    """Returns the invalid fields of the model, by their names in files."""
    return frozenset(str(detail["loc"][0]) for detail in error.errors(include_url=False) if detail["loc"])


def _fault(detail: ErrorDetails, section: Section, model: type[Settings]) -> Fault:
    location, kind, value = detail["loc"], detail["type"], detail["input"]
    context: Mapping[str, Any] = detail.get("ctx", {})
    if len(location) > 1 and location[-1] == "[key]":
        return _key_fault(detail, section)
    if kind == "missing":
        return _missing(location, section, model)
    if kind == "extra_forbidden":
        return _unknown(location, section, model)
    text = section.shown(location)
    if kind in _CODES:
        fix = "remove it, and replace the credential where it was issued" if text == HIDDEN else str(context["fix"])
        return section.fault(_CODES[kind], str(context["rule"]), fix, at=location, value=text)
    if kind == "literal_error" and isinstance(value, str):
        return section.fault(Code.NOT_ALLOWED, *_not_allowed(value, _expected(context)), at=location, value=text)
    code, rule, fix = _wrong_type(kind, value, text, location)
    return section.fault(code, rule, fix, at=location, value=text)


def _expected(context: Mapping[str, Any]) -> list[str]:
    return re.findall(r"'([^']*)'", str(context.get("expected", "")))


def _not_allowed(value: str, allowed: list[str]) -> tuple[str, str]:
    near = get_close_matches(value[:64].lower(), allowed, n=1, cutoff=0.5)
    return f"is not one of {', '.join(allowed)}", f"did you mean {near[0]}?" if near else "choose one of them"


def _key_fault(detail: ErrorDetails, section: Section) -> Fault:
    location = detail["loc"][:-1]
    key, context = str(location[-1]), detail.get("ctx", {})
    if detail["type"] in _CODES:
        code, rule, fix = _CODES[detail["type"]], str(context["rule"]), str(context["fix"])
    else:
        code, (rule, fix) = Code.NOT_ALLOWED, _not_allowed(key, _expected(context))
    return section.fault(code, rule, fix, at=location, value=shown(key))


def _missing(location: KeyPath, section: Section, model: type[Settings]) -> Fault:
    name = str(location[-1])
    owner = _model_at(model, location[:-1])
    field = owner.model_fields.get(name) if owner else None
    example = f", for example {name}: {_as_yaml(field.examples[0])}" if field and field.examples else ""
    return section.fault(Code.FIELD_MISSING, "is missing and has no default", f"add it{example}", at=location)


def _as_yaml(value: object) -> str:
    """Returns a value as it is written in a settings file. A text that YAML reads as something else is quoted."""
    if isinstance(value, str) and _PLAIN_TEXT.fullmatch(value) and yaml.safe_load(value) == value:
        return value
    return json.dumps(value, ensure_ascii=False)


def _unknown(location: KeyPath, section: Section, model: type[Settings]) -> Fault:
    name, owner = str(location[-1]), _model_at(model, location[:-1])
    names = (
        []
        if owner is None
        else [field.alias or key for key, field in owner.model_fields.items() if key not in owner.FROM_FILE_NAME]
    )
    near = get_close_matches(name[:64].lower().replace("-", "_"), names, n=1, cutoff=0.6)
    fix = f"did you mean {near[0]}?" if near else f"the fields are {', '.join(names)}"
    return section.fault(Code.FIELD_UNKNOWN, "is not a field", fix, at=location, value=shown(name))


def _model_at(model: type[Settings], location: KeyPath) -> type[Settings] | None:
    """Returns the model of a location inside another model."""
    found: type[Settings] | None = model
    for part in location:
        if found is None:
            return None
        field = next((f for key, f in found.model_fields.items() if part in (key, f.alias)), None)
        found = _first_model(field.annotation) if field else found
    return found


def _first_model(annotation: Any) -> type[Settings] | None:
    if isinstance(annotation, type) and issubclass(annotation, Settings):
        return annotation
    return next((model for argument in get_args(annotation) if (model := _first_model(argument))), None)


def _wrong_type(kind: str, value: object, text: str, location: KeyPath) -> tuple[Code, str, str]:
    wanted = _WANTED.get(kind, "another type")
    if value is None:
        rule, fix = f"is empty (null); {wanted} belongs here", "give a value, or remove the line to use the default"
        return Code.WRONG_TYPE, rule, fix
    reading = described_type(value)
    if wanted == "a string" and isinstance(value, (AmbiguousScalar, bool, int, float)):
        return _unquoted(reading, text, location)
    fix = f"write {wanted}"
    if wanted == "a whole number" and isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,30}", value):
        fix = f"write {value} without quotes"
    elif wanted == "a whole number" and isinstance(value, float):
        fix = f"write {int(value)}"
    elif (
        wanted == "true or false"
        and isinstance(value, AmbiguousScalar)
        and value.text.lower() in ("yes", "on", "no", "off")
    ):
        fix = f"write {'true' if value.text.lower() in ('yes', 'on') else 'false'}"
    return Code.WRONG_TYPE, f"is {reading}; {wanted} belongs here", fix


def _unquoted(reading: str, text: str, location: KeyPath) -> tuple[Code, str, str]:
    quoted = f'quote it: "{text}"' if text != HIDDEN else "quote it"
    if location[-1] == "id":
        digits = sum(character.isdigit() for character in text)
        rule = f"is read by YAML as {reading}, which loses leading zeros; an account id is a quoted string"
        return Code.ACCOUNT_ID, f"{rule} of exactly 12 digits (this has {digits})", quoted
    return Code.YAML_WORD, f"is read by YAML as {reading}; a string belongs here", quoted
