"""Index of the resources that the stacks declare, from all their states."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from selfservice.engine.import_discovery import decoded

State = Sequence[Mapping[str, Any]]
"""The resources of a state, as the engine stores them."""
_PROVIDER = "pulumi:providers:aws"


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """An account and a region in which a provider of a stack creates resources."""

    account: str
    region: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Resource:
    """A resource in a state."""

    place: Place
    id: str
    properties: Mapping[str, Any]
    """Inputs and outputs. Outputs replace inputs of the same name."""


class Declared:
    """The resources in AWS that stacks declare, by type."""

    def __init__(self, states: Iterable[State], secrets_keys: frozenset[str] = frozenset()) -> None:
        """Indexes the states. ``secrets_keys`` are the keys of KMS that encrypt secrets in them, by id, ARN or alias,
        which no stack declares."""
        self.secrets_keys = secrets_keys
        self._by_type: defaultdict[str, list[Resource]] = defaultdict(list)
        for state in states:
            for type_, resource in _resources(state):
                self._by_type[type_].append(resource)

    def of(self, *types: str, account: str | None = None, region: str | None = None) -> Iterator[Resource]:
        """Yields the resources of these types, in one account and region or in all."""
        for type_ in types:
            for resource in self._by_type.get(type_, ()):
                if account in (None, resource.place.account) and region in (None, resource.place.region):
                    yield resource

    def values(self, key: str, *types: str, account: str | None = None, region: str | None = None) -> frozenset[str]:
        """Returns the values of a property, or of ``id``, of these types. Absent ones are left out."""
        found = (
            resource.id if key == "id" else resource.properties.get(key)
            for resource in self.of(*types, account=account, region=region)
        )
        return frozenset(str(value) for value in found if value is not None)


def places_of(state: State) -> frozenset[Place]:
    """Returns where the providers of a state create resources."""
    return frozenset(_places(state).values())


def _resources(state: State) -> Iterator[tuple[str, Resource]]:
    places = _places(state)
    for resource in state:
        provider = str(resource.get("provider", "")).rpartition("::")[0]
        if provider in places and resource.get("id"):
            properties = {**(resource.get("inputs") or {}), **(resource.get("outputs") or {})}
            yield str(resource["type"]), Resource(place=places[provider], id=str(resource["id"]), properties=properties)


def _places(state: State) -> dict[str, Place]:
    """Returns the place of each provider by its URN. Providers of accounts that do not exist yet are left out."""
    found = {}
    for resource in state:
        if resource["type"] == _PROVIDER:
            inputs = {key: decoded(value) for key, value in (resource.get("inputs") or {}).items()}
            accounts = inputs.get("allowedAccountIds")
            if isinstance(accounts, list) and accounts:
                found[str(resource["urn"])] = Place(account=str(accounts[0]), region=str(inputs["region"]))
    return found
