"""Which actions a resource takes, from its creation to its removal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True, kw_only=True, slots=True)
class Calls:
    """The IAM actions behind one type of resource, tags included."""

    create: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    update: tuple[str, ...] = ()
    delete: tuple[str, ...] = ()
    reserved: tuple[str, ...] = ()
    """Ways to more rights than one has (IA-06): not the deployer's, but the management account's."""
    passes_to: tuple[str, ...] = ()
    """Services that are given a role of the account."""
    linked: tuple[str, ...] = ()
    """Services that make their service-linked role in the caller's name, with the first such resource."""

    @property
    def allowed(self) -> frozenset[str]:
        """Everything that the deployer may do about it."""
        return frozenset((*self.create, *self.read, *self.update, *self.delete))


Part = Mapping[str, Calls]
"""Types of resources that appear together in an account."""


def calls(
    service: str,
    *,
    create: str = "",
    read: str = "",
    update: str = "",
    delete: str = "",
    reserved: str = "",
    passes_to: str = "",
    linked: str = "",
) -> Calls:
    """Actions separated by blanks; those of another service than ``service`` with their prefix."""
    return Calls(
        create=_actions(service, create),
        read=_actions(service, read),
        update=_actions(service, update),
        delete=_actions(service, delete),
        reserved=_actions(service, reserved),
        passes_to=tuple(passes_to.split()),
        linked=tuple(linked.split()),
    )


def kept(part: Part) -> Part:
    """The same, of which nothing is removed."""
    return {type_: replace(of_type, delete=()) for type_, of_type in part.items()}


def _actions(service: str, names: str) -> tuple[str, ...]:
    return tuple(name if ":" in name else f"{service}:{name}" for name in names.split())
