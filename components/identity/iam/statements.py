"""Typed IAM policy documents, in which a misspelled key is an error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import pulumi

VERSION = "2012-10-17"

Principals = Mapping[str, Sequence[pulumi.Input[str]]] | Literal["*"]
Conditions = Mapping[str, Mapping[str, pulumi.Input[str] | Sequence[pulumi.Input[str]]]]


def through(service: str, region: str) -> Conditions:
    """Returns the condition that a service, such as ``s3``, uses a KMS key for the caller."""
    return {"StringEquals": {"kms:ViaService": f"{service}.{region}.amazonaws.com"}}


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """One statement of a policy document (IAM User Guide, "Policy elements reference")."""

    sid: str
    effect: Literal["Allow", "Deny"] = "Allow"
    actions: Sequence[str] = ()
    not_actions: Sequence[str] = ()
    """Excluded actions. Only guardrails deny all other actions; Allow statements must list actions."""
    resources: Sequence[pulumi.Input[str]] = ()
    """Empty in a trust policy, where the role itself is the resource."""
    not_resources: Sequence[pulumi.Input[str]] = ()
    """Excluded resources. Only guardrails deny all others."""
    principals: Principals | None = None
    """None in identity policies, whose principal is the identity they are attached to."""
    conditions: Conditions = field(default_factory=dict)

    def __post_init__(self) -> None:
        if bool(self.actions) == bool(self.not_actions):
            raise ValueError(f"{self.sid}: a statement has either actions or not_actions")
        if self.not_actions and self.effect == "Allow":
            raise ValueError(f"{self.sid}: not_actions would allow what AWS adds later; list the actions instead")
        if self.not_resources and (self.resources or self.effect == "Allow"):
            raise ValueError(f"{self.sid}: not_resources needs a Deny without resources; list the resources instead")

    def as_json(self) -> dict[str, Any]:
        """Returns the statement in AWS's JSON representation."""
        body: dict[str, Any] = {"Sid": self.sid, "Effect": self.effect}
        if self.principals == "*":
            body["Principal"] = "*"
        elif self.principals is not None:
            body["Principal"] = {kind: _single_or_list(who) for kind, who in self.principals.items()}
        if self.actions:
            body["Action"] = _single_or_list(self.actions)
        else:
            body["NotAction"] = _single_or_list(self.not_actions)
        if self.resources:
            body["Resource"] = _single_or_list(self.resources)
        if self.not_resources:
            body["NotResource"] = _single_or_list(self.not_resources)
        if self.conditions:
            body["Condition"] = {
                operator: {key: _single_or_list(values) for key, values in keys.items()}
                for operator, keys in self.conditions.items()
            }
        return body


def policy_document(*statements: Statement) -> pulumi.Output[str]:
    """Returns the policy document as JSON, known once its inputs are."""
    return pulumi.Output.json_dumps({"Version": VERSION, "Statement": [s.as_json() for s in statements]})


def merged(statements: Iterable[Statement]) -> list[Statement]:
    """Merges the actions of statements that are otherwise equal, under the identifier of the first. Long policies use
    it to stay within the limits of AWS.

    Values that are unknown before deployment are equal only if they are the same output.
    """
    kept: list[Statement] = []
    for statement in statements:
        place = next((place for place, other in enumerate(kept) if _differ_in_actions_only(statement, other)), None)
        if place is None:
            kept.append(statement)
        else:
            actions = dict.fromkeys((*kept[place].actions, *statement.actions))
            kept[place] = replace(kept[place], actions=list(actions))
    return kept


def _differ_in_actions_only(statement: Statement, other: Statement) -> bool:
    return (
        bool(statement.actions and other.actions) and replace(statement, sid=other.sid, actions=other.actions) == other
    )


def _single_or_list(values: pulumi.Input[str] | Sequence[pulumi.Input[str]]) -> Any:
    """Returns a list of one element as the element, as AWS does. This saves characters, which are limited in
    guardrails."""
    if isinstance(values, Sequence) and not isinstance(values, str) and len(values) == 1:
        return values[0]
    return values
