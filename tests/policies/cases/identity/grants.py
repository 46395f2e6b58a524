"""Identity policies for test cases: documents with one statement, and cases for every type with such a document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.policies.case import Case, Situation, but, document
from tests.policies.cases.policy_types import IDENTITY_POLICY

CEILING = {"name": "fraud-development-boundary", "path": "/plinth/"}
"""Name and path of a permissions boundary."""


def granting(action: Any, resource: Any = "*", effect: str = "Allow", **conditions: Any) -> str:
    """Returns a policy with one statement."""
    return document(allowing(action, resource, effect, **conditions))


def allowing(action: Any, resource: Any = "*", effect: str = "Allow", **conditions: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, "Condition": conditions}


def policy_cases(
    rule: str,
    *,
    compliant: str,
    refused: Mapping[str, str],
    accepted: Mapping[str, str] | None = None,
    ceiling: bool = False,
    context: Mapping[str, Any] | None = None,
) -> list[Case]:
    """Returns a case for every type of identity policy, and for inline policies of a role.

    ``ceiling`` says that the rule lets a permissions boundary have what it refuses elsewhere.
    """
    holders = {
        **{type_: (path,) for type_, path in IDENTITY_POLICY.items()},
        "aws:iam/role:Role": ("inlinePolicies", "0", "policy"),
    }
    cases = []
    for type_, steps in holders.items():
        path = ".".join(steps)
        inputs: Any = compliant if len(steps) == 1 else [{"policy": compliant}]
        wide = {path: next(iter(refused.values()))}
        bounded = {"is a ceiling": but(wide | CEILING)} if ceiling and type_ in ("aws:iam/policy:Policy",) else {}
        unbounded = (
            {"has the name of a ceiling": but(wide | CEILING)}
            if ceiling and type_ not in ("aws:iam/policy:Policy",)
            else {}
        )
        cases.append(
            Case(
                rule=rule,
                type=type_,
                compliant=Situation(inputs={steps[0]: inputs}, **({} if context is None else context)),
                optional=frozenset({".".join(steps[:end]) for end in range(1, len(steps) + 1)}),
                refused={what: but({path: text}) for what, text in refused.items()} | unbounded,
                accepted={what: but({path: text}) for what, text in (accepted or {}).items()} | bounded,
            )
        )
    return cases
