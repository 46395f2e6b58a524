"""The module that builds each kind of stack. Only the module of the selected stack is imported."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Protocol, cast

import pulumi

from settings.derived.foundation import Foundation
from settings.derived.stack_graph import StackIdentity, StackKind
from settings.types.kinds import ENVIRONMENTS

MODULES: Mapping[StackKind, str] = MappingProxyType(
    {
        "organization": "stacks.organization.stack",
        "audit": "stacks.audit.stack",
        "audit-replica": "stacks.audit_replica.stack",
        "identity": "stacks.identity.stack",
        "network": "stacks.network.stack",
        "tooling": "stacks.tooling.stack",
        "tooling-cluster": "stacks.tooling_cluster.stack",
        "tooling-platform": "stacks.tooling_platform.stack",
        "tooling-runner": "stacks.tooling_runner.stack",
        "tooling-mlflow": "stacks.tooling_mlflow.stack",
        "tooling-portal": "stacks.tooling_portal.stack",
        "tooling-ci": "stacks.tooling_ci.stack",
        "data-lake": "stacks.data_lake.stack",
        "data-catalog": "stacks.data_catalog.stack",
        "lake-replica": "stacks.lake_replica.stack",
        "governance": "stacks.governance.stack",
        "team": "stacks.team.stack",
        "data": "stacks.team_data.stack",
        "dataset": "stacks.dataset.stack",
        "etl": "stacks.etl.stack",
        "feature-group": "stacks.feature_group.stack",
        **dict.fromkeys(ENVIRONMENTS, "stacks.environment.stack"),
        "studio": "stacks.studio.stack",
        "use-case": "stacks.use_case.stack",
        "intake": "stacks.intake.stack",
    }
)
"""Module by kind of stack. The four environments share one: they differ only in their settings (ACC-06)."""


class StackModule(Protocol):
    """The interface of a stack's module."""

    def provision(self, stack: StackIdentity, foundation: Foundation) -> None:
        """Registers the stack's resources and exports its outputs."""


class StackUnknown(pulumi.RunError):
    """The settings define no stack of that name."""


def provision(stack: StackIdentity, foundation: Foundation) -> None:
    """Builds a stack of the foundation.

    Raises: StackUnknown when no team has that name, or the phase does not include that environment.
    """
    known_stacks = foundation.overview.graph
    if stack.name not in known_stacks:
        known = ", ".join(known_stacks)
        raise StackUnknown(f"the settings define no stack {stack.name}; known stacks: {known}")
    module = cast(StackModule, import_module(MODULES[stack.kind]))
    module.provision(stack, foundation)
