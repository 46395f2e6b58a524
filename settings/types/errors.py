"""Settings errors: :class:`SettingsError` carries every :class:`Fault` found, each with its location and its fix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from pydantic_core import PydanticCustomError

from settings.types.error_codes import Code


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One error in the settings. ``value`` is safe to print: escaped, truncated, and empty where it may be a secret."""

    code: Code
    rule: str
    """Error and allowed values, as a predicate after the value: "has 11 digits; an account id has exactly 12"."""
    fix: str
    """Instruction for the user, or the nearest valid value."""
    file: str = ""
    line: int | None = None
    path: str = ""
    """Dotted key inside the file: ``plinth:team.cidr``."""
    value: str = ""

    def at(self, *, file: str, line: int | None) -> Fault:
        return replace(self, file=file, line=line)

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line is not None else self.file
        what = f"{self.value} {self.rule}".strip()
        return ": ".join(part for part in (place, self.path, f"{what}; {self.fix} [{self.code.value}]") if part)


REPEATED_FAULTS = 10
"""Number of faults with the same code that are listed of one file."""


class SettingsError(Exception):
    """Raised when settings are invalid. Carries every error found, sorted by file and line."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.file, fault.line or 0, fault.path, fault.code)))
        super().__init__(self.faults)

    def __str__(self) -> str:
        count = len(self.faults)
        return "\n".join([f"{count} error{'' if count == 1 else 's'} in the settings", *self._lines()])

    def _lines(self) -> Iterator[str]:
        """Yields a line per fault. Of a fault that a file repeats, the rest is counted."""
        repeated = Counter((fault.file, fault.code) for fault in self.faults)
        listed: Counter[tuple[str, Code]] = Counter()
        for fault in self.faults:
            kind = fault.file, fault.code
            listed[kind] += 1
            if listed[kind] <= REPEATED_FAULTS:
                yield str(fault)
            elif listed[kind] == repeated[kind]:
                yield f"{fault.file}: and {repeated[kind] - REPEATED_FAULTS} more of this kind [{fault.code.value}]"


def refusal(code: Code, rule: str, fix: str) -> PydanticCustomError:
    """Builds the exception that a validator raises. Pydantic adds the location; the loader turns it into a fault."""
    return PydanticCustomError(code.value, "{rule}; {fix}", {"rule": rule, "fix": fix})
