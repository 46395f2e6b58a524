"""The resources of one stack together, and how one names another."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from policies.security.inputs.subject import PROVIDER_TYPE, Subject, Surroundings

_IDENTIFIERS = ("id", "arn", "name", "bucket", "keyId", "url")
"""Outputs by which one resource names another."""


class Stack:
    """All resources of one stack that are of the types a relation asks for."""

    def __init__(self, subjects: Sequence[Subject], rehearsal: Sequence[Subject] | None = None) -> None:
        self._subjects = subjects
        self.rehearsal = rehearsal
        """The resources of the stack that this one has to equal; None where nobody said which they are."""

    @property
    def everything(self) -> Sequence[Subject]:
        return self._subjects

    @property
    def surroundings(self) -> Surroundings:
        """What the stack is; that of any of its resources."""
        return self._subjects[0].surroundings if self._subjects else Surroundings()

    def of(self, types: Collection[str]) -> list[Subject]:
        return [subject for subject in self._subjects if subject.type in types]

    def naming(self, types: Collection[str], key: str, target: Subject) -> list[Subject]:
        """The resources of some types whose property names the target."""
        return [subject for subject in self.of(types) if names(subject, key, target)]

    @property
    def itself(self) -> list[Subject]:
        """Stands for the stack where something is missing in it: its provider, which every stack has."""
        return self.of((PROVIDER_TYPE,))[:1]


def names(referrer: Subject, key: str, target: Subject) -> bool:
    """Whether a property names another resource: by being made from it, or by an identifier of it.

    In a first preview identifiers are unknown, and only what the property is made from tells.
    """
    if target.urn in referrer.sources.get(key, ()):
        return True
    items = referrer.properties.items(key)
    named = {item for item in items if isinstance(item, str)} if isinstance(items, list) else set()
    return any(target.properties.value(identifier) in named for identifier in _IDENTIFIERS)
