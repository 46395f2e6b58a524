"""The IAM actions required to create, read, update and delete a type of resource."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from components.identity.deployer.authorization import is_read_only


@dataclass(frozen=True, kw_only=True, slots=True)
class Calls:
    """IAM actions required for one type of resource, tags included."""

    create: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    update: tuple[str, ...] = ()
    delete: tuple[str, ...] = ()
    reserved: tuple[str, ...] = ()
    """Actions that allow privilege escalation (IA-06). They are reserved for the management account."""
    passes_to: tuple[str, ...] = ()
    """Services to which a role of the account is passed."""
    linked: tuple[str, ...] = ()
    """Services that create their service-linked role with the caller's credentials, together with the first such
    resource."""

    @property
    def allowed(self) -> frozenset[str]:
        """Returns all actions that the deployer may perform on resources of the type."""
        return frozenset((*self.create, *self.read, *self.update, *self.delete))

    @property
    def reading(self) -> frozenset[str]:
        """Returns the actions that read a resource of the type, including those reserved for the management account."""
        return frozenset((*self.read, *(action for action in self.reserved if is_read_only(action))))


ResourceCalls = Mapping[str, Calls]
"""Resource types that appear together in an account, with their actions."""


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
    """Parses actions separated by spaces. Actions of a service other than ``service`` carry their prefix."""
    return Calls(
        create=_actions(service, create),
        read=_actions(service, read),
        update=_actions(service, update),
        delete=_actions(service, delete),
        reserved=_actions(service, reserved),
        passes_to=tuple(passes_to.split()),
        linked=tuple(linked.split()),
    )


def without_deletion(resources: ResourceCalls) -> ResourceCalls:
    """Returns the resource types without the actions that delete them."""
    return {type_: replace(of_type, delete=()) for type_, of_type in resources.items()}


def _actions(service: str, names: str) -> tuple[str, ...]:
    return tuple(name if ":" in name else f"{service}:{name}" for name in names.split())
