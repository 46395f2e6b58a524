"""Which module builds which kind of stack. Only the one that is needed is imported."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Protocol, cast

import pulumi

from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity, StackKind
from settings.types.kinds import ENVIRONMENTS, WORKING_KINDS

MODULES: Mapping[StackKind, str] = MappingProxyType(
    {
        "organization": "stacks.organization.stack",
        "audit": "stacks.audit.stack",
        "identity": "stacks.identity.stack",
        "network": "stacks.network.stack",
        **dict.fromkeys(WORKING_KINDS, "stacks.durable_account.stack"),
        "data-lake": "stacks.data_lake.stack",
        "governance": "stacks.governance.stack",
        "team": "stacks.team.stack",
        "data": "stacks.team_data.stack",
        "dataset": "stacks.dataset.stack",
        "etl": "stacks.etl.stack",
        "feature-group": "stacks.feature_group.stack",
        **dict.fromkeys(ENVIRONMENTS, "stacks.environment.stack"),
        "studio": "stacks.studio.stack",
        "intake": "stacks.intake.stack",
    }
)
"""A team's four environments are one module: they differ by their settings alone (ACC-06)."""


class Blueprint(Protocol):
    """What every module of a stack offers."""

    def provision(self, stack: StackIdentity, foundation: Foundation) -> None:
        """Register the stack's resources and export its outputs."""


class StackUnknown(pulumi.RunError):
    """The settings know no stack of that name."""


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Build a stack of the foundation.

    Raises: StackUnknown when no team has that name, or the phase does not have that environment yet.
    """
    known_stacks = foundation.overview.graph
    if stack.name not in known_stacks:
        known = ", ".join(known_stacks)
        raise StackUnknown(f"the settings have no stack {stack.name}; they have {known}")
    module = cast(Blueprint, import_module(MODULES[stack.kind]))
    module.provision(stack, foundation)
