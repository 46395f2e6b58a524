"""Runs the checks of settings types on values that do not come from settings files, such as parts of an object key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic_core import PydanticCustomError

from settings.types.error_codes import Code
from settings.types.errors import Fault, SettingsError
from settings.types.redaction import shown

_CODES = {code.value: code for code in Code}


def check_parts(**parts: tuple[Any, Callable[[Any], Any]]) -> None:
    """Raises SettingsError with one fault for each part that its check refuses."""
    faults = [fault for name, (value, check) in parts.items() if (fault := _fault(name, value, check))]
    if faults:
        raise SettingsError(faults)


def _fault(name: str, value: Any, check: Callable[[Any], Any]) -> Fault | None:
    try:
        check(value)
    except PydanticCustomError as error:
        context = error.context or {}
        rule, fix = str(context["rule"]), str(context["fix"])
        return Fault(code=_CODES[error.type], path=name, value=shown(str(value)), rule=rule, fix=fix)
    return None
