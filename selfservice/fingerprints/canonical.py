"""Digests of Python values that are equal in two runs of a program if the values are equal."""

from __future__ import annotations

import datetime
import enum
import functools
import hashlib
import ipaddress
import pathlib
import re
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pydantic import BaseModel

_PLAIN = (
    type(None),
    type(...),
    bool,
    int,
    float,
    complex,
    str,
    bytes,
    range,
    datetime.date,
    datetime.time,
    datetime.timedelta,
    pathlib.PurePath,
    re.Pattern,
    ipaddress.IPv4Address,
    ipaddress.IPv4Network,
    ipaddress.IPv6Address,
    ipaddress.IPv6Network,
)
_NAMED = (type, types.ModuleType, types.BuiltinFunctionType, types.MethodDescriptorType, types.WrapperDescriptorType)


class IncomparableError(Exception):
    """Raised for a value that cannot be compared with a value of another run."""


@dataclass(slots=True)
class ValueDigests:
    """Digests of the values of one run. Outputs count as equal, because the values that they come from are compared."""

    _known: dict[int, tuple[object, str]] = field(default_factory=dict)
    """Digests by ``id``. The entry also keeps the value alive, so that no other value gets its id."""

    def digest(self, value: object) -> str:
        """Raises: UnseenError when something in the value cannot be compared."""
        known = self._known.get(id(value))
        if known is None:
            self._known[id(value)] = (value, "again")  # placeholder for a value that contains itself
            text = hashlib.sha256(repr(list(self._parts(value))).encode()).hexdigest()
            known = self._known[id(value)] = (value, text)
        return known[1]

    def _parts(self, value: Any) -> Iterator[object]:
        yield type(value).__qualname__
        if isinstance(value, pulumi.Output | pulumi.output.Unknown):
            return
        if isinstance(value, enum.Enum):
            yield value.name
        elif isinstance(value, _PLAIN):
            yield repr(value)
        elif isinstance(value, _NAMED):
            yield getattr(value, "__qualname__", value.__name__)
        elif isinstance(value, types.FunctionType):
            yield from self._function(value)
        elif isinstance(value, types.MethodType):
            yield from map(self.digest, (value.__func__, value.__self__))
        elif isinstance(value, functools.partial):
            yield from map(self.digest, (value.func, value.args, value.keywords))
        elif isinstance(value, types.CellType):
            yield self.digest(value.cell_contents) if _is_filled(value) else "empty"
        elif isinstance(value, BaseModel):
            yield from ((name, self.digest(getattr(value, name))) for name in type(value).model_fields)
        elif isinstance(value, Mapping):
            yield from sorted((self.digest(key), self.digest(each)) for key, each in value.items())
        elif isinstance(value, list | tuple):
            yield from map(self.digest, value)
        elif isinstance(value, set | frozenset):
            yield from sorted(map(self.digest, value))
        else:
            yield from self._attributes(value)

    def _function(self, function: types.FunctionType) -> Iterator[object]:
        code = function.__code__
        yield from (function.__module__, function.__qualname__, code.co_firstlineno, code.co_code.hex())
        yield from map(self.digest, function.__closure__ or ())
        yield from map(self.digest, (function.__defaults__, function.__kwdefaults__))
        module = function.__globals__
        if not _is_installed(str(module.get("__file__", ""))):
            yield from ((name, self.digest(module[name])) for name in sorted(_names_in(code)) if name in module)

    def _attributes(self, value: Any) -> Iterator[object]:
        slots = [name for each in type(value).__mro__ for name in getattr(each, "__slots__", ())]
        if not hasattr(value, "__dict__") and not slots:
            raise IncomparableError(f"a value of type {type(value).__qualname__}")
        held = dict(getattr(value, "__dict__", {})) | {name: getattr(value, name, None) for name in slots}
        yield from sorted((name, self.digest(each)) for name, each in held.items() if name != "__weakref__")


def _names_in(code: types.CodeType) -> set[str]:
    """Returns the global names that a function and its inner functions use."""
    inner = (constant for constant in code.co_consts if isinstance(constant, types.CodeType))
    return set(code.co_names).union(*map(_names_in, inner))


def _is_installed(file: str) -> bool:
    return "/site-packages/" in file or "/lib/python3" in file


def _is_filled(cell: types.CellType) -> bool:
    try:
        return cell.cell_contents is cell.cell_contents
    except ValueError:
        return False
