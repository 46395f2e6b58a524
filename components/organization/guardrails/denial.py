"""Builders for the deny statements of guardrails."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from components.identity.iam.statements import Conditions, Statement

EVERYTHING = ("*",)


def deny(
    sid: str,
    actions: Sequence[str],
    *conditions: Conditions,
    resources: Sequence[pulumi.Input[str]] = EVERYTHING,
) -> Statement:
    """Builds a statement of a service control policy. Its Sid begins with the control's id
    (``SCP05KeepBoundaries``)."""
    return Statement(sid=sid, effect="Deny", actions=actions, resources=resources, conditions=all_of(*conditions))


def deny_access(sid: str, actions: Sequence[str], *conditions: Conditions) -> Statement:
    """Builds a statement of a resource control policy, which always applies to all principals and all resources."""
    return Statement(
        sid=sid, effect="Deny", principals="*", actions=actions, resources=EVERYTHING, conditions=all_of(*conditions)
    )


def all_of(*conditions: Conditions) -> Conditions:
    """Merges conditions that must all hold.

    Raises: ValueError when two conditions use the same operator on the same key, because the later would silently win.
    """
    together: dict[str, dict[str, pulumi.Input[str] | Sequence[pulumi.Input[str]]]] = {}
    for condition in conditions:
        for operator, keys in condition.items():
            asked = together.setdefault(operator, {})
            if twice := sorted(asked.keys() & keys.keys()):
                raise ValueError(f"conditions use {operator} twice on {', '.join(twice)}")
            asked.update(keys)
    return together
