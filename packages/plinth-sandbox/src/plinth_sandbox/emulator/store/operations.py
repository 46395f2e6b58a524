"""Operations of the fallback store, one method per verb."""

from __future__ import annotations

from typing import Any

from moto.core.model import ListShape, StructureShape

from plinth_sandbox.emulator.call import Call
from plinth_sandbox.emulator.store import identifiers, refusals
from plinth_sandbox.emulator.store.ownership import CHILDREN, fill, parents
from plinth_sandbox.emulator.store.projection import element, merge, project, tags_from
from plinth_sandbox.emulator.store.record import Place, Record, Store, now
from plinth_sandbox.emulator.store.vocabulary import Verb, identity, members, operation_on

_LIMITS = ("maxresults", "limit", "maxitems", "pagesize")
_TOKENS = ("nexttoken", "marker")
_NOT_FILTERS = (*_LIMITS, *_TOKENS, "sortby", "sortorder")


class ResourceHandler:
    """Handles an operation on one noun of a service in one account and region."""

    def __init__(self, store: Store, call: Call, noun: str) -> None:
        assert call.operation is not None
        self._store, self._call, self._noun = store, call, noun
        self._operation = call.operation
        self._model = call.operation.service_model
        self._place = Place(call.account, call.region, call.service)
        self._identity = identity(self._model, noun)

    def perform(self, verb: Verb) -> dict[str, Any]:
        match verb:
            case Verb.CREATE:
                return self._create()
            case Verb.PUT:
                return self._put()
            case Verb.READ:
                return self._read()
            case Verb.LIST:
                return self._list()
            case Verb.UPDATE:
                return self._update()
            case _:
                return self._delete()

    def _create(self) -> dict[str, Any]:
        given = self._identifiers()
        if given and len(given) == len(self._identity) and self._store.find(self._place, self._noun, given):
            raise refusals.already_exists(self._operation, self._noun, given)
        self._require_parents()
        return self._answer(self._make())

    def _require_parents(self) -> None:
        for parent in parents(self._place.service, self._noun):
            wanted = {name: self._call.parameters.get(name) for name in identity(self._model, parent)}
            if all(wanted.values()) and not self._store.find(self._place, parent, wanted):
                raise refusals.not_found(self._operation, parent, wanted)

    def _put(self) -> dict[str, Any]:
        record = self._store.find(self._place, self._noun, self._identifiers())
        if record is None:
            return self._answer(self._make())
        record.values |= self._kept()
        record.changed = now()
        return self._answer(record)

    def _read(self) -> dict[str, Any]:
        if not self._identity and not self._store.records(self._place, self._noun):
            return self._never_set()
        return self._answer(self._existing())

    def _never_set(self) -> dict[str, Any]:
        """Answers the read of an account setting that was never set: empty, unless the operation declares a not-found
        error."""
        if any("NotFound" in shape.name for shape in self._operation.error_shapes):
            raise refusals.not_found(self._operation, self._noun, {})
        return {}

    def _list(self) -> dict[str, Any]:
        output = members(self._operation.output_shape)
        name, shape = next((name, shape) for name, shape in output.items() if isinstance(shape, ListShape))
        found = [record for record in self._store.records(self._place, self._noun) if self._passes(record)]
        page, token = self._page(found)
        answer: dict[str, Any] = {name: [element(shape.member, record) for record in page]}
        return answer | {name: token for name in output if token and name.lower() in _TOKENS}

    def _page(self, found: list[Record]) -> tuple[list[Record], str | None]:
        parameters = {name.lower(): value for name, value in self._call.parameters.items()}
        size = next((int(parameters[name]) for name in _LIMITS if name in parameters), len(found))
        start = next((int(parameters[name]) for name in _TOKENS if name in parameters), 0)
        end = start + size
        return found[start:end], str(end) if end < len(found) else None

    def _update(self) -> dict[str, Any]:
        record = self._existing()
        shape = self._operation.input_shape
        assert isinstance(shape, StructureShape)
        record.values = merge(shape, record.values, self._kept())
        record.changed = now()
        return self._answer(record)

    def _delete(self) -> dict[str, Any]:
        record = self._existing()
        for noun in CHILDREN.get((self._place.service, self._noun), ()):
            mine = {name: record.look_up(name) for name in self._identity}
            if self._store.find(self._place, noun, mine):
                raise refusals.in_use(self._operation, self._noun, f"a {noun}")
        self._store.remove(record)
        return self._answer(record)

    def _existing(self) -> Record:
        wanted = self._identifiers()
        record = self._store.find(self._place, self._noun, wanted)
        if record is None:
            raise refusals.not_found(self._operation, self._noun, wanted)
        return record

    def _identifiers(self) -> dict[str, Any]:
        """Returns the request parameters that identify the record."""
        parameters = self._call.parameters
        named = {name: parameters[name] for name in self._identity if name in parameters}
        return named or {name: parameters[name] for name in self._ends_joined()}

    def _ends_joined(self) -> list[str]:
        """Returns the members that identify an association in a Disassociate request: the two resources that it
        joins."""
        shape = self._operation.input_shape
        ends = self._operation.name.startswith("Disassociate") and isinstance(shape, StructureShape)
        return list(shape.required_members) if ends else []

    def _kept(self) -> dict[str, Any]:
        """Returns the request parameters to store: all except idempotency tokens, and tags, which are stored
        separately."""
        shape = members(self._operation.input_shape)
        return {
            name: value
            for name, value in self._call.parameters.items()
            if value is not None
            and not shape[name].metadata.get("idempotencyToken")
            and name.lower() not in ("tags", "clienttoken")
        }

    def _make(self) -> Record:
        values = self._kept()
        shapes = self._readable()
        for name in self._identity:
            if name not in values and not name.lower().endswith("arn"):
                values[name] = identifiers.identifier(shapes[name])
        place = {"account": self._place.account, "region": self._place.region}
        values = fill(self._place.service, self._noun, values | place) | values
        names = [str(values[name]) for name in self._identity if name in values]
        arn_shape = next(
            (shape for name, shape in shapes.items() if name.lower() in ("arn", f"{self._noun.lower()}arn")), None
        )
        arn = identifiers.arn(self._place, self._model, self._noun, names, arn_shape)
        given = next((value for name, value in self._call.parameters.items() if name.lower() == "tags"), None)
        record = Record(self._place, self._noun, values, arn, tags_from(given))
        self._store.add(record)
        return record

    def _readable(self) -> dict[str, Any]:
        """Returns the members of requests and answers that describe this noun."""
        reading = operation_on(self._model, self._noun, "Describe", "Get", "Delete", "Deregister")
        shapes = members(reading.output_shape) | members(reading.input_shape) if reading else {}
        return members(self._operation.output_shape) | shapes

    def _answer(self, record: Record) -> dict[str, Any]:
        shape = self._operation.output_shape
        return project(shape, record) if isinstance(shape, StructureShape) else {}

    def _passes(self, record: Record) -> bool:
        """Returns whether a record passes a list operation's filters: ``DomainIdEquals``, ``NameContains``, or a
        member's name."""
        for name, wanted in self._call.parameters.items():
            if name.lower() in _NOT_FILTERS:
                continue
            if name.endswith("Contains"):
                if str(wanted) not in str(record.look_up(name.removesuffix("Contains")) or ""):
                    return False
                continue
            actual = record.look_up(name.removesuffix("Equals"))
            if actual is not None and wanted not in (actual, record.arn):
                return False
        return True
