"""The base of output contracts: typed access to the outputs of an upstream stack.

A contract declares the outputs of one kind of stack as annotated attributes, and `references.read` returns an instance
of it. Reading an attribute gives a Pulumi output of the declared type, so a type checker knows each name and each type.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from inspect import get_annotations
from typing import Annotated, Any, Generic, TypeVar, get_args, get_origin, get_type_hints

import pulumi
from pydantic import BaseModel, ConfigDict, create_model

from settings.derived.stack_graph import StackIdentity
from settings.types.values import List

T = TypeVar("T")
Key = TypeVar("Key")
Value = TypeVar("Value")

_OPTIONAL = object()
OptionalOutput = Annotated[pulumi.Output[T], _OPTIONAL]
"""An output that is None where the settings do not call for it. Reading it elsewhere is an error in the reader."""


class UpstreamMissing(pulumi.RunError):
    """An update needs outputs that another stack has not written."""


@dataclass(frozen=True, slots=True)
class UpstreamOutputs:
    """The validated outputs of an upstream stack."""

    stack: StackIdentity
    values: Mapping[str, Any] | None
    """Value of each output by name; None in a preview while outputs are missing."""

    def output(self, name: str) -> pulumi.Output[Any]:
        """Returns the output, or an unknown in a preview that does not have it yet.

        Raises: UpstreamMissing in an update, when the output is None.
        """
        value = None if self.values is None else self.values[name]
        return self._missing(f"the output {name}") if value is None else pulumi.Output.from_input(value)

    def entry(self, name: str, key: object) -> pulumi.Output[Any]:
        """Returns one entry of an output that is a mapping or a list, on the same conditions.

        Raises: UpstreamMissing in an update, when the output has no such entry.
        """
        try:
            return pulumi.Output.from_input((self.values or {})[name][key])
        except LookupError:
            return self._missing(f"{key} of the output {name}")

    def _missing(self, what: str) -> pulumi.Output[Any]:
        if pulumi.runtime.is_dry_run():
            return pulumi.Output.from_input(pulumi.UNKNOWN)
        raise UpstreamMissing(
            f"stack {pulumi.get_stack()} needs {what} of {self.stack.name}, which it does not have yet; "
            f"bring it up to date: plinth up {self.stack.name}"
        )


class OutputMap(Generic[Key, Value]):
    """An output that is a mapping. Its entries are read one by one, because a preview may not know which there are."""

    def __init__(self, upstream: UpstreamOutputs, name: str) -> None:
        self._upstream, self._name = upstream, name

    def __getitem__(self, key: Key) -> pulumi.Output[Value]:
        return self._upstream.entry(self._name, key)

    __iter__ = None
    """Not iterable: Python would otherwise count up through the keys, without end in a preview."""


class OutputList(OutputMap[int, Value]):
    """An output that is a list. Its elements are read by index."""

    def first(self, count: int) -> list[pulumi.Output[Value]]:
        """Returns the first elements, as a list whose length is known even while the elements are not."""
        return [self[index] for index in range(count)]


class _OutputField:
    """The descriptor behind an attribute of a contract."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, contract: OutputContract, owner: type[OutputContract]) -> object:
        kind: Any = get_origin(owner.declarations()[self._name])
        upstream = contract.upstream
        value = kind(upstream, self._name) if kind in (OutputMap, OutputList) else upstream.output(self._name)
        vars(contract)[self._name] = value  # the next access finds it there
        return value


class OutputContract:
    """The outputs of one kind of stack. Readers were deployed with older programs, so outputs are only ever added.

    Subclasses declare each output as ``Output``, ``OptionalOutput``, ``OutputMap`` or ``OutputList`` of its type.
    """

    def __init__(self, upstream: UpstreamOutputs) -> None:
        self.upstream = upstream

    def __init_subclass__(cls) -> None:
        for name in get_annotations(cls):
            setattr(cls, name, _OutputField(name))

    @classmethod
    @cache
    def declarations(cls) -> Mapping[str, Any]:
        """Returns the declared type of each output, by name."""
        return get_type_hints(cls, include_extras=True)

    @classmethod
    def output_names(cls) -> tuple[str, ...]:
        """Returns the names of the stack's outputs."""
        return tuple(cls.declarations())

    @classmethod
    def validate(cls, outputs: Mapping[str, object]) -> Mapping[str, Any]:
        """Returns the outputs that the contract declares. Others, written by a newer program, are ignored.

        Raises: pydantic.ValidationError when an output is missing or has another type.
        """
        # The engine does not keep an output that is None, so an absent output is None.
        return dict(cls._model().model_validate({name: outputs.get(name) for name in cls.output_names()}))

    @classmethod
    @cache
    def _model(cls) -> type[BaseModel]:
        fields: dict[str, Any] = {name: (_plain(declared), ...) for name, declared in cls.declarations().items()}
        return create_model(cls.__name__, __config__=ConfigDict(strict=True, frozen=True), **fields)


def _plain(declared: Any) -> Any:
    """Returns the type that a declared output has in the state."""
    kind: Any = get_origin(declared)
    if kind is Annotated:
        return _plain(get_args(declared)[0]) | None
    collection: Any = {OutputMap: Mapping, OutputList: List}.get(kind)
    return get_args(declared)[0] if collection is None else collection[get_args(declared)]
