"""Recordings of stacks, reused where the program of a stack would read the same settings and outputs again.

The program of a stack reads the settings of the organization, some teams, environments, datasets and feature groups,
the outputs of other stacks, and environment variables. A trace names what it read. Under other settings that agree in
all of this, the program registers the same resources, so that a copy of its recording is returned instead. Values that
are equal but written differently, such as mappings in another order, count as different.

Code that a test replaces is in no trace: such a test deploys without reuse.
"""

from __future__ import annotations

import os
import pickle
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, cast

from settings.derived.foundation import Foundation
from settings.organization.organization import Organization
from tests.support.recorder import Recorder

PARTS = ("teams", "environments", "datasets", "feature_groups")
"""Fields of a foundation that are mappings by name."""
Outputs = Mapping[str, Mapping[str, object]]
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Read:
    """Something that a program read of the settings, and the value that it got."""

    of: Callable[[Foundation], object]
    """Reads the same of other settings."""
    value: object


Reads = dict[str, Read]
"""Reads by a text that says what was read."""


class TracedMapping(Mapping[str, Any]):
    """A mapping of the settings that notes which of its entries are read."""

    def __init__(self, name: str, of: Callable[[Foundation], Mapping[str, Any]], now: Foundation, reads: Reads) -> None:
        self._name, self._of, self._whole, self._reads = name, of, of(now), reads

    def __getitem__(self, key: str) -> Any:
        of = self._of
        self._reads[f"{self._name}.{key}"] = Read(
            lambda foundation: of(foundation).get(key, _MISSING), self._whole.get(key, _MISSING)
        )
        return self._whole[key]

    def __iter__(self) -> Iterator[str]:
        of = self._of
        self._reads[self._name] = Read(lambda foundation: list(of(foundation)), list(self._whole))
        return iter(self._whole)

    def __len__(self) -> int:
        return len(list(iter(self)))


class TracedFoundation:
    """A foundation that notes which entries of its parts and which derived facts are read."""

    def __init__(self, foundation: Foundation, reads: Reads) -> None:
        self._foundation, self._reads = foundation, reads
        self.organization = foundation.organization
        self._parts = {part: TracedMapping(part, attrgetter(part), foundation, reads) for part in PARTS}

    def __getattr__(self, name: str) -> Any:
        if name in self._parts:
            return self._parts[name]
        if name == "overview":
            return TracedOverview(self._foundation, self._reads)
        found = getattr(self._foundation, name)
        if not callable(found):
            self._reads[name] = Read(attrgetter(name), found)
            return found

        def called(*args: Any, **named: Any) -> Any:
            value = found(*args, **named)
            asked = f"{name}({args}, {named})"
            self._reads[asked] = Read(lambda foundation: getattr(foundation, name)(*args, **named), value)
            return value

        return called


class TracedOverview:
    """An overview that notes which entries of its mappings and which of its other facts are read."""

    def __init__(self, foundation: Foundation, reads: Reads) -> None:
        self._foundation, self._reads = foundation, reads

    def __getattr__(self, name: str) -> Any:
        fact, of = f"overview.{name}", attrgetter(f"overview.{name}")
        found = of(self._foundation)
        if isinstance(found, Mapping):
            return TracedMapping(fact, of, self._foundation, self._reads)
        self._reads[fact] = Read(of, found)
        return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Trace:
    """What the program of a stack read, and what it registered then."""

    organization: Organization
    reads: Reads
    upstream: Outputs
    """Outputs of the stacks that the program asked for. A stack that does not exist is missing."""
    data_sources: Outputs
    """Answers of AWS."""
    asked: frozenset[str]
    """Stacks that the program asked for."""
    variables: Mapping[str, str]
    """Environment variables."""
    recording: bytes
    """The pickled recording. Every caller gets a copy, so that no test sees what another one changed."""

    def applies_to(self, foundation: Foundation, upstream: Outputs, data_sources: Outputs) -> bool:
        """Returns whether the program would read the same again."""
        return (
            _same(self.organization, foundation.organization)
            and self.variables == _variables()
            and _same(self.data_sources, dict(data_sources))
            and _same(self.upstream, _asked(self.asked, upstream))
            and all(_same(read.value, _again(read, foundation)) for read in self.reads.values())
        )


_TRACES: defaultdict[tuple[str, bool], list[Trace]] = defaultdict(list)
"""Traces of this process by stack and by whether it was a preview."""


def recorded(
    stack: str,
    foundation: Foundation,
    upstream: Outputs,
    data_sources: Outputs,
    *,
    preview: bool,
    record: Callable[[Foundation], Recorder],
    check: Callable[[Reads], None] = lambda _: None,
) -> Recorder:
    """Returns the recording of a stack, from an earlier one if nothing changed that its program reads.

    ``record`` runs the program with the foundation that it is given. ``check`` gets what the program read.
    """
    known = _TRACES[stack, preview]
    for trace in known:
        if trace.applies_to(foundation, upstream, data_sources):
            recording = pickle.loads(trace.recording)
            assert isinstance(recording, Recorder)
            return recording
    reads: Reads = {}
    recording = record(cast(Foundation, TracedFoundation(foundation, reads)))
    check(reads)
    asked = frozenset(recording.read)
    known.append(
        Trace(
            organization=foundation.organization,
            reads=reads,
            upstream=_asked(asked, upstream),
            data_sources=dict(data_sources),
            asked=asked,
            variables=_variables(),
            recording=pickle.dumps(recording),
        )
    )
    return recording


def _asked(stacks: frozenset[str], upstream: Outputs) -> Outputs:
    return {stack: upstream[stack] for stack in sorted(stacks) if stack in upstream}


def _variables() -> Mapping[str, str]:
    """Returns the environment variables, without the one with which pytest names the test."""
    return {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}


def _same(one: object, other: object) -> bool:
    """Returns whether two values are equal and written in the same order."""
    return one == other and repr(one) == repr(other)


def _again(read: Read, foundation: Foundation) -> object:
    try:
        return read.of(foundation)
    except Exception:  # such as a KeyError of a team that these settings do not have
        return _MISSING
