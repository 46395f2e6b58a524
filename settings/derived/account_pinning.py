"""Pins each stack to the account it was first deployed to.

A stack in another account would be a new copy of its resources without their data. When the placement changes, the
settings therefore have to keep deployed kinds in their accounts. This module computes the placement lines to write.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity
from settings.rules.partial_config import PROJECT_FILE, stack_file
from settings.types.kinds import DURABLE_KINDS, ENVIRONMENTS, DurableKind, Environment, Kind


@dataclass(frozen=True, slots=True)
class PinningLine:
    """A placement line of the settings that keeps stacks in their accounts."""

    file: str
    """Pulumi.yaml, or the name of a team's file in the stack directory."""
    key: str
    """Section of the file, such as ``plinth:team``."""
    text: str

    def __str__(self) -> str:
        return f"{self.file}, under {self.key}: {self.text}"


def pinning_lines(foundation: Foundation, deployed: Mapping[str, str]) -> tuple[PinningLine, ...]:
    """Returns the placement lines that keep every deployed stack in its account.

    ``deployed`` maps each deployed stack to the label of its account.
    """
    stacks = {StackIdentity.parse(name): label for name, label in deployed.items()}
    hosts = {stack: _kind(label, stack.team) for stack, label in stacks.items()}
    now = foundation.organization.placement
    kept = now.with_overrides(_durable(hosts))
    whole = [("preset", kept.base), *kept.preset_overrides().items()]
    lines = [] if kept == now else [_line(PROJECT_FILE, "plinth:organization", whole)]
    for name, team in foundation.teams.items():
        own = _environments(hosts, name)
        stays = {kind: host for kind, host in own.items() if kept.account_of(kind) != host}
        rest = {kind: host for kind, host in team.placement.items() if kind not in own}
        written = {**rest, **stays}
        if written != team.placement:
            lines.append(_line(stack_file(name), "plinth:team", written.items()))
    return tuple(lines)


def _kind(label: str, team: str | None) -> Kind:
    """Returns the kind that an account is named after, from the account's label."""
    return cast(Kind, label if label in DURABLE_KINDS else label.removeprefix(f"{team}-"))


def _durable(hosts: Mapping[StackIdentity, Kind]) -> dict[DurableKind, Kind]:
    """Returns the account of each durable kind that is deployed or hosts a deployed stack."""
    needed = {host: host for host in hosts.values() if host in DURABLE_KINDS and host != "organization"}
    own = {stack.kind: host for stack, host in hosts.items() if stack.kind in DURABLE_KINDS}
    return cast(dict[DurableKind, Kind], {**needed, **own})


def _environments(hosts: Mapping[StackIdentity, Kind], team: str) -> dict[Environment, Kind]:
    """Returns the account of each environment of a team that is deployed or hosts a deployed environment."""
    own = {stack.environment: host for stack, host in hosts.items() if stack.environment and stack.team == team}
    needed = {host: host for host in own.values() if host in ENVIRONMENTS}
    return cast(dict[Environment, Kind], {**needed, **own})


def _line(file: str, key: str, written: Iterable[tuple[str, str]]) -> PinningLine:
    pairs = ", ".join(f"{kind}: {account}" for kind, account in written)
    return PinningLine(file, key, f"placement: {{{pairs}}}")
