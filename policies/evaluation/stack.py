"""The resources of one stack together, and references between them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from policies.evaluation.resource import PROVIDER_TYPE, Resource, StackContext

IDENTIFIERS = ("id", "arn", "name", "bucket", "keyId", "url")
"""Outputs that identify a resource in another resource's properties."""


class Stack:
    """The resources of one stack whose types a stack check needs."""

    def __init__(self, resources: Sequence[Resource], rehearsal: Sequence[Resource] | None = None) -> None:
        self._subjects = resources
        self.rehearsal = rehearsal
        """Resources of the pre-production stack that this one must match. None if there is nothing to compare with."""

    @property
    def everything(self) -> Sequence[Resource]:
        return self._subjects

    @property
    def context(self) -> StackContext:
        """Context of the stack, which all its resources share."""
        return self._subjects[0].context if self._subjects else StackContext()

    def of(self, types: Collection[str]) -> list[Resource]:
        """Returns the resources of some types."""
        return [resource for resource in self._subjects if resource.type in types]

    def referring(self, types: Collection[str], key: str, target: Resource) -> list[Resource]:
        """Returns the resources of some types whose property refers to the target."""
        return [resource for resource in self.of(types) if refers_to(resource, key, target)]

    @property
    def representative(self) -> list[Resource]:
        """The resource to report if something is missing from the stack: its first AWS provider."""
        return self.of((PROVIDER_TYPE,))[:1]


def refers_to(referrer: Resource, key: str, target: Resource) -> bool:
    """Whether a property refers to another resource, by dependency or by one of its identifiers.

    In a first preview, identifiers are unknown, so only the dependency counts.
    """
    if target.urn in referrer.sources.get(key, ()):
        return True
    items = referrer.properties.items(key)
    identifiers = {item for item in items if isinstance(item, str)} if isinstance(items, list) else set()
    return any(target.properties.value(identifier) in identifiers for identifier in IDENTIFIERS)
