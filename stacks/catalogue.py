"""Which module builds which kind of stack. Only the one that is needed is imported."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Protocol, cast

import pulumi

from settings.foundation import Foundation
from settings.kinds import ENVIRONMENTS, WORKING_KINDS
from settings.stacks import StackIdentity, StackKind

MODULES: Mapping[StackKind, str] = MappingProxyType(
    {
        "organization": "stacks.organization",
        "audit": "stacks.audit",
        "identity": "stacks.identity",
        "network": "stacks.network",
        **dict.fromkeys(WORKING_KINDS, "stacks.durable_account"),
        "data-lake": "stacks.data_lake",
        "governance": "stacks.governance",
        "team": "stacks.team",
        "data": "stacks.team_data",
        "dataset": "stacks.dataset",
        "etl": "stacks.etl",
        "feature-group": "stacks.feature_group",
        **dict.fromkeys(ENVIRONMENTS, "stacks.environment"),
        "studio": "stacks.studio",
        "intake": "stacks.intake",
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
    if stack not in foundation.stacks:
        known = ", ".join(other.name for other in foundation.stacks)
        raise StackUnknown(f"the settings have no stack {stack.name}; they have {known}")
    module = cast(Blueprint, import_module(MODULES[stack.kind]))
    module.provision(stack, foundation)
