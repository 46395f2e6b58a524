"""Policy documents as typed values, so that a misspelt key cannot pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pulumi

VERSION = "2012-10-17"

Principals = Mapping[str, Sequence[pulumi.Input[str]]] | Literal["*"]
Conditions = Mapping[str, Mapping[str, pulumi.Input[str] | Sequence[pulumi.Input[str]]]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """One statement of a policy document (IAM User Guide, "Policy elements reference")."""

    sid: str
    effect: Literal["Allow", "Deny"] = "Allow"
    actions: Sequence[str] = ()
    not_actions: Sequence[str] = ()
    """Everything but these; only guardrails deny this way, an Allow never does."""
    resources: Sequence[pulumi.Input[str]] = ()
    """Empty in a trust policy, where the role itself is the resource."""
    not_resources: Sequence[pulumi.Input[str]] = ()
    """Everything but these; only guardrails deny this way."""
    principals: Principals | None = None
    """Absent in identity policies, whose principal is whoever carries them."""
    conditions: Conditions = field(default_factory=dict)

    def __post_init__(self) -> None:
        if bool(self.actions) == bool(self.not_actions):
            raise ValueError(f"{self.sid}: a statement names either actions or not_actions")
        if self.not_actions and self.effect == "Allow":
            raise ValueError(f"{self.sid}: not_actions would allow whatever AWS adds next; list the actions instead")
        if self.not_resources and (self.resources or self.effect == "Allow"):
            raise ValueError(f"{self.sid}: not_resources stands alone, and in a Deny; list the resources instead")

    def as_json(self) -> dict[str, Any]:
        """The statement in the form that AWS reads, and gives back."""
        body: dict[str, Any] = {"Sid": self.sid, "Effect": self.effect}
        if self.principals == "*":
            body["Principal"] = "*"
        elif self.principals is not None:
            body["Principal"] = {kind: _plain(who) for kind, who in self.principals.items()}
        if self.actions:
            body["Action"] = _plain(self.actions)
        else:
            body["NotAction"] = _plain(self.not_actions)
        if self.resources:
            body["Resource"] = _plain(self.resources)
        if self.not_resources:
            body["NotResource"] = _plain(self.not_resources)
        if self.conditions:
            body["Condition"] = {
                operator: {key: _plain(values) for key, values in keys.items()}
                for operator, keys in self.conditions.items()
            }
        return body


def policy_document(*statements: Statement) -> pulumi.Output[str]:
    """The statements as the JSON that AWS expects, known once their inputs are."""
    return pulumi.Output.json_dumps({"Version": VERSION, "Statement": [s.as_json() for s in statements]})


def _plain(values: pulumi.Input[str] | Sequence[pulumi.Input[str]]) -> Any:
    """A list of one as its element, which is how AWS itself writes it; guardrails are paid for by the character."""
    if isinstance(values, Sequence) and not isinstance(values, str) and len(values) == 1:
        return values[0]
    return values
