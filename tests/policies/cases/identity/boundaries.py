"""Cases of policies/security/rules/identity/boundaries.py."""

from __future__ import annotations

from typing import Any

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import OWN_ACCOUNT, Case, Member, Situation, StackCase, but, stack_context
from tests.policies.cases.identity.grants import CEILING
from tests.policies.cases.policy_types import ATTACHMENT

BY_NAME_TYPES = {
    f"aws:ssoadmin/customerManaged{name[0]}:CustomerManaged{name[0]}": f"customerManagedPolicy{name[1]}"
    for name in (("PolicyAttachment", "Reference"), ("PolicyAttachmentsExclusive", "References"))
}


POLICIES = f"arn:aws:iam::{OWN_ACCOUNT}:policy"
BOUNDARY, READERS = f"{POLICIES}/plinth/fraud-development-boundary", f"{POLICIES}/plinth/readers"
BY_ARN = [
    Case(
        rule="IA-16",
        type=type_,
        compliant=Situation(inputs={path: READERS}),
        optional=frozenset({path}),
        refused={
            "attaches a boundary": but({path: BOUNDARY}),
            "attaches a boundary in addition to a policy": but({path: [READERS, BOUNDARY]}),
        },
        accepted={
            "attaches a policy of another path": but({path: f"{POLICIES}/others/fraud-development-boundary"}),
            "attaches a policy that AWS assigns an ARN later": but({path: [READERS, UNKNOWN]}),
        },
    )
    for type_, path in ATTACHMENT.items()
]
BY_NAME = [
    Case(
        rule="IA-16",
        type=type_,
        compliant=Situation(inputs={path: [{"name": "readers", "path": "/plinth/"}]}),
        optional=frozenset({path, f"{path}.0", f"{path}.0.name", f"{path}.0.path"}),
        refused={
            "attaches a boundary": but({path: [CEILING]}),
            "attaches a boundary in addition to a policy": but({path: [{"name": "readers"}, CEILING]}),
        },
    )
    for type_, path in BY_NAME_TYPES.items()
]

ATTACHING = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
POLICY = Member(type="aws:iam/policy:Policy", inputs={**CEILING, "arn": BOUNDARY})
LIMITED = Member(type="aws:iam/role:Role", inputs={"permissionsBoundary": BOUNDARY})


def attachment(arn: object = READERS, **sources: str) -> Member:
    return Member(type=ATTACHING, inputs={"policyArn": arn}, sources=sources)


def stack_case(what: str, members: dict[str, Member], *refused: str, **declared: Any) -> StackCase:
    return StackCase(
        rule="IA-16",
        type="aws:iam/policy:Policy",
        what=what,
        members=members,
        refused=frozenset(refused),
        context=stack_context(**declared),
    )


STACK_CASES = [
    stack_case("a boundary that limits a role", {"policy": POLICY, "role": LIMITED, "other": attachment()}),
    stack_case("a boundary that is attached", {"policy": POLICY, "role": LIMITED, "it": attachment(BOUNDARY)}, "it"),
    stack_case(
        "a boundary with an unknown ARN that is attached",
        {
            "policy": Member(type="aws:iam/policy:Policy", inputs=CEILING),
            "role": Member(
                type="aws:iam/role:Role",
                inputs={"permissionsBoundary": UNKNOWN},
                sources={"permissionsBoundary": "policy"},
            ),
            "it": attachment(UNKNOWN, policyArn="policy"),
        },
        "it",
    ),
    stack_case(
        "a boundary that a role has as a policy",
        {
            "policy": POLICY,
            "role": LIMITED,
            "it": Member(type="aws:iam/role:Role", inputs={"managedPolicyArns": [BOUNDARY]}),
        },
        "it",
    ),
    stack_case(
        "a boundary that limits no role", {"policy": POLICY, "role": Member(type="aws:iam/role:Role")}, "policy"
    ),
    stack_case("a boundary that limits roles of other stacks", {"policy": POLICY}, kind="tooling"),
    stack_case(
        "a boundary of a durable account that is attached",
        {"policy": POLICY, "it": attachment(BOUNDARY)},
        "it",
        kind="tooling",
    ),
    stack_case(
        "another policy that is attached",
        {"policy": Member(type="aws:iam/policy:Policy", inputs={"arn": READERS}), "it": attachment()},
    ),
    stack_case(
        "a policy with the name of a boundary in another path",
        {
            "policy": Member(type="aws:iam/policy:Policy", inputs={**CEILING, "path": "/", "arn": READERS}),
            "it": attachment(),
        },
    ),
    stack_case(
        "a policy in the path of boundaries with another name",
        {
            "policy": Member(type="aws:iam/policy:Policy", inputs={**CEILING, "name": "boundary-x", "arn": READERS}),
            "it": attachment(),
        },
    ),
]

CASES = [*BY_ARN, *BY_NAME]
