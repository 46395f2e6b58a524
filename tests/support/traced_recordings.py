"""Recordings of stacks, reused where the program of a stack would read the same settings and outputs again.

The program of a stack reads fields of the organization, of some teams, environments, datasets and feature groups, the
outputs of other stacks, and environment variables. A trace names what it read. Under other settings that agree in all
of this, the program registers the same resources, so that a copy of its recording is returned instead. Values that are
equal but written differently, such as mappings in another order, count as different.

All worker processes of a test run share their traces, because recording a stack takes longer than reading a file.
Code that a test replaces is in no trace: such a test deploys without reuse.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pickle
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, replace
from functools import cache, reduce
from pathlib import Path
from typing import Any, Literal, cast
from urllib.parse import quote

from settings.derived.foundation import Foundation
from settings.types.model import Settings
from tests.support import computed
from tests.support.durations import WORKER
from tests.support.recorder import Recorder
from tests.support.shared_folder import folder_of_this_run

PARTS = ("teams", "environments", "datasets", "feature_groups")
"""Fields of a foundation that are mappings by name."""
OF_THE_RUN = ("PYTEST_", WORKER)
"""How variables begin that differ between the worker processes of one test run."""
Outputs = Mapping[str, Mapping[str, object]]
MISSING = "no such entry"
EXISTS = "__class__"
"""Field that differs between settings and a missing entry, whatever the settings say."""
Step = tuple[Literal["field", "entry", "names"], str]
"""How a value is found in another one: as a field, as the entry of a mapping, or as the names of all entries."""


@dataclass(frozen=True, slots=True)
class Question:
    """Something that a program reads of the settings."""

    path: str
    """Attributes from the foundation on, with dots in between."""
    arguments: bytes = b""
    """Positional and named arguments with which a method is called, pickled: not all of them can be hashed."""
    within: tuple[Step, ...] = ()
    """Steps from what is found on."""

    def then(self, kind: Literal["field", "entry", "names"], name: str = "") -> Question:
        """Returns the question for something within the answer to this one."""
        return replace(self, within=(*self.within, (kind, name)))

    def answer(self, foundation: Foundation) -> object:
        """Returns what these settings say. A missing entry is :data:`MISSING`."""
        found: Any = reduce(getattr, self.path.split("."), foundation)
        if self.arguments:
            positional, named = pickle.loads(self.arguments)
            found = found(*positional, **named)
        for kind, name in self.within:
            if kind == "entry":
                found = found.get(name, MISSING)
            else:
                found = getattr(found, name) if kind == "field" else list(found)
        return found


Reads = dict[Question, object]
"""Answers that a program got."""


def traced(value: Any, question: Question, reads: Reads) -> Any:
    """Returns a value for a program that asked for it. Settings and mappings of settings note what it reads of them."""
    if isinstance(value, Settings):
        reads[question.then("field", EXISTS)] = type(value)
        return _traced_type(type(value)).of(value, question, reads)
    if isinstance(value, Mapping) and value and all(isinstance(member, Settings) for member in value.values()):
        return TracedMapping(question, value, reads)
    reads[question] = value
    return value


@cache
def _traced_type(type_: type[Settings]) -> Any:
    """Returns a type whose instances note which of their fields are read. A copy or a hash reads all of them."""

    class Traced(type_):  # type: ignore[misc, valid-type]
        __slots__ = ("_traced",)

        @classmethod
        def of(cls, settings: Settings, question: Question, reads: Reads) -> Settings:
            made = cls.model_construct()
            object.__setattr__(made, "__dict__", dict(settings.__dict__))
            object.__setattr__(made, "__pydantic_fields_set__", set(settings.model_fields_set))
            object.__setattr__(made, "_traced", (settings, question, reads))
            return made

        def __getattribute__(self, name: str) -> Any:
            value = super().__getattribute__(name)
            if name in type_.model_fields:
                _, question, reads = object.__getattribute__(self, "_traced")
                return traced(value, question.then("field", name), reads)
            if name in ("__dict__", "__pydantic_fields_set__"):
                self._whole()
            return value

        def __copy__(self) -> Any:
            return self._whole().__copy__()

        def __reduce_ex__(self, protocol: Any) -> Any:
            return copy, (self._whole(),)

        def __eq__(self, other: object) -> bool:
            return bool(self._whole() == other)

        def __repr__(self) -> str:
            return repr(self._whole())

        def __hash__(self) -> int:
            return hash(self._whole())

        def _whole(self) -> Settings:
            settings, question, reads = object.__getattribute__(self, "_traced")
            reads[question] = settings
            return settings

    return Traced


class TracedMapping(Mapping[str, Any]):
    """A mapping of the settings that notes which of its entries are read. A copy reads all of them."""

    def __init__(self, question: Question, entries: Mapping[str, Any], reads: Reads) -> None:
        self._question, self._entries, self._reads = question, entries, reads

    def __getitem__(self, key: str) -> Any:
        question = self._question.then("entry", key)
        if key not in self._entries:
            self._reads[question.then("field", EXISTS)] = type(MISSING)
        return traced(self._entries[key], question, self._reads)

    def __iter__(self) -> Iterator[str]:
        self._reads[self._question.then("names")] = list(self._entries)
        return iter(self._entries)

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __repr__(self) -> str:
        return repr(self._whole())

    def __reduce_ex__(self, protocol: Any) -> Any:
        return copy, (self._whole(),)

    def _whole(self) -> Mapping[str, Any]:
        self._reads[self._question] = self._entries
        return self._entries


class TracedFoundation:
    """A foundation that notes which entries of its parts and which derived facts are read."""

    def __init__(self, foundation: Foundation, reads: Reads) -> None:
        self._foundation, self._reads = foundation, reads
        self.organization = traced(foundation.organization, Question("organization"), reads)
        self._parts = {part: TracedMapping(Question(part), getattr(foundation, part), reads) for part in PARTS}

    def __getattr__(self, name: str) -> Any:
        if name in self._parts:
            return self._parts[name]
        if name == "overview":
            return TracedOverview(self._foundation, self._reads)
        found = getattr(self._foundation, name)
        if not callable(found):
            return traced(found, Question(name), self._reads)

        def called(*args: Any, **named: Any) -> Any:
            question = Question(name, arguments=pickle.dumps((args, named)))
            return traced(found(*args, **named), question, self._reads)

        return called


class TracedOverview:
    """An overview that notes which entries of its mappings and which of its other facts are read."""

    def __init__(self, foundation: Foundation, reads: Reads) -> None:
        self._foundation, self._reads = foundation, reads

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._foundation.overview, name)
        if isinstance(found, Mapping):
            return TracedMapping(Question(f"overview.{name}"), found, self._reads)
        return traced(found, Question(f"overview.{name}"), self._reads)


@dataclass(frozen=True, kw_only=True, slots=True)
class Trace:
    """Values that the program of a stack read, as digests."""

    answers: Mapping[Question, str]
    outputs: Mapping[str, str]
    """Outputs of the stacks that the program asked for. A stack that does not exist has :data:`MISSING`."""
    others: str
    """Answers of AWS, the region of computed values, and environment variables."""

    def applies_to(self, asked: _Asked) -> bool:
        """Returns whether the program would read the same again."""
        return (
            self.others == asked.others
            and all(asked.output(stack) == digest for stack, digest in self.outputs.items())
            and all(asked.answer(question) == digest for question, digest in self.answers.items())
        )


class _Asked:
    """Values that a program would read now, as digests. Each is computed once, for all traces compared with it."""

    def __init__(self, foundation: Foundation, upstream: Outputs, data_sources: Outputs) -> None:
        self._foundation, self._upstream = foundation, upstream
        variables = {name: value for name, value in os.environ.items() if not name.startswith(OF_THE_RUN)}
        self.others = _digest((dict(data_sources), computed.REGION, sorted(variables.items())))
        self._answers: dict[Question, str] = {}
        self._outputs: dict[str, str] = {}

    def answer(self, question: Question) -> str:
        if question not in self._answers:
            try:
                answer = question.answer(self._foundation)
            except Exception:  # such as a KeyError of a team that these settings do not have
                answer = MISSING
            self._answers[question] = _digest(answer)
        return self._answers[question]

    def output(self, stack: str) -> str:
        if stack not in self._outputs:
            self._outputs[stack] = _digest(self._upstream.get(stack, MISSING))
        return self._outputs[stack]


class Traces:
    """The traces and recordings of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[Path, Trace] = {}

    def find(self, stack: str, asked: _Asked) -> Recorder | None:
        """Returns a copy of the recording of a stack whose program would read the same again."""
        for file in sorted(self._folder.glob(f"{quote(stack, safe=' ')}.*.trace")):
            if file not in self._known:
                self._known[file] = pickle.loads(file.read_bytes())
            if self._known[file].applies_to(asked):
                recording = pickle.loads(file.with_suffix(".recording").read_bytes())
                assert isinstance(recording, Recorder)
                return recording
        return None

    def add(self, stack: str, trace: Trace, recording: Recorder) -> None:
        number = len(list(self._folder.glob(f"{quote(stack, safe=' ')}.*.trace")))
        file = self._folder / f"{quote(stack, safe=' ')}.{number}.trace"
        file.with_suffix(".recording").write_bytes(pickle.dumps(recording))
        file.write_bytes(pickle.dumps(trace))

    @contextmanager
    def locked(self, stack: str) -> Iterator[None]:
        """Lets one process at a time look for the recording of a stack, and make it."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        with (self._folder / f"{quote(stack, safe=' ')}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


_of_this_run: Traces | None = None


def traces() -> Traces:
    """Returns the traces of this test run."""
    global _of_this_run
    if _of_this_run is None:
        _of_this_run = Traces(folder_of_this_run() / "recordings")
    return _of_this_run


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
    asked, name = _Asked(foundation, upstream, data_sources), f"{stack} in preview" if preview else stack
    with traces().locked(name):
        if (found := traces().find(name, asked)) is not None:
            return found
        reads: Reads = {}
        recording = record(cast(Foundation, TracedFoundation(foundation, reads)))
        check(reads)
        trace = Trace(
            answers={question: _digest(answer) for question, answer in reads.items()},
            outputs={stack: asked.output(stack) for stack in set(recording.read)},
            others=asked.others,
        )
        traces().add(name, trace, recording)
        return recording


def _digest(value: object) -> str:
    """Returns the same for values that are equal and written in the same order."""
    return hashlib.sha256(repr(value).encode()).hexdigest()
