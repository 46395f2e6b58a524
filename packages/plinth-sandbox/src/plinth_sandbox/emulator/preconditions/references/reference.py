"""The vocabulary of the table: references, the kinds of resources that they name, and refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from plinth_sandbox.emulator.call import AwsError, Call
from plinth_sandbox.emulator.patches.patch import Memory

MISSING = "missing"
"""Fault of a resource that does not exist."""


@dataclass(frozen=True, slots=True)
class Question:
    """A request, and the state of the emulator in which it is made."""

    call: Call
    memory: Memory

    def values(self, path: str) -> Iterator[str]:
        """Yields the texts at a path of the request."""
        return texts(self.call.parameters, path)


Names = Callable[[Question], Iterable[str]]
"""Returns what a request refers to, if that is not simply at a path of the request."""

Kind = Callable[[str, Question], str]
"""Looks up a resource by its name. Returns its fault, such as ``missing``, or an empty string if it can be used."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error of AWS. Braces in the text stand for the ``name``, ``account`` and ``region`` of the reference."""

    code: str
    text: str
    status: int | None = None
    """HTTP status, if the service model has none for the error."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A resource that a request names and that must exist."""

    where: str | Names
    """Path inside the request, such as ``DefaultUserSettings.SecurityGroups[]``, or a function."""
    kind: Kind
    refusal: Refusal
    by_fault: Mapping[str, Refusal] = field(default_factory=dict)
    """Refusals of faults that have an error of their own, such as a disabled key."""

    def check(self, question: Question) -> None:
        """Raises AwsError if the request names a resource that cannot be used."""
        call = question.call
        named = question.values(self.where) if isinstance(self.where, str) else self.where(question)
        for name in named:
            if fault := self.kind(name, question):
                refusal = self.by_fault.get(fault, self.refusal)
                text = refusal.text.format(name=name, account=call.account, region=call.region)
                raise AwsError(refusal.code, text, refusal.status)


References = Mapping[tuple[str, str], tuple[Reference, ...]]
"""References by service and operation, in the order in which they are checked."""


def texts(values: Any, path: str) -> Iterator[str]:
    """Yields the texts at a path: names of members with dots between them, and ``[]`` after a list."""
    member, _, rest = path.partition(".")
    found = values.get(member.removesuffix("[]")) if isinstance(values, Mapping) else None
    for item in (found or []) if member.endswith("[]") else [found]:
        if rest:
            yield from texts(item, rest)
        elif item:
            yield str(item)
