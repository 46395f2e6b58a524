"""What is wrong with the settings: the error tree.

SettingsError               everything that is wrong, at once
    faults: Fault, Fault…   one thing that is wrong, with its place and its mend
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from pydantic_core import PydanticCustomError

from settings.types.error_codes import Code


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One thing that is wrong. ``value`` is ready to be shown: escaped, cut, and empty where it may be a secret."""

    code: Code
    rule: str
    """Follows the value in a sentence: "has 11 digits, an account id has exactly 12"."""
    fix: str
    """What to do, or the nearest value that would pass."""
    file: str = ""
    line: int | None = None
    path: str = ""
    """Dotted, inside the file: ``plinth:team.cidr``."""
    value: str = ""

    def at(self, *, file: str, line: int | None) -> Fault:
        return replace(self, file=file, line=line)

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line is not None else self.file
        what = f"{self.value} {self.rule}".strip()
        return ": ".join(part for part in (place, self.path, f"{what}; {self.fix} [{self.code.value}]") if part)


class SettingsError(Exception):
    """The settings cannot be used. Carries every fault found, in the order of files and lines."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.file, fault.line or 0, fault.path, fault.code)))
        super().__init__(self.faults)

    def __str__(self) -> str:
        count = len(self.faults)
        return "\n".join([f"{count} fault{'' if count == 1 else 's'} in the settings", *map(str, self.faults)])


def refusal(code: Code, rule: str, fix: str) -> PydanticCustomError:
    """What a validator raises: pydantic adds the place, the loader makes it a :class:`Fault`."""
    return PydanticCustomError(code.value, "{rule}; {fix}", {"rule": rule, "fix": fix})
