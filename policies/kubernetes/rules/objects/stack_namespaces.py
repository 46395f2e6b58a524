"""Rules about namespaces: each enforces pod security, denies traffic by default, and limits what it uses."""

from __future__ import annotations

from collections.abc import Iterator

from policies.evaluation.readers import UNKNOWN, Unknown, is_missing
from policies.evaluation.resource import Resource
from policies.evaluation.rule import CheckResult, Rule, StackCheck, Violation, for_each, violation
from policies.evaluation.stack import Stack
from policies.kubernetes.inputs.manifests import LIMIT_RANGE, NAMESPACE, NETWORK_POLICY, QUOTA, namespace_of

ENFORCED = "pod-security.kubernetes.io/enforce"
RESTRICTED = "restricted"
_DIRECTIONS = frozenset({"Egress", "Ingress"})


def enforces_pod_security(resource: Resource) -> Violation | None:
    if resource.properties.text("metadata", "labels", ENFORCED) in (RESTRICTED, UNKNOWN):
        return None
    return violation(f"admits pods with privileges (metadata.labels, {ENFORCED})", fix=f"set it to {RESTRICTED}")


def namespaces_are_guarded(stack: Stack) -> Iterator[CheckResult]:
    """Checks that each namespace has its guards in the same stack. A guard counts if it names the namespace, or if its
    namespace is unknown and made from it."""
    for namespace in stack.of(NAMESPACE):
        missing = [
            *([] if any(map(_denies_all_traffic, _inside(stack, NETWORK_POLICY, namespace))) else ["NetworkPolicy"]),
            *([] if any(map(_has_limits, _inside(stack, QUOTA, namespace))) else ["ResourceQuota"]),
            *([] if any(map(_has_limits, _inside(stack, LIMIT_RANGE, namespace))) else ["LimitRange"]),
        ]
        if missing:
            yield (
                namespace,
                violation(
                    f"has no {', '.join(missing)} that guards all its pods",
                    fix="create them in this stack: a NetworkPolicy with an empty podSelector, the policyTypes Ingress "
                    "and Egress and no rules, a ResourceQuota with spec.hard, and a LimitRange with spec.limits",
                ),
            )


def _inside(stack: Stack, types: tuple[str, ...], namespace: Resource) -> list[Resource]:
    name = namespace.properties.text("metadata", "name")
    return [guard for guard in stack.of(types) if _names(guard, name) or _is_made_from(guard, namespace)]


def _names(guard: Resource, name: str | Unknown | None) -> bool:
    return isinstance(name, str) and namespace_of(guard) == name


def _is_made_from(guard: Resource, namespace: Resource) -> bool:
    return namespace_of(guard) is UNKNOWN and namespace.urn in guard.sources.get("metadata", ())


def _denies_all_traffic(policy: Resource) -> bool:
    """Whether a policy selects every pod and allows nothing. Allowed traffic belongs in policies of its own."""
    spec = policy.properties
    types = spec.items("spec", "policyTypes")
    return (
        spec.value("spec", "podSelector") in ({}, UNKNOWN)
        and (isinstance(types, Unknown) or set(types or ()) >= _DIRECTIONS)
        and all(spec.value("spec", direction) in (None, [], UNKNOWN) for direction in ("egress", "ingress"))
    )


def _has_limits(guard: Resource) -> bool:
    return any(not is_missing(guard.properties.value("spec", name)) for name in ("hard", "limits"))


RULES = (
    Rule(
        id="KU-10",
        title="Namespaces enforce pod security, deny traffic by default and have limits",
        severity="high",
        sources=(
            "Kubernetes Pod Security Admission",
            "CIS EKS 1.7 4.2.1",
            "CIS EKS 1.7 4.3.2",
            "CIS EKS 1.7 5.4.4",
        ),
        remedy="Label each namespace with the level restricted. In the same stack, create a NetworkPolicy that denies "
        "all traffic of its pods, a ResourceQuota and a LimitRange. Network policies need a cluster that enforces "
        "them, such as EKS Auto Mode with its network policy controller enabled.",
        checks=for_each(NAMESPACE, enforces_pod_security),
        stack_checks=(StackCheck((*NAMESPACE, *NETWORK_POLICY, *QUOTA, *LIMIT_RANGE), namespaces_are_guarded),),
    ),
)
