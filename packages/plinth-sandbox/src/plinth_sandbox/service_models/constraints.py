"""Compiles a shape of a service model into a function that finds what a value violates.

A shape is compiled once, when its first value arrives. Parts without constraints compile to nothing, so that checking a
request costs little more than visiting its constrained members.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from botocore.model import ListShape, MapShape, Shape, StructureShape

from plinth_sandbox.service_models import additions, deviations
from plinth_sandbox.service_models.patterns import matcher

NUMBERS = ("integer", "long", "float", "double")


@dataclass(frozen=True, slots=True)
class Violation:
    """A member of a request that breaks a constraint."""

    path: str
    """Path in the form of AWS's messages, ``tags.1.member.key``."""
    shown: str
    """The value as AWS's messages quote it; empty for a secret."""
    constraint: str
    missing: bool = False
    """Whether the member is required and absent."""

    def __str__(self) -> str:
        value = f"Value {self.shown}" if self.shown else "Value"
        return f"{value} at '{self.path}' failed to satisfy constraint: {self.constraint}"


Check: TypeAlias = Callable[[Any, str, list[Violation]], None]
"""Appends the violations of a value at a path to a list."""

Broken: TypeAlias = Callable[[Any], Iterable[str]]
"""Returns the constraints that a scalar breaks."""


class Compiler:
    """Compiles the shapes of one service. Not thread-safe."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._compiled: dict[str, Check | None] = {}
        self._open: set[str] = set()

    def check(self, shape: Shape) -> Check | None:
        """Returns the check of a shape, or None if no value can violate it."""
        name = shape.name
        if name in self._open:
            # A recursive shape, such as a filter that contains filters.
            return lambda value, path, found: self._run(name, value, path, found)
        if name not in self._compiled:
            self._open.add(name)
            self._compiled[name] = self._compile(shape)
            self._open.remove(name)
        return self._compiled[name]

    def _run(self, name: str, value: Any, path: str, found: list[Violation]) -> None:
        check = self._compiled[name]
        if check is not None:
            check(value, path, found)

    def _compile(self, shape: Shape) -> Check | None:
        if isinstance(shape, StructureShape):
            return self._structure(shape)
        if isinstance(shape, ListShape):
            return self._list(shape)
        if isinstance(shape, MapShape):
            return self._map(shape)
        broken = self.scalar(shape)
        return None if broken is None else _scalar(broken, shape)

    def _structure(self, shape: StructureShape) -> Check | None:
        required = [name for name in shape.required_members if not deviations.is_optional(self._service, shape, name)]
        checks = {name: self._member(shape, name) for name in shape.members}
        constrained = [(name, check, _camel(name)) for name, check in checks.items() if check is not None]
        if not required and not constrained:
            return None

        def check_structure(value: Any, path: str, found: list[Violation]) -> None:
            prefix = f"{path}." if path else ""
            for name in required:
                if value.get(name) is None:
                    found.append(Violation(prefix + _camel(name), "null", "Member must not be null", missing=True))
            for name, check, camel in constrained:
                inner = value.get(name)
                if inner is not None:
                    check(inner, prefix + camel, found)

        return check_structure

    def _member(self, shape: StructureShape, name: str) -> Check | None:
        modelled, broken = self.check(shape.members[name]), self.documented(shape, name)
        if broken is None:
            return modelled
        documented = _scalar(broken, shape.members[name])

        def check_member(value: Any, path: str, found: list[Violation]) -> None:
            if modelled is not None:
                modelled(value, path, found)
            documented(value, path, found)

        return check_member

    def _list(self, shape: ListShape) -> Check | None:
        each = self.check(shape.member) if _is_nested(shape.member) else None
        scalars = None if _is_nested(shape.member) else self.scalar(shape.member)
        checks = _present(self._size(shape), _elements(shape, scalars, "Member"))
        if each is None and not checks:
            return None

        def check_list(value: Any, path: str, found: list[Violation]) -> None:
            for check in checks:
                check(value, path, found)
            if each is not None:
                for position, inner in enumerate(value, start=1):
                    if inner is not None:
                        each(inner, f"{path}.{position}.member", found)

        return check_list

    def _map(self, shape: MapShape) -> Check | None:
        each = self.check(shape.value) if _is_nested(shape.value) else None
        values = None if _is_nested(shape.value) else self.scalar(shape.value)
        keys = _elements(shape, self.scalar(shape.key), "Map keys")
        checks = _present(self._size(shape), keys, _elements(shape, values, "Map value"), self._entries(shape))
        if each is None and not checks:
            return None

        def check_map(value: Any, path: str, found: list[Violation]) -> None:
            for check in checks:
                check(value, path, found)
            if each is not None:
                for key, inner in value.items():
                    if inner is not None:
                        each(inner, f"{path}.{key}.member", found)

        return check_map

    def _entries(self, shape: MapShape) -> Check | None:
        documented = additions.of_entries(self._service, shape)
        if not documented:
            return None

        def check_entries(value: Any, path: str, found: list[Violation]) -> None:
            for key, rule in documented.items():
                if key in value:
                    found += [
                        Violation(f"{path}.{key}", f"'{value[key]}'", constraint)
                        for constraint in rule.broken_by(value[key])
                    ]

        return check_entries

    def _size(self, shape: Shape) -> Check | None:
        broken = self.sizes(shape)
        return None if broken is None else _scalar(broken, shape)

    def scalar(self, shape: Shape) -> Broken | None:
        """Returns the check of a scalar."""
        match shape.type_name:
            case "string":
                return self._text(shape)
            case "blob":
                return self.sizes(shape)
            case name if name in NUMBERS:
                if rule := additions.of_shape(self._service, shape):
                    return rule.broken_by
                return _within(shape.metadata.get("min"), shape.metadata.get("max"), "value", lambda value: value)
            case _:
                return None

    def documented(self, holder: StructureShape | MapShape, name: str) -> Broken | None:
        """Returns the check of what the service documents about a member of a structure, or an entry of a map of
        attributes."""
        if isinstance(holder, MapShape):
            rule = additions.of_entries(self._service, holder).get(name)
        else:
            rule = additions.of_member(self._service, holder, name)
        return None if rule is None else rule.broken_by

    def sizes(self, shape: Shape) -> Broken | None:
        """Returns the check of the length of a text, blob, list or map."""
        if deviations.has_any_length(self._service, shape):
            return None
        return _within(shape.metadata.get("min") or None, shape.metadata.get("max"), "length", _length)

    def _text(self, shape: Shape) -> Broken | None:
        lengths = self.sizes(shape)
        allowed = deviations.values_in_order(self._service, shape)
        members = frozenset(allowed or ())
        pattern = None if deviations.has_any_pattern(self._service, shape) else shape.metadata.get("pattern")
        if lengths is None and not allowed and not pattern:
            return None

        def broken_by(value: Any) -> Iterable[str]:
            if allowed and value not in members:
                yield f"Member must satisfy enum value set: [{', '.join(allowed)}]"
            if lengths is not None:
                yield from lengths(value)
            # Compiled with the first value: some patterns of tags take 20 ms.
            if pattern and (matches := matcher(pattern)) is not None and not matches(value):
                yield f"Member must satisfy regular expression pattern: {pattern}"

        return broken_by


def _within(least: float | None, most: float | None, of: str, measure: Callable[[Any], float]) -> Broken | None:
    if least is None and most is None:
        return None

    def broken_by(value: Any) -> Iterable[str]:
        measured = measure(value)
        if most is not None and measured > most:
            yield f"Member must have {of} less than or equal to {most}"
        if least is not None and measured < least:
            yield f"Member must have {of} greater than or equal to {least}"

    return broken_by


def _length(value: Any) -> int:
    return len(value) if hasattr(value, "__len__") else 0


def _scalar(broken: Broken, shape: Shape) -> Check:
    def check_scalar(value: Any, path: str, found: list[Violation]) -> None:
        for constraint in broken(value):
            found.append(Violation(path, _shown(shape, value), constraint))

    return check_scalar


def _elements(shape: Shape, broken: Broken | None, kind: str) -> Check | None:
    """Returns the check of the scalars in a list or of a map's keys or values. AWS reports the whole collection, with
    what its elements must satisfy."""
    if broken is None:
        return None

    def check_elements(whole: Any, path: str, found: list[Violation]) -> None:
        elements = whole.values() if kind == "Map value" else whole
        constraints = dict.fromkeys(
            constraint for element in elements if element is not None for constraint in broken(element)
        )
        if constraints:
            constraint = f"{kind} must satisfy constraint: [{', '.join(constraints)}]"
            found.append(Violation(path, _shown(shape, whole), constraint))

    return check_elements


def _shown(shape: Shape, value: Any) -> str:
    inner = (shape.member,) if isinstance(shape, ListShape) else (shape.value,) if isinstance(shape, MapShape) else ()
    if any(part.metadata.get("sensitive") for part in (shape, *inner)):
        return ""  # github.com/trek10inc/serverless-secrets/issues/39; KMS and Cognito answer in the same way
    if isinstance(value, dict):
        return f"'{{{', '.join(f'{name}={inner}' for name, inner in value.items())}}}'"
    return f"'[{', '.join(map(str, value))}]'" if isinstance(value, list) else f"'{value}'"


def _is_nested(shape: Shape) -> bool:
    return isinstance(shape, StructureShape | ListShape | MapShape)


def _present(*checks: Check | None) -> list[Check]:
    return [check for check in checks if check is not None]


def _camel(name: str) -> str:
    return name[:1].lower() + name[1:]
