"""The rule about permissions boundaries: they limit roles and are attached to nothing."""

from __future__ import annotations

from collections.abc import Iterator

from policies.evaluation.policy_attachments import (
    BOUNDARY_SUFFIX,
    MANAGED_POLICY,
    PLATFORM_PATH,
    ROLE,
    is_boundary,
)
from policies.evaluation.resource import Resource
from policies.evaluation.rule import CheckResult, Rule, StackCheck, Violation, for_each, violation
from policies.evaluation.stack import Stack
from policies.security.rules.identity.permissions import ATTACHMENT

BY_NAME = {
    "aws:ssoadmin/customerManagedPolicyAttachment:CustomerManagedPolicyAttachment": "customerManagedPolicyReference",
    "aws:ssoadmin/customerManagedPolicyAttachmentsExclusive:CustomerManagedPolicyAttachmentsExclusive": (
        "customerManagedPolicyReferences"
    ),
}
"""Property that attaches policies of each account to a permission set by their names, by type."""

_ATTACHED = violation("attaches a permissions boundary", fix="attach a policy that lists what the task needs")


def attaches_no_boundary(resource: Resource) -> Violation | None:
    attached = resource.properties.items(ATTACHMENT[resource.type])
    named = attached if isinstance(attached, list) else []
    return _ATTACHED if any(map(_is_of_a_boundary, named)) else None


def _is_of_a_boundary(arn: object) -> bool:
    return f":policy{PLATFORM_PATH}" in str(arn) and str(arn).endswith(BOUNDARY_SUFFIX)


def attaches_no_boundary_by_name(resource: Resource) -> Violation | None:
    named = [policy.text("name") for policy in resource.properties.blocks(BY_NAME[resource.type])]
    return _ATTACHED if any(str(name).endswith(BOUNDARY_SUFFIX) for name in named) else None


def boundaries_limit_roles(stack: Stack) -> Iterator[CheckResult]:
    """Checks that nothing attaches a boundary of the stack, and that each limits a role. The boundary of a durable
    account may limit roles of other stacks only, which are deployed later.

    In a first preview, the ARNs of boundaries are unknown, so an attachment counts by its dependency.
    """
    for boundary in filter(is_boundary, stack.of(MANAGED_POLICY)):
        for type_, key in ATTACHMENT.items():
            for attachment in stack.referring((type_,), key, boundary):
                yield attachment, _ATTACHED
        if not stack.context.is_durable and not stack.referring(ROLE, "permissionsBoundary", boundary):
            yield boundary, violation("limits no role", fix="set it as the permissionsBoundary of a role of this stack")


RULES = (
    Rule(
        id="IA-16",
        title="Permissions boundaries limit roles and are attached to nothing",
        severity="critical",
        sources=("IAM User Guide, permissions boundaries for IAM entities",),
        remedy=f"Only boundaries have the path {PLATFORM_PATH} and a name that ends in {BOUNDARY_SUFFIX}. They are "
        "exempt from rules about granted permissions, so no principal may have one as a policy. Outside durable "
        "accounts, a role of the same stack has it as its boundary.",
        checks=for_each(tuple(ATTACHMENT), attaches_no_boundary)
        | for_each(tuple(BY_NAME), attaches_no_boundary_by_name),
        stack_checks=(StackCheck((*MANAGED_POLICY, *ATTACHMENT), boundaries_limit_roles),),
    ),
)
