"""The types that describe a resource type in the provider catalog.

Conventions cover most of an entry. A property is sent in the request member with the matching name (`kmsKeyId` in
`KmsKeyId`, recursively for nested types), and is read from the matching member of an answer. A property that no update
carries forces replacement. An entry only states exceptions.

*Templates* name values explicitly: `"{bucket}"` is the value of that property, of whatever type. With text around it,
the result is a string. `{id}` is the resource's id, and `{@account}`, `{@region}` and `{@partition}` are its location.
`{+subnetIds}` and `{-subnetIds}` are the elements that an update adds and removes. `{/resourceId}` may itself contain
the separator between it and its neighbours in an id. An argument whose template has no value is left out.

*Paths* are JMESPath over an operation's answer, and may contain templates: `"Aliases[?AliasName=='{name}'] | [0]"`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from plinth_sandbox.provider.operations.calls import Caller

Properties: TypeAlias = dict[str, Any]
"""Properties of one resource by their Pulumi name (camelCase)."""


@dataclass(frozen=True)
class Call:
    """One AWS operation."""

    operation: str
    """Name of the operation in boto3: `create_key`. `sts:get_caller_identity` calls another service than the
    entry's."""

    arguments: Mapping[str, Any] = field(default_factory=dict)
    """Templates for request members that the conventions would not fill, or would fill wrongly."""

    within: str = ""
    """Location of the properties: the request member that contains them (if it is a list, in its one element), or their
    path in the answer. If the path is missing in the answer, the resource does not exist (or, after the first read,
    that part of it)."""

    gives: Mapping[str, str] = field(default_factory=dict)
    """Path in the whole answer by property, if names do not match. A creating call returns the `id` this way."""

    carries: Sequence[str] | None = None
    """Properties that this call carries, if not all properties with a matching member."""

    adjust: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    """A function that completes the request, if AWS requires more than the properties contain."""


Step: TypeAlias = "str | Call | Callable[[Caller, Properties], Properties | None]"
"""A step: an operation's name, a call, or a function if a type requires code. A function receives the caller and the
known properties, and returns further properties. If a read returns None, the resource does not exist."""


@dataclass(frozen=True)
class Update:
    """Changes some properties of an existing resource. Also completes a creation that could not carry them."""

    step: Step
    otherwise: Step | None = None
    """Step for the case that no property has a (true) value: `disable_…`, `delete_…`."""

    carries: Sequence[str] | None = None
    """Properties that the step carries. Required if the step is a function or has explicit arguments."""

    always: bool = False
    """Whether every creation runs the step, even if the program sets none of the properties. The vendor's provider then
    removes something that a new resource has."""


@dataclass(frozen=True)
class Copy:
    """Creates a resource as a copy of what one of its properties names, such as a snapshot."""

    call: Call
    completion: Call
    """Call that sets what the first one does not carry, when the copy is ready."""


@dataclass(frozen=True)
class Wait:
    """Repeats a call until AWS has completed the change. The operation's timeout, or cancellation by the engine, ends
    it."""

    call: Call
    until: str
    """Path that is true in the answer when the change is complete."""
    failed: str = ""
    """Path that is true when the change has failed."""
    reason: str = ""
    """Path to the reason of a failure."""


@dataclass(frozen=True)
class Tagging:
    """Tag operations of a service. The default suits services with `tag_resource` by ARN."""

    tag: str = "tag_resource"
    untag: str = "untag_resource"
    read: str | None = "list_tags_for_resource"
    """None if the reads of the resource return its tags."""
    address: Mapping[str, Any] = field(default_factory=dict)
    """Address of the tagged resource, if it is not the ARN in the only other required member."""
    whole: bool = False
    """Whether tagging replaces all tags. `untag` then removes all of them, and may be the same operation."""
    kind: str = ""
    """Kind of the resource in EC2's tag specifications, if the creating call takes them."""


@dataclass(frozen=True)
class Name:
    """The property that gets a generated name, `<logical name>-<7 hex digits>`, if the program sets none."""

    property: str = "name"
    longest: int = 255
    pattern: str = "{name}"
    """Text around the generated name: `alias/{name}`, `{name}.fifo`."""
    lowercase: bool = False


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A resource type: the steps that create, read, update and delete it."""

    type: str
    """The token, `aws:kms/key:Key`. The part between colon and slash is the catalog module."""

    service: str = ""
    """Name of the service in botocore, if it differs from the module's."""

    create: Step | None = None
    put: Step | None = None
    """Step for operations that both create and update. It replaces `create` and an `Update`."""

    creates: Sequence[str] = ()
    """Inputs that a creating function sends. With `tags`, it also sends the tags."""

    copies: Mapping[str, Copy] = field(default_factory=dict)
    """Copy operations that create the resource instead of `create`, by the property that the program then sets."""

    read: Step | Sequence[Step]
    """Reading steps. The first one decides whether the resource exists; their answers are merged."""

    update: Sequence[Update | str] = ()
    delete: Step | None = None
    """None if AWS has nothing to delete."""

    identifier: str = ""
    """Template of the id, `{role}:{name}`, from which an import derives the properties. Empty if the creating call
    returns the `id`."""

    address: Mapping[str, Any] = field(default_factory=dict)
    """Request members that name the resource. Every operation that has them receives them (the creating one only if
    they do not need the id)."""

    exists: str = ""
    """Path in the first read's answer that is false if the resource is gone although AWS still describes it."""

    absent: str = ""
    """Regular expression for further errors (`Code: message`) that mean the resource does not exist. Codes that contain
    `NotFound` or `NoSuch` always do."""

    delayed: str = ""
    """Regular expression for errors (`Code: message`) after which the vendor's provider repeats the creating call until
    its timeout, because they pass."""

    renames: Mapping[str, str] = field(default_factory=dict)
    """Member by property (also by the last name of a nested one), if names differ in more than case and plural."""

    defaults: Mapping[str, Any] = field(default_factory=dict)
    """Defaults of AWS. Setting the default equals omitting the property, and the default is always sent. Defaults of
    nested properties (`rules.status`) are not sent."""

    computed: Sequence[str] = ()
    """Inputs that AWS fills in if the program omits them, and keeps if the program removes them."""

    derived: Mapping[str, str] = field(default_factory=dict)
    """Template by output, for outputs that no operation returns."""

    volatile: Sequence[str] = ()
    """Outputs that an update may change (`version`). They are unknown in its preview."""

    local: Sequence[str] = ()
    """Inputs for the provider only (`forceDestroy`) or for the deleting call. No other operation carries them."""

    unread: Sequence[str] = ()
    """Inputs that AWS does not return. Drift in them is invisible."""

    replaces: Sequence[str] = ()
    """Inputs, also nested ones, that force replacement although an update could carry them."""

    alternatives: Sequence[str] = ()
    """Inputs of which a resource keeps the one that it was created with. Another one of them forces replacement."""

    ordered: Sequence[str] = ()
    """Lists with a meaningful order. The order of all other lists is ignored."""

    exclusive: Sequence[Sequence[str]] = ()
    """Groups of inputs of which the vendor accepts at most one. A name and its prefix always are such a group."""

    exactly_one: Sequence[Sequence[str]] = ()
    """Groups of inputs of which the vendor requires exactly one."""

    ready: Wait | None = None
    """Wait after create and update."""
    gone: Wait | None = None
    """Wait after delete."""

    name: Name | None = field(default_factory=Name)
    tags: Tagging | None = None


@dataclass(frozen=True, kw_only=True)
class DataSource:
    """A function that a program invokes, `aws:index/getRegion:getRegion`."""

    type: str
    service: str = ""
    read: Sequence[Step] = ()
    identifier: str = ""
    renames: Mapping[str, str] = field(default_factory=dict)
    derived: Mapping[str, str] = field(default_factory=dict)
