"""Entries of the provider catalog with derived facts: the call that carries a property, the changes that force
replacement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache, cached_property
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from threading import Lock
from typing import Any

from plinth_sandbox.provider import catalog
from plinth_sandbox.provider.errors import UnknownTypeError
from plinth_sandbox.provider.operations.binding import Bound, BoundUpdate, bind
from plinth_sandbox.provider.properties.comparison import Tolerance
from plinth_sandbox.provider.properties.property_types import PropertyType, Schema, schemas_of
from plinth_sandbox.provider.tagging import BoundTagging
from plinth_sandbox.provider.templates import references
from plinth_sandbox.provider.vocabulary import Call, DataSource, Resource, Step, Tagging, Update


class Entry:
    """A resource type as the plugin uses it."""

    def __init__(self, resource: Resource, schema: Schema) -> None:
        self.resource = resource
        self.schema = schema
        self.module = module_of(resource.type)
        self.service = resource.service or self.module

    @cached_property
    def create(self) -> Bound:
        """The creating step."""
        step = self.resource.create or self.resource.put
        assert step is not None, f"{self.resource.type} has neither create nor put"
        address = {name: given for name, given in self.resource.address.items() if "id" not in references(given)}
        return self._bind(step, address=address, properties=self.schema.inputs, tagging=self.resource.tags)

    @cached_property
    def copies(self) -> Mapping[str, tuple[Bound, Bound]]:
        """The creating and the completing call of a copy, by the property that asks for it."""
        address = {name: given for name, given in self.resource.address.items() if "id" not in references(given)}
        inputs, tags = self.schema.inputs, self.resource.tags
        return {
            name: (
                self._bind(copy.call, address=address, properties=inputs, tagging=tags),
                self._bind(copy.completion, address=address, properties=inputs),
            )
            for name, copy in self.resource.copies.items()
        }

    @cached_property
    def reads(self) -> list[Bound]:
        """The reading steps. The first one decides whether the resource exists."""
        steps = self.resource.read
        listed: Sequence[Step] = [steps] if isinstance(steps, str | Call) or callable(steps) else steps
        return [self._bind(step, asks=True) for step in listed]

    @cached_property
    def updates(self) -> list[BoundUpdate]:
        """The updating steps, each with the properties that it carries."""
        listed = [Update(item) if isinstance(item, str) else item for item in self.resource.update]
        if self.resource.put is not None:
            listed.append(Update(self.resource.put))
        return [self._bind_update(update) for update in listed]

    @cached_property
    def delete(self) -> Bound | None:
        """The deleting step."""
        return None if self.resource.delete is None else self._bind(self.resource.delete, asks=True)

    @cached_property
    def ready(self) -> Bound | None:
        """The call that is repeated until a created or updated resource is ready."""
        return None if self.resource.ready is None else self._bind(self.resource.ready.call, asks=True)

    @cached_property
    def gone(self) -> Bound | None:
        """The call that is repeated until a deleted resource is gone."""
        return None if self.resource.gone is None else self._bind(self.resource.gone.call, asks=True)

    @cached_property
    def tagging(self) -> BoundTagging | None:
        """The tag operations for the resource."""
        tagging = self.resource.tags
        return None if tagging is None else BoundTagging(tagging, self.service, self.resource.address)

    @cached_property
    def tags_on_create(self) -> bool:
        """Whether the creating call sets the tags."""
        operation = self.create.operation
        return "tags" in self.resource.creates if operation is None else operation.tags_member is not None

    @cached_property
    def tolerance(self) -> Tolerance:
        """Differences that have no meaning for this type."""
        return Tolerance(self.resource.defaults, self.resource.computed, self.resource.ordered)

    @cached_property
    def updatable(self) -> frozenset[str]:
        """Properties that can be updated in place."""
        return frozenset(name for update in self.updates for name in update.carries)

    @cached_property
    def created(self) -> frozenset[str]:
        """Properties that the creating step sends."""
        operation = self.create.operation
        return frozenset(self.resource.creates) if operation is None else operation.carried | operation.referenced

    @cached_property
    def identity(self) -> frozenset[str]:
        """Properties that identify the resource."""
        return frozenset(references(self.resource.identifier)) | frozenset(references(self.resource.address)) - {"id"}

    @cached_property
    def carried(self) -> frozenset[str]:
        """Inputs that this entry supports. A program that sets another input is refused."""
        carried = self.created | self.updatable | self.identity | set(self.resource.local) | {"region"}
        carried |= set(self.resource.copies)
        if self.resource.name is not None:
            carried |= {self.resource.name.property, f"{self.resource.name.property}Prefix"}
        if self.resource.tags is not None:
            carried |= {"tags"}
        return carried & frozenset(self.schema.inputs.fields)

    def forces_replacement(self, name: str, path: str = "") -> bool:
        """Returns whether a change of this property, or at this path in it, requires a new resource."""
        if any(f"{path or name}.".startswith(f"{replacing}.") for replacing in self.resource.replaces):
            return True
        return name not in self.updatable | set(self.resource.local) | {"tags", "tagsAll"}

    def not_sent(self, name: str, value: Any) -> list[str]:
        """Returns the paths in a property's value that no call of this entry can send."""
        operations = [self.create.operation, *(update.step.operation for update in self.updates)]
        carriers = [operation for operation in operations if operation is not None and name in operation.by_name]
        missing = [set(operation.not_sent(name, value)) for operation in carriers]
        return sorted(set.intersection(*missing)) if missing else []

    def _bind_update(self, update: Update) -> BoundUpdate:
        bound = self._bind(update.step, properties=self.schema.inputs)
        if update.carries is not None:
            carries = frozenset(update.carries)
        else:
            carries = (bound.operation.carried if bound.operation else frozenset()) - self.identity
        otherwise = None if update.otherwise is None else self._bind(update.otherwise, asks=True)
        decisive = frozenset(update.carries[:1]) if update.carries else carries
        whole = update.step is self.resource.put
        return BoundUpdate(carries, bound, otherwise, decisive, whole=whole, always=update.always)

    def _bind(
        self,
        step: Step,
        *,
        asks: bool = False,
        tagging: Tagging | None = None,
        address: Mapping[str, Any] | None = None,
        properties: PropertyType | None = None,
    ) -> Bound:
        return bind(
            step,
            service=self.service,
            properties=properties or self.schema.outputs,
            renames=self.resource.renames,
            address=self.resource.address if address is None else address,
            asks=asks,
            tagging=tagging,
        )


class Source:
    """A data source as the plugin uses it."""

    def __init__(self, source: DataSource, schema: Schema) -> None:
        self.source = source
        self.schema = schema
        self.service = source.service or module_of(source.type)

    @cached_property
    def reads(self) -> list[Bound]:
        """The reading steps. Their arguments are filled by name from the program's arguments."""
        return [
            bind(step, service=self.service, properties=self.schema.outputs, renames=self.source.renames, address={})
            for step in self.source.read
        ]

    @cached_property
    def carried(self) -> frozenset[str]:
        """Arguments that this entry supports. A program that gives another argument is refused."""
        operations = [read.operation for read in self.reads if read.operation is not None]
        sent = [operation.carried | operation.referenced for operation in operations]
        return frozenset({"region"}).union(*sent)


_IMPORTING = Lock()


def module_of(token: str) -> str:
    """Returns the catalog module of a type: `kms` for `aws:kms/key:Key`. Raises UnknownTypeError for an unsupported
    token."""
    package, _, rest = token.partition(":")
    module, slash, _ = rest.partition("/")
    if package != "aws" or not slash:
        raise UnknownTypeError(token)
    return module


@cache
def entry_of(token: str) -> Entry:
    """Returns the entry of a resource type. Raises UnknownTypeError."""
    resources: Sequence[Resource] = getattr(_catalog_module(token), "RESOURCES", ())
    for resource in resources:
        if resource.type == token:
            return Entry(resource, schemas_of(module_of(token))[token])
    raise UnknownTypeError(token)


@cache
def source_of(token: str) -> Source:
    """Returns the entry of a data source. Raises UnknownTypeError."""
    sources: Sequence[DataSource] = getattr(_catalog_module(token), "DATA_SOURCES", ())
    for source in sources:
        if source.type == token:
            return Source(source, schemas_of(module_of(token))[token])
    raise UnknownTypeError(token)


def _catalog_module(token: str) -> Any:
    # Each module is imported on first use, so that a provider that creates one key does not load the other services.
    name = _catalog_modules().get(module_of(token))
    if name is None:
        raise UnknownTypeError(token)
    # The modules import each other. Without the lock, two threads could each wait for a module that the other one is
    # importing.
    with _IMPORTING:
        return import_module(name)


@cache
def _catalog_modules() -> Mapping[str, str]:
    """Returns full module names by the vendor's module name. Each module is in the folder of its category. A name that
    is a keyword of Python ends in an underscore."""
    found: dict[str, str] = {}
    for category in iter_modules(catalog.__path__, f"{catalog.__name__}."):
        folder = Path(catalog.__path__[0]) / category.name.rpartition(".")[2]
        found |= {module.name.rstrip("_"): f"{category.name}.{module.name}" for module in iter_modules([str(folder)])}
    return found


def all_types() -> Iterator[Resource | DataSource]:
    """Yields every resource type and data source of the provider catalog."""
    for name in (name for _, name in sorted(_catalog_modules().items())):
        content = import_module(name)
        yield from getattr(content, "RESOURCES", ())
        yield from getattr(content, "DATA_SOURCES", ())
