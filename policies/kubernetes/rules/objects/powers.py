"""The rule about the powers of roles and their bindings: nobody becomes somebody else by a permission."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from policies.evaluation.readers import UNKNOWN, Properties
from policies.evaluation.resource import Resource
from policies.evaluation.rule import CheckResult, Rule, StackCheck, Violation, first, for_each, violation
from policies.evaluation.stack import Stack
from policies.kubernetes.inputs.manifests import (
    ADMISSION_BINDING,
    ADMISSION_POLICY,
    CLUSTER_ROLE,
    CLUSTER_ROLE_BINDING,
    ROLE,
    ROLE_BINDING,
    namespace_of,
)
from policies.kubernetes.inputs.pods import blocks_in
from policies.kubernetes.inputs.powers import BUILT_IN, POWERS, Power, Request, gives_power, operation_of

SYSTEM = "system:"
_LABEL = "kubernetes.io/metadata.name"
"""Label that Kubernetes sets on each namespace and protects."""
_ACCOUNT = "system:serviceaccount:"
"""Prefix of the users of service accounts. No group of a role begins with ``system:`` (KU-07)."""
_NARROWING = ("excludeResourceRules", "objectSelector")
_GROUP = re.compile(r"'([^'\\]+)' in request\.userInfo\.groups")
"""Expression that is true for the members of a group (Kubernetes documentation, "Validating Admission Policy")."""
_USER = re.compile(r"request\.userInfo\.username == '([^'\\]+)'")
"""Expression that is true for a user, such as a service account."""


def gives_no_power_that_nothing_limits(resource: Resource) -> Violation | None:
    return first(_refused(place, power) for place, power, _ in _powers(resource) if not power.is_limitable)


def binds_no_built_in_role(resource: Resource) -> Violation | None:
    name = resource.properties.text("roleRef", "name")
    if isinstance(name, str) and (name in BUILT_IN or name.startswith(SYSTEM)):
        return violation(
            "grants a built-in role, which may read secrets or run pods (roleRef.name)",
            fix="bind a role that names what it allows",
        )
    return None


def powers_are_limited(stack: Stack) -> Iterator[CheckResult]:
    """Checks that each role with powers is bound only to groups and service accounts about whose requests an admission
    policy decides."""
    limits = list(_limits(stack))
    for role in stack.of((*ROLE, *CLUSTER_ROLE)):
        holders = _holders(stack, role)
        for place, power, request in _powers(role):
            if power.is_limitable and not (
                holders and all(_is_limited(holder, role, request, limits) for holder in holders)
            ):
                yield role, _refused(place, power)
                break


def _refused(place: str, power: Power) -> Violation:
    return violation(
        f"may {power.gives} ({place})",
        fix="remove it"
        + (
            ", or bind the role in this stack to a group or a service account whose requests an admission policy of "
            "this stack limits"
            if power.is_limitable
            else ""
        ),
    )


def _powers(role: Resource) -> Iterator[tuple[str, Power, Request]]:
    """Yields the place of each rule with a power, the power, and the permission that gives it."""
    for place, rule in blocks_in(role.properties, "rules"):
        groups, resources, verbs = (_words(rule, name) for name in ("apiGroups", "resources", "verbs"))
        for power, *request in product(POWERS, groups, resources, verbs):
            permission = Request(*request)
            if gives_power(power, permission):
                yield place, power, permission


def _words(properties: Properties, *path: str) -> list[str]:
    items = properties.items(*path)
    return [item for item in items if isinstance(item, str)] if isinstance(items, list) else []


def _holders(stack: Stack, role: Resource) -> list[str | None]:
    """Returns the groups and the users of the service accounts to which a role is bound. None stands for anybody else,
    and for whom nobody knows."""
    name, kind = role.properties.text("metadata", "name"), role.type.rpartition(":")[2]
    bound: list[str | None] = []
    for binding in stack.of((*ROLE_BINDING, *CLUSTER_ROLE_BINDING)):
        ref = binding.properties
        if ref.text("roleRef", "kind") not in (kind, UNKNOWN) or ref.text("roleRef", "name") not in (name, UNKNOWN):
            continue
        bound += [_holder(subject) for _, subject in blocks_in(ref, "subjects")]
    return bound


def _holder(subject: Properties) -> str | None:
    kind, name, namespace = (subject.text(path) for path in ("kind", "name", "namespace"))
    if kind == "Group" and isinstance(name, str):
        return name
    if kind == "ServiceAccount" and isinstance(name, str) and isinstance(namespace, str):
        return f"{_ACCOUNT}{namespace}:{name}"
    return None


def _limits(stack: Stack) -> Iterator[tuple[str, Resource]]:
    """Yields each admission policy that denies, with the group or the user about whose requests it decides. A second
    condition, or a selector of objects, would leave requests undecided."""
    denying = {
        binding.properties.text("spec", "policyName")
        for binding in stack.of(ADMISSION_BINDING)
        if "Deny" in _words(binding.properties, "spec", "validationActions")
    }
    for policy in stack.of(ADMISSION_POLICY):
        properties = policy.properties
        conditions = [
            str(condition.text("expression")) for _, condition in blocks_in(properties, "spec", "matchConditions")
        ]
        named = _GROUP.fullmatch(conditions[0]) or _USER.fullmatch(conditions[0]) if len(conditions) == 1 else None
        leaves_out = any(properties.value("spec", "matchConstraints", name) for name in _NARROWING)
        if named and not leaves_out and properties.text("metadata", "name") in denying:
            yield named[1], policy


def _is_limited(holder: str | None, role: Resource, request: Request, limits: Sequence[tuple[str, Resource]]) -> bool:
    return any(holder == about and _decides(policy, role, request) for about, policy in limits)


def _decides(policy: Resource, role: Resource, request: Request) -> bool:
    """Whether an admission policy is asked about a request with a permission of a role."""
    rules = blocks_in(policy.properties, "spec", "matchConstraints", "resourceRules")
    return _is_about_the_namespace_of(role, policy) and any(
        {request.group, "*"} & set(_words(rule, "apiGroups"))
        and _selectors(request.resource) & set(_words(rule, "resources"))
        and {operation_of(request), "*"} & set(_words(rule, "operations"))
        for _, rule in rules
        if operation_of(request) is not None
    )


def _selectors(resource: str) -> set[str]:
    """Returns the selectors of an admission policy that include a resource. ``*`` includes no subresource (Kubernetes
    API reference, "NamedRuleWithOperations")."""
    kind, _, part = resource.partition("/")
    return {resource, "*/*", f"{kind}/*", f"*/{part}"} if part else {resource, "*", "*/*"}


def _is_about_the_namespace_of(role: Resource, policy: Resource) -> bool:
    """Whether a policy is about all namespaces, or about that of a role. A cluster role is for all."""
    selector = policy.properties.value("spec", "matchConstraints", "namespaceSelector")
    if not isinstance(selector, Mapping) or not selector:
        return True
    labels = selector.get("matchLabels")
    if role.type not in ROLE or set(selector) != {"matchLabels"}:
        return False
    expected = namespace_of(role)
    return labels is UNKNOWN or expected is UNKNOWN or labels in ({_LABEL: expected}, {_LABEL: UNKNOWN})


RULES = (
    Rule(
        id="KU-18",
        title="No permission in a cluster makes its holder somebody else",
        severity="critical",
        sources=(
            "Kubernetes documentation, Role Based Access Control Good Practices",
            "CIS EKS 1.7 4.1.1",
            "CIS EKS 1.7 4.1.2",
            "CIS EKS 1.7 4.1.4",
            "CIS EKS 1.7 4.1.8",
        ),
        remedy="Grant no role that reads secrets, gets tokens or changes what the API admits. Bind no built-in role "
        "but view; cluster-admin comes from an access entry only. A role that creates workloads or enters pods is "
        "bound to groups and service accounts whose requests an admission policy of the same stack limits.",
        checks=for_each((*ROLE, *CLUSTER_ROLE), gives_no_power_that_nothing_limits)
        | for_each((*ROLE_BINDING, *CLUSTER_ROLE_BINDING), binds_no_built_in_role),
        stack_checks=(
            StackCheck(
                (*ROLE, *CLUSTER_ROLE, *ROLE_BINDING, *CLUSTER_ROLE_BINDING, *ADMISSION_POLICY, *ADMISSION_BINDING),
                powers_are_limited,
            ),
        ),
    ),
)
