"""Groups of Kubernetes whose requests an admission policy limits, beside the permissions that RBAC grants them."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.admissionregistration.v1 import (
    MatchConditionArgs,
    MatchResourcesArgs,
    ValidatingAdmissionPolicyBindingSpecArgs,
    ValidatingAdmissionPolicySpecArgs,
    ValidationArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, LabelSelectorRequirementArgs, ObjectMetaArgs
from pulumi_kubernetes.rbac.v1 import PolicyRuleArgs

RBAC = "rbac.authorization.k8s.io"
"""API group of roles and bindings."""
NAMESPACE_LABEL = "kubernetes.io/metadata.name"
"""Label that Kubernetes sets on each namespace and protects."""


def limit_group(
    name: str,
    group: str,
    *,
    members: str,
    constraints: MatchResourcesArgs,
    validations: Sequence[ValidationArgs],
    parent: pulumi.Resource,
) -> pulumi.CustomResource:
    """Creates an admission policy about the requests of a group, and enforces it. Returns the binding.

    Args:
        name: Beginning of the logical names.
        group: Kubernetes group. Policy and binding have its name.
        members: Word for the members, which names the condition.
        constraints: Requests about which the policy decides.
        validations: What each of these requests has to be.
        parent: Component that has the policy.
    """
    policy = kubernetes.admissionregistration.v1.ValidatingAdmissionPolicy(
        f"{name}-limit",
        metadata=ObjectMetaArgs(name=group),
        spec=ValidatingAdmissionPolicySpecArgs(
            failure_policy="Fail",
            match_constraints=constraints,
            match_conditions=[MatchConditionArgs(name=members, expression=f"'{group}' in request.userInfo.groups")],
            validations=validations,
        ),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return kubernetes.admissionregistration.v1.ValidatingAdmissionPolicyBinding(
        f"{name}-limit-binding",
        metadata=ObjectMetaArgs(name=group),
        spec=ValidatingAdmissionPolicyBindingSpecArgs(policy_name=group, validation_actions=["Deny"]),
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[policy]),
    )


def rule(group: str, resources: Sequence[str], verbs: Sequence[str]) -> PolicyRuleArgs:
    """Returns the permission for these verbs on resources of one API group."""
    return PolicyRuleArgs(api_groups=[group], resources=list(resources), verbs=list(verbs))


def outside(namespaces: Sequence[str]) -> LabelSelectorArgs:
    """Returns a selector of every namespace but some."""
    requirement = LabelSelectorRequirementArgs(key=NAMESPACE_LABEL, operator="NotIn", values=list(namespaces))
    return LabelSelectorArgs(match_expressions=[requirement])
