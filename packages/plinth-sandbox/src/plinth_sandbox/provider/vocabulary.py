"""The words in which the catalogue describes a resource type.

Conventions carry most of an entry: a property goes to the member of an operation's request whose name matches
(`kmsKeyId` to `KmsKeyId`, nested types recursively), and comes from the member of an answer the same way; a property
that no update carries forces replacement. An entry says only what the conventions cannot know.

*Templates* fill what is named explicitly: `"{bucket}"` is the value of that property, of whatever type; text around it
makes a string. `{id}` is the resource's id, `{@account}`, `{@region}` and `{@partition}` say where it lives.
`{+subnetIds}` and `{-subnetIds}` are the elements that an update adds and removes. `{/resourceId}` may itself hold what
stands between it and its neighbours in an id. An argument whose template has no value is left out.

*Paths* are JMESPath over an operation's answer, and may hold templates: `"Aliases[?AliasName=='{name}'] | [0]"`.
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
    """As boto3 names it: `create_key`. `sts:get_caller_identity` asks another service than the entry's."""

    arguments: Mapping[str, Any] = field(default_factory=dict)
    """Request members that the conventions would not fill, or not rightly; templates."""

    within: str = ""
    """Where the properties sit: the request member that holds them (a list holds them in its one element), or the path
    to them in the answer. An answer that has nothing there means the resource (or, after the first read, that part of
    it) does not exist."""

    gives: Mapping[str, str] = field(default_factory=dict)
    """Property -> path in the whole answer, where names do not match. `id` comes from the creating call so."""

    carries: Sequence[str] | None = None
    """The properties this call carries, if not all those whose name matches a member."""

    adjust: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    """A function that finishes the request, where AWS insists on more than the properties say."""


Step: TypeAlias = "str | Call | Callable[[Caller, Properties], Properties | None]"
"""An operation's name, a call, or a function where a type truly needs code: it gets the caller and what is known of the
resource, and returns further properties (None from a read: there is no such resource)."""


@dataclass(frozen=True)
class Update:
    """Changes some properties of a resource that exists; also completes a creation that could not carry them."""

    step: Step
    otherwise: Step | None = None
    """Done instead when none of the properties has a (true) value: `disable_…`, `delete_…`."""

    carries: Sequence[str] | None = None
    """As of a call; needed where the step is a function or fills properties through explicit arguments."""

    always: bool = False
    """Whether every creation is completed with it, also where the program gives none of the properties: what is new has
    something that the vendor's provider takes away."""


@dataclass(frozen=True)
class Wait:
    """Asks again until AWS is done. Waiting ends with the operation's timeout, or when the engine cancels."""

    call: Call
    until: str
    """Path that is true in the answer when it is done."""
    failed: str = ""
    """Path that is true when it never will be."""
    reason: str = ""
    """Path to what AWS says about a failure."""


@dataclass(frozen=True)
class Tagging:
    """How a service tags. The default suits services with `tag_resource` by ARN."""

    tag: str = "tag_resource"
    untag: str = "untag_resource"
    read: str | None = "list_tags_for_resource"
    """None where the reads of the resource answer with its tags."""
    address: Mapping[str, Any] = field(default_factory=dict)
    """What the three operations address, when it is not the ARN in their only other required member."""
    whole: bool = False
    """Whether tagging replaces the whole set; `untag` then removes all."""


@dataclass(frozen=True)
class Name:
    """The property that gets a generated name, `<logical name>-<7 hex digits>`, when the program gives none."""

    property: str = "name"
    longest: int = 255
    pattern: str = "{name}"
    """Around the generated name: `alias/{name}`, `{name}.fifo`."""
    lowercase: bool = False


@dataclass(frozen=True, kw_only=True)
class Resource:
    """A resource type: how it is made, read, changed and deleted."""

    type: str
    """The token, `aws:kms/key:Key`; the part before the slash is the catalogue module it lives in."""

    service: str = ""
    """botocore's name of the service, when it is not the module's name."""

    create: Step | None = None
    put: Step | None = None
    """For operations that create and update alike: the same as `create` and an `Update`."""

    creates: Sequence[str] = ()
    """The inputs that a creating function sends."""

    read: Step | Sequence[Step]
    """The first tells whether the resource exists; their answers make one state."""

    update: Sequence[Update | str] = ()
    delete: Step | None = None
    """None where AWS has nothing to delete."""

    identifier: str = ""
    """The id as a template of properties, `{role}:{name}`, from which an import also finds the properties.
    Empty where the creating call gives the `id`."""

    address: Mapping[str, Any] = field(default_factory=dict)
    """Request members that name the resource; given to every operation that has them (to the creating one, where they
    do not need the id)."""

    exists: str = ""
    """Path in the first read's answer that is false when the resource is gone although AWS still answers."""

    absent: str = ""
    """Regular expression of further errors (`Code: message`) that mean it does not exist. Codes that say so by name
    (`NotFound`, `NoSuch…`) need no mention."""

    renames: Mapping[str, str] = field(default_factory=dict)
    """Property (also a nested one, by its last name) -> member, where names differ beyond case and plural."""

    defaults: Mapping[str, Any] = field(default_factory=dict)
    """What AWS takes when the program gives nothing: writing it or leaving it out is the same, and it is sent either
    way. Also of nested properties, whose default is not sent: `rules.status`."""

    computed: Sequence[str] = ()
    """Inputs that AWS fills in when the program gives nothing, and keeps when it stops giving them."""

    derived: Mapping[str, str] = field(default_factory=dict)
    """Outputs that no operation answers: property -> template."""

    volatile: Sequence[str] = ()
    """Outputs that an update may change (`version`), so that a preview of one does not know them."""

    local: Sequence[str] = ()
    """Inputs that concern the provider alone (`forceDestroy`) or the deleting call; no operation carries them."""

    unread: Sequence[str] = ()
    """Inputs that AWS does not give back, so drift in them cannot be seen."""

    replaces: Sequence[str] = ()
    """Inputs, also nested ones, that force replacement although an update could carry them."""

    ordered: Sequence[str] = ()
    """Lists whose order means something; the order of all others does not."""

    ready: Wait | None = None
    """After create and update."""
    gone: Wait | None = None
    """After delete."""

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
