"""One statement of a guardrail, in the words that all of them share."""

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
    """A statement of a service control policy; its Sid begins with the id of the control (``SCP05KeepBoundaries``)."""
    return Statement(sid=sid, effect="Deny", actions=actions, resources=resources, conditions=all_of(*conditions))


def deny_access(sid: str, actions: Sequence[str], *conditions: Conditions) -> Statement:
    """A statement of a resource control policy, which always speaks of everybody and of all resources."""
    return Statement(
        sid=sid, effect="Deny", principals="*", actions=actions, resources=EVERYTHING, conditions=all_of(*conditions)
    )


def all_of(*conditions: Conditions) -> Conditions:
    """Conditions that must hold together.

    Raises: ValueError when two of them ask the same of one key, of which the later would silently win.
    """
    together: dict[str, dict[str, pulumi.Input[str] | Sequence[pulumi.Input[str]]]] = {}
    for condition in conditions:
        for operator, keys in condition.items():
            asked = together.setdefault(operator, {})
            if twice := sorted(asked.keys() & keys.keys()):
                raise ValueError(f"{operator} is asked of {', '.join(twice)} twice")
            asked.update(keys)
    return together
