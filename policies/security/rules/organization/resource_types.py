"""The rule about resource types: only types that the foundation uses, that rules know, or that the organization
admits."""

from __future__ import annotations

from policies.evaluation.resource import Resource
from policies.evaluation.rule import EVERY_RESOURCE, Rule, Violation, violation
from policies.security.inputs.known_types import KNOWN_TYPES

_AWS = "aws:"


def is_component(resource: Resource) -> bool:
    """Returns whether the resource only groups others: a component has no provider, and its parts are checked one by
    one."""
    return resource.provider is None and not resource.type.startswith(_AWS)


def is_of_a_known_type(resource: Resource) -> Violation | None:
    if is_component(resource) or resource.type in KNOWN_TYPES or resource.type in resource.context.admitted_types:
        return None
    return violation(
        f"has a type that no rule knows ({resource.type})",
        fix="use a type of the foundation, or add the type to admitted_types of the organization, with the reason",
    )


RULES = (
    Rule(
        id="OR-08",
        title="Resources have types that rules know",
        severity="critical",
        sources=("data perimeter, services without a rule",),
        remedy="Use types that the stacks of the foundation use or that rules check; known_types.py lists them. Other "
        "types, such as stacks of CloudFormation, dynamic resources and commands, can create anything without a check. "
        "If the organization needs one, review it and add it to admitted_types, with the reason.",
        checks={EVERY_RESOURCE: is_of_a_known_type},
    ),
)
