"""Refuses changes to immutable fields: compares the settings with those of the last deployment."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from selfservice.operations.operation import Operation, Problem

if TYPE_CHECKING:
    from pulumi import automation

    from settings.derived.foundation import Foundation
    from settings.types.model import Settings


def changed_immutable_fields(
    stack: automation.Stack, operation: Operation, notify: Callable[[str], None]
) -> tuple[Problem, ...]:
    """Returns a problem for each changed immutable field, with the old and the new value.

    The deployed settings come from the stack's history, which the engine keeps beside the state. If this version cannot
    read them, nothing is compared and ``notify`` receives a message.
    """
    history = stack.history(page_size=1, show_secrets=False)
    if not history or history[0].kind == "destroy":
        return ()
    from pydantic import ValidationError

    from settings.derived.immutable_fields import changed_immutables
    from settings.files.validation_cache import load_cached

    key, wanted, given = _section(load_cached(operation.project_directory), operation.stack)
    deployed = _value(history[0].config.get(key))
    if wanted is None or deployed is None:
        return ()
    try:
        before = type(wanted).model_validate({**deployed, **given})
    except ValidationError:
        notify(f"{key} as last deployed is no longer valid, so what must never change was not compared with it")
        return ()
    faults = changed_immutables(before, wanted, key=key)
    return tuple(Problem(message=str(fault)) for fault in faults)


def _section(foundation: Foundation, stack: str) -> tuple[str, Settings | None, Mapping[str, Any]]:
    """Returns the key of a stack's config section, its content, and the fields that the stack's name adds."""
    from settings.derived.stack_graph import StackIdentity

    identity = StackIdentity.parse(stack)
    if identity.dataset is not None:
        return "plinth:dataset", foundation.datasets.get(identity.dataset), {"name": identity.dataset}
    if identity.feature_group is not None:
        group = foundation.feature_groups.get(identity.feature_group)
        return "plinth:feature-group", group, {"name": identity.feature_group}
    if identity.team is None:
        return "plinth:organization", foundation.organization, {}
    if identity.kind in ("studio", "intake", "use-case"):
        return "plinth:organization", foundation.organization, {}
    if identity.environment is None:
        return "plinth:team", foundation.teams.get(identity.team), {"name": identity.team}
    given = {"team": identity.team, "environment": identity.environment}
    return "plinth:environment", foundation.environments.get(stack), given


def _value(recorded: automation.ConfigValue | None) -> Mapping[str, Any] | None:
    if recorded is None or recorded.secret:
        return None
    value = json.loads(recorded.value)
    return value if isinstance(value, Mapping) else None
