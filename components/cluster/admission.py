"""Admission policies of the Kubernetes API, which limit requests beside the permissions that RBAC grants."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.admissionregistration.v1 import (
    MatchConditionArgs,
    MatchResourcesArgs,
    NamedRuleWithOperationsArgs,
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


def of_group(group: str, members: str) -> MatchConditionArgs:
    """Returns the condition that a member of a Kubernetes group sends the request. A word for the members names it."""
    return MatchConditionArgs(name=members, expression=f"'{group}' in request.userInfo.groups")


def of_account(namespace: str, account: str) -> MatchConditionArgs:
    """Returns the condition that a service account of a namespace sends the request."""
    user = f"system:serviceaccount:{namespace}:{account}"
    return MatchConditionArgs(name="account", expression=f"request.userInfo.username == '{user}'")


def requests_in(namespace: pulumi.Input[str], *rules: NamedRuleWithOperationsArgs) -> MatchResourcesArgs:
    """Returns the requests for objects of one namespace that meet one of the rules."""
    labels = pulumi.Output.from_input(namespace).apply(lambda name: {NAMESPACE_LABEL: name})
    return MatchResourcesArgs(
        namespace_selector=LabelSelectorArgs(match_labels=labels),
        resource_rules=list(rules),
    )


def operations(group: str, resource: str, *names: str) -> NamedRuleWithOperationsArgs:
    """Returns the rule of requests, such as ``CREATE``, for objects of the first version of an API group."""
    return NamedRuleWithOperationsArgs(
        api_groups=[group], api_versions=["v1"], operations=list(names), resources=[resource], scope="Namespaced"
    )


def rule(group: str, resources: Sequence[str], verbs: Sequence[str]) -> PolicyRuleArgs:
    """Returns the permission for these verbs on resources of one API group."""
    return PolicyRuleArgs(api_groups=[group], resources=list(resources), verbs=list(verbs))


def outside_kubernetes() -> LabelSelectorArgs:
    """Returns a selector of every namespace but those of Kubernetes. It selects ``default``, which people use."""
    own = sorted(SHARED_NAMESPACES - {"default"})
    requirement = LabelSelectorRequirementArgs(key=NAMESPACE_LABEL, operator="NotIn", values=own)
    return LabelSelectorArgs(match_expressions=[requirement])
