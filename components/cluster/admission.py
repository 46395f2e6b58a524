"""Admission policies of the Kubernetes API, which limit requests beside the permissions that RBAC grants."""

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
    VariableArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, LabelSelectorRequirementArgs, ObjectMetaArgs
from pulumi_kubernetes.rbac.v1 import PolicyRuleArgs

from settings.types.grammar import SHARED_NAMESPACES

RBAC = "rbac.authorization.k8s.io"
"""API group of roles and bindings."""
NAMESPACE_LABEL = "kubernetes.io/metadata.name"
"""Label that Kubernetes sets on each namespace and protects."""


def enforce(
    name: str,
    policy_name: str,
    *,
    constraints: MatchResourcesArgs,
    validations: Sequence[ValidationArgs],
    conditions: Sequence[MatchConditionArgs] | None = None,
    variables: Sequence[VariableArgs] | None = None,
    parent: pulumi.Resource,
) -> kubernetes.admissionregistration.v1.ValidatingAdmissionPolicyBinding:
    """Creates an admission policy and the binding that denies what it does not admit. Returns the binding.

    A request is refused too if the policy cannot be evaluated.

    Args:
        name: Beginning of the logical names.
        policy_name: Name of the policy and of its binding in the cluster.
        constraints: Requests about which the policy decides.
        validations: What each of these requests has to be.
        conditions: Conditions that a request has to meet before it is judged. None: each is judged.
        variables: Expressions that the validations name.
        parent: Component that has the policy.
    """
    policy = kubernetes.admissionregistration.v1.ValidatingAdmissionPolicy(
        name,
        metadata=ObjectMetaArgs(name=policy_name),
        spec=ValidatingAdmissionPolicySpecArgs(
            failure_policy="Fail",
            match_constraints=constraints,
            match_conditions=conditions,
            variables=variables,
            validations=validations,
        ),
        opts=pulumi.ResourceOptions(parent=parent),
    )
    return kubernetes.admissionregistration.v1.ValidatingAdmissionPolicyBinding(
        f"{name}-binding",
        metadata=ObjectMetaArgs(name=policy_name),
        spec=ValidatingAdmissionPolicyBindingSpecArgs(policy_name=policy_name, validation_actions=["Deny"]),
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[policy]),
    )


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
    return enforce(
        f"{name}-limit",
        group,
        constraints=constraints,
        validations=validations,
        conditions=[MatchConditionArgs(name=members, expression=f"'{group}' in request.userInfo.groups")],
        parent=parent,
    )


def limit_account(
    name: str,
    namespace: str,
    account: str,
    *,
    policy_name: str,
    constraints: MatchResourcesArgs,
    validations: Sequence[ValidationArgs],
    parent: pulumi.Resource,
) -> pulumi.CustomResource:
    """Creates an admission policy about the requests of a service account, and enforces it. Returns the binding.

    Args:
        name: Beginning of the logical names.
        namespace: Namespace of the service account.
        account: Name of the service account.
        policy_name: Name of the policy and of its binding in the cluster.
        constraints: Requests about which the policy decides.
        validations: What each of these requests has to be.
        parent: Component that has the policy.
    """
    user = f"request.userInfo.username == 'system:serviceaccount:{namespace}:{account}'"
    return enforce(
        name,
        policy_name,
        constraints=constraints,
        validations=validations,
        conditions=[MatchConditionArgs(name="account", expression=user)],
        parent=parent,
    )


def rule(group: str, resources: Sequence[str], verbs: Sequence[str]) -> PolicyRuleArgs:
    """Returns the permission for these verbs on resources of one API group."""
    return PolicyRuleArgs(api_groups=[group], resources=list(resources), verbs=list(verbs))


def outside_kubernetes() -> LabelSelectorArgs:
    """Returns a selector of every namespace but those of Kubernetes. It selects ``default``, which people use."""
    own = sorted(SHARED_NAMESPACES - {"default"})
    requirement = LabelSelectorRequirementArgs(key=NAMESPACE_LABEL, operator="NotIn", values=own)
    return LabelSelectorArgs(match_expressions=[requirement])
