"""Checks of the parts of a name or a key outside the settings' files: the same refusals, all of them at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic_core import PydanticCustomError

from settings.types.error_codes import Code
from settings.types.errors import Fault, SettingsError
from settings.types.redaction import shown

_CODES = {code.value: code for code in Code}


def check_parts(**parts: tuple[Any, Callable[[Any], Any]]) -> None:
    """Raises SettingsError with a fault for every part that its check refuses."""
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
