"""Binds a catalog call to botocore's model of its operation: the request that it sends, and the properties in its
answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import jmespath  # type: ignore[import-untyped]
from botocore import xform_name

from plinth_sandbox.provider.errors import ProviderError
from plinth_sandbox.provider.operations.session import service_model
from plinth_sandbox.provider.properties import shapes
from plinth_sandbox.provider.properties.property_types import ANY, TAGS, PropertyType
from plinth_sandbox.provider.tag_specifications import MEMBER as TAG_SPECIFICATIONS
from plinth_sandbox.provider.tag_specifications import tag_specifications
from plinth_sandbox.provider.templates import ABSENT, fill, references
from plinth_sandbox.provider.vocabulary import Call, Properties, Tagging

_HANDLED_ELSEWHERE = frozenset({"id", "region", "tags", "tagsAll"})
"""Properties that no call carries by name."""


class Operation:
    """One call of one catalog entry."""

    def __init__(
        self,
        call: Call,
        *,
        service: str,
        properties: PropertyType,
        renames: Mapping[str, str],
        address: Mapping[str, Any],
        asks: bool = False,
        tagging: Tagging | None = None,
    ) -> None:
        """`asks`: the call reads or deletes, so only its required members are filled by name.

        `tagging`: the call creates, and sends all tags of the resource if the operation has a member for them.
        """
        named_service, _, operation = call.operation.rpartition(":")
        self.call = call
        self.service = named_service or service
        self.method = operation
        self.name = f"{self.service}:{operation}"
        self._properties = properties
        self._renames = renames
        self._address = address
        self._asks = asks
        self._tagging = tagging

    @cached_property
    def model(self) -> Any:
        """botocore's model of the operation. Raises ProviderError if there is no such operation."""
        service = service_model(self.service)
        for name in service.operation_names:
            if xform_name(name) == self.method:
                return service.operation_model(name)
        raise ProviderError(f"{self.service} has no operation {self.method}")

    @cached_property
    def explicit(self) -> dict[str, Any]:
        """Arguments with templates: the call's own, and the resource's address if the operation takes it."""
        return {name: value for name, value in self._address.items() if name in self.members} | {**self.call.arguments}

    @property
    def members(self) -> Mapping[str, Any]:
        """Shapes of the request's members."""
        shape = self.model.input_shape
        return shape.members if shape else {}

    @cached_property
    def by_name(self) -> dict[str, tuple[str, ...]]:
        """Path of the request member by the property that fills it by name."""
        if not self.members:
            return {}
        free = [name for name in self.members if name not in self.explicit and name != self._container]
        if self._asks:
            free = [name for name in free if name in self.model.input_shape.required_members]
        found: dict[str, tuple[str, ...]] = {}
        for name in self._properties.fields:
            if name in _HANDLED_ELSEWHERE or (self.call.carries is not None and name not in self.call.carries):
                continue
            if member := shapes.match(name, free, self._renames):
                found[name] = (member,)
            elif self._container and (member := self._inside_container(name)):
                found[name] = (self._container, member)
        return found

    @cached_property
    def tags_member(self) -> str | None:
        """Member for the tags of the created resource."""
        if self._tagging is None:
            return None
        if self._tagging.kind:
            return TAG_SPECIFICATIONS
        return shapes.match("tags", [*self.members], self._renames)

    @cached_property
    def _container(self) -> str:
        within = self.call.within
        return within if not self._asks and within in self.members else ""

    def _inside_container(self, name: str) -> str | None:
        shape = _inside(self.members[self._container])
        if shape.type_name == "map":  # attributes by name: the model does not list them
            return self._renames.get(name, name[0].upper() + name[1:])
        return shapes.match(name, shape.members, self._renames)

    @cached_property
    def carried(self) -> frozenset[str]:
        """Properties that this call sends."""
        if self.call.carries is not None:
            return frozenset(self.call.carries)
        return frozenset(self.by_name)

    @cached_property
    def referenced(self) -> frozenset[str]:
        """Properties that explicit arguments need."""
        return frozenset(references(self.explicit))

    def arguments(self, known: Properties) -> dict[str, Any]:
        """Returns the request for the known properties of a resource."""
        filled = fill(self.explicit, known)
        arguments: dict[str, Any] = {} if filled is ABSENT else dict(filled)
        for name, path in self.by_name.items():
            if known.get(name) is None:
                continue
            target, shape = arguments, self.model.input_shape
            for member in path[:-1]:
                target, shape = target.setdefault(member, {}), _inside(shape.members[member])
            value_shape = shape.value if shape.type_name == "map" else shape.members[path[-1]]
            target[path[-1]] = shapes.to_member(known[name], self._properties.fields[name], value_shape, self._renames)
        if self.tags_member and known.get("tagsAll"):
            arguments |= self._tags(self.tags_member, known["tagsAll"])
        if self._container:
            content = arguments.setdefault(self._container, {})
            if self.members[self._container].type_name == "list":
                arguments[self._container] = [content]
        return self.call.adjust(arguments) if self.call.adjust else arguments

    def _tags(self, member: str, tags: Mapping[str, str]) -> dict[str, Any]:
        if self._tagging is not None and self._tagging.kind:
            return tag_specifications(self._tagging.kind, tags)
        return {member: shapes.to_member(tags, TAGS, self.members[member], self._renames)}

    def place_of(self, name: str) -> tuple[Any, str] | None:
        """Returns the shape that contains the request member that a property fills with its own value, and the member's
        name: a structure, or a map of attributes."""
        if name not in self.by_name:
            templates = self.explicit.items()
            named = [member for member, given in templates if given == f"{{{name}}}" and member in self.members]
            return (self.model.input_shape, named[0]) if named else None
        shape = self.model.input_shape
        *outer, last = self.by_name[name]
        for member in outer:
            shape = _inside(shape.members[member])
        return shape, last

    def not_sent(self, name: str, value: Any) -> Iterator[str]:
        """Yields the paths in a property's value that the request cannot contain."""
        if name not in self.by_name:
            return
        shape = self.model.input_shape
        for member in self.by_name[name]:
            if shape.type_name == "map":
                return
            shape = _inside(shape).members[member]
        yield from shapes.unmatched(value, self._properties.fields[name], shape, self._renames, name)

    def properties(self, answer: Mapping[str, Any], known: Properties) -> Properties | None:
        """Returns the properties in an answer, or None if the answer reports that the resource does not exist."""
        within = "" if self._container else self.call.within
        found = search(within, answer, known) if within else answer
        if within and (found is None or found == []):
            return None
        given = shapes.to_properties(found, self._properties, self._renames) if isinstance(found, Mapping) else {}
        if self.call.carries is not None:
            given = {name: value for name, value in given.items() if name in self.call.carries}
        for name, path in self.call.gives.items():
            value = search(path, answer, known)
            expected = self._properties.fields.get(name, ANY)
            given[name] = None if value is None else shapes.to_property(value, expected, self._renames)
        return given

    @cached_property
    def readable(self) -> frozenset[str]:
        """Properties that an answer can contain."""
        shape = self.model.output_shape
        if shape is not None and self.call.within and not self._container:
            shape = shape_at(self.call.within, shape)
        if shape is not None and shape.type_name == "map":  # attributes by name: any of them
            named = set(self._properties.fields)
        else:
            members = shape.members if shape is not None and shape.type_name == "structure" else {}
            named = {name for name in self._properties.fields if shapes.match(name, members, self._renames)}
        if self.call.carries is not None:
            named &= set(self.call.carries)
        return frozenset(named | set(self.call.gives))


def _inside(shape: Any) -> Any:
    """Returns the shape that contains the properties: the shape itself, or that of a list's one element."""
    return shape.member if shape.type_name == "list" else shape


def shape_at(path: str, shape: Any) -> Any:
    """Returns the shape at a catalog path, or None if it cannot be determined."""
    return _shape_of(jmespath.compile(re.sub(r"'\{[^}]*\}'", "''", path)).parsed, shape)


def _shape_of(node: Mapping[str, Any], shape: Any) -> Any:
    """Follows a parsed path: fields into structures, indices and filters into lists."""
    if shape is None:
        return None
    match node["type"]:
        case "field":
            return shape.members.get(node["value"]) if shape.type_name == "structure" else None
        case "index":
            return shape.member if shape.type_name == "list" else None
        case "subexpression" | "index_expression" | "pipe":
            for child in node["children"]:
                shape = _shape_of(child, shape)
            return shape
        case "filter_projection" | "projection":
            return _shape_of(node["children"][0], shape)
        case "identity" | "current":
            return shape
        case _:
            return None


def search(path: str, answer: Any, known: Properties) -> Any:
    """Returns the value at a catalog path in an answer."""
    filled = fill(path, known)
    if filled is ABSENT:
        return None
    return jmespath.search(filled, answer)
