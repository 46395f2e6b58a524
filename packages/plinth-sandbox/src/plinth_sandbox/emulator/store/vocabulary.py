"""Parses an operation's name into a verb and a noun.

AWS names operations so regularly that no table is needed to recognise ``CreateUserProfile`` and ``ListUserProfiles`` as
two operations on one noun.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from enum import Enum, auto

from moto.core.model import OperationModel, ServiceModel, Shape, StructureShape


class Verb(Enum):
    CREATE = auto()
    PUT = auto()
    READ = auto()
    LIST = auto()
    UPDATE = auto()
    DELETE = auto()
    TAG = auto()
    UNTAG = auto()
    LIST_TAGS = auto()


_TAGGING = {
    "TagResource": Verb.TAG,
    "AddTags": Verb.TAG,
    "AddTagsToResource": Verb.TAG,
    "UntagResource": Verb.UNTAG,
    "DeleteTags": Verb.UNTAG,
    "RemoveTags": Verb.UNTAG,
    "RemoveTagsFromResource": Verb.UNTAG,
    "ListTags": Verb.LIST_TAGS,
    "ListTagsForResource": Verb.LIST_TAGS,
    "GetTags": Verb.LIST_TAGS,
}

_PREFIXES = {
    "Create": Verb.CREATE,
    "Register": Verb.CREATE,
    "Put": Verb.PUT,
    "Set": Verb.PUT,
    "Associate": Verb.PUT,
    "Describe": Verb.READ,
    "Get": Verb.READ,
    "List": Verb.LIST,
    "Update": Verb.UPDATE,
    "Modify": Verb.UPDATE,
    "Delete": Verb.DELETE,
    "Deregister": Verb.DELETE,
    "Disassociate": Verb.DELETE,
}

_ASSOCIATIONS = {
    "AssociateFirewallRuleGroup": "FirewallRuleGroupAssociation",
    "AssociateProfile": "ProfileAssociation",
    "AssociateResourceToProfile": "ProfileResourceAssociation",
    "DisassociateFirewallRuleGroup": "FirewallRuleGroupAssociation",
    "DisassociateProfile": "ProfileAssociation",
    "DisassociateResourceFromProfile": "ProfileResourceAssociation",
}
"""Operations that create or delete an association with an id of its own. They are named after the two resources that
they join."""

_NAME = re.compile(rf"({'|'.join(_PREFIXES)})([A-Z].*)")
_QUALIFIER = re.compile(r"(By|For|In)[A-Z].*$")


@dataclass(frozen=True, slots=True)
class Meaning:
    verb: Verb
    noun: str


def meaning(operation: OperationModel) -> Meaning | None:
    """Returns the verb and noun, or None for an operation that does not store anything (``StartBuild``,
    ``InvokeEndpoint``)."""
    name = str(operation.name)
    if name in _TAGGING:
        return Meaning(_TAGGING[name], "")
    if name in _ASSOCIATIONS:
        return Meaning(Verb.CREATE if name.startswith("Associate") else Verb.DELETE, _ASSOCIATIONS[name])
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    verb, noun = _PREFIXES[match.group(1)], match.group(2)
    known = _nouns(operation.service_model)
    if verb in (Verb.READ, Verb.LIST) and noun not in known:
        singular = next((word for word in _singulars(noun) if word in known), None)
        if singular:
            return Meaning(Verb.LIST, singular)
    return Meaning(verb, noun)


@functools.cache
def _nouns(model: ServiceModel) -> frozenset[str]:
    """Returns the nouns that the service creates, changes or deletes."""
    matches = (_NAME.fullmatch(name) for name in model.operation_names)
    return frozenset(m.group(2) for m in matches if m and _PREFIXES[m.group(1)] not in (Verb.READ, Verb.LIST))


def _singulars(plural: str) -> list[str]:
    bare = _QUALIFIER.sub("", plural)
    words = []
    for word in (plural, bare):
        words += [
            word,
            re.sub(r"ies$", "y", word),
            re.sub(r"es$", "", word),
            re.sub(r"s$", "", word),
            re.sub(r"List$", "", word),
        ]
    return words


def operation_on(model: ServiceModel, noun: str, *verbs: str) -> OperationModel | None:
    """Returns the service's operation with one of ``verbs`` on ``noun``. Earlier verbs are preferred."""
    name = next((f"{verb}{noun}" for verb in verbs if f"{verb}{noun}" in model.operation_names), None)
    return model.operation_model(name) if name else None


@functools.cache
def identity(model: ServiceModel, noun: str) -> tuple[str, ...]:
    """Returns the members that identify one ``noun``: those that reading, deleting or changing it requires."""
    operation = operation_on(
        model, noun, "Describe", "Get", "Delete", "Deregister", "Disassociate", "Update", "Put", "Create"
    )
    shape = operation.input_shape if operation else None
    if not isinstance(shape, StructureShape):
        return ()
    return tuple(name for name in shape.required_members if shape.members[name].type_name == "string")


def members(shape: Shape | None) -> dict[str, Shape]:
    return dict(shape.members) if isinstance(shape, StructureShape) else {}
