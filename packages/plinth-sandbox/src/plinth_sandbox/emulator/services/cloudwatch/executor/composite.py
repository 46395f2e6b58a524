"""Rules of composite alarms (CloudWatch API, PutCompositeAlarm, ``AlarmRule``)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from plinth_sandbox.emulator.call import AwsError
from plinth_sandbox.emulator.layers.moto import NotEmulatedError

STATES = ("ALARM", "OK", "INSUFFICIENT_DATA")
_TOKEN = re.compile(r'\s*(?:(\()|(\))|"([^"]*)"|([^\s()"]+))')

State = Callable[[str], str]
"""Returns the state of an alarm by its name."""
Rule = Callable[[State], bool]


@dataclass(frozen=True, slots=True)
class AlarmRule:
    """A rule, and the alarms that it names."""

    holds: Rule
    alarms: frozenset[str]

    @classmethod
    def parse(cls, text: str) -> AlarmRule:
        """Parses a rule. Raises: AwsError; NotEmulatedError for ``AT_LEAST``."""
        parser = _Parser(list(_tokens(text)))
        rule = parser.disjunction()
        if parser.position != len(parser.tokens) or not parser.alarms:
            raise _invalid()
        return cls(rule, frozenset(parser.alarms))


def _invalid() -> AwsError:
    return AwsError("ValidationError", "AlarmRule must be a valid rule expression that names at least one alarm")


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    position, text = 0, text.rstrip()
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise _invalid()
        position = found.end()
        opening, closing, quoted, word = found.groups()
        yield ("name", quoted) if quoted is not None else ("sign", opening or closing) if not word else ("word", word)


@dataclass(slots=True)
class _Parser:
    tokens: list[tuple[str, str]]
    position: int = 0
    alarms: set[str] = field(default_factory=set)

    def disjunction(self) -> Rule:
        parts = [self._conjunction()]
        while self._takes("OR"):
            parts.append(self._conjunction())
        return parts[0] if len(parts) == 1 else lambda state: any(part(state) for part in parts)

    def _conjunction(self) -> Rule:
        parts = [self._negation()]
        while self._takes("AND"):
            parts.append(self._negation())
        return parts[0] if len(parts) == 1 else lambda state: all(part(state) for part in parts)

    def _negation(self) -> Rule:
        if self._takes("NOT"):
            inner = self._negation()
            return lambda state: not inner(state)
        if self._takes("("):
            inner = self.disjunction()
            self._require(")")
            return inner
        return self._operand()

    def _operand(self) -> Rule:
        if self._takes("TRUE"):
            return lambda _: True
        if self._takes("FALSE"):
            return lambda _: False
        if self._takes("AT_LEAST"):
            raise NotEmulatedError("AT_LEAST in a rule of a composite alarm")
        for wanted in STATES:
            if self._takes(wanted):
                name = self._name()
                return lambda state: state(name) == wanted
        raise _invalid()

    def _name(self) -> str:
        self._require("(")
        if self.position == len(self.tokens) or self.tokens[self.position][0] == "sign":
            raise _invalid()
        name = self.tokens[self.position][1].rpartition(":alarm:")[2]
        self.position += 1
        self.alarms.add(name)
        self._require(")")
        return name

    def _takes(self, text: str) -> bool:
        at_end = self.position == len(self.tokens)
        if at_end or self.tokens[self.position][0] == "name" or self.tokens[self.position][1] != text:
            return False
        self.position += 1
        return True

    def _require(self, sign: str) -> None:
        if not self._takes(sign):
            raise _invalid()
