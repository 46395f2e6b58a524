"""The rule about admission policies: they deny, and they deny too if they cannot be evaluated."""

from __future__ import annotations

from policies.evaluation.readers import UNKNOWN, Unknown
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, for_each, violation
from policies.kubernetes.inputs.manifests import ADMISSION_BINDING, ADMISSION_POLICY

_FAIL, _DENY = "Fail", "Deny"


def fails_closed(resource: Resource) -> Violation | None:
    if resource.properties.text("spec", "failurePolicy") in (None, _FAIL, UNKNOWN):
        return None
    return violation(
        "admits what it cannot evaluate (spec.failurePolicy)", fix=f"set it to {_FAIL}, which is the default"
    )


def denies(resource: Resource) -> Violation | None:
    actions = resource.properties.items("spec", "validationActions")
    if isinstance(actions, Unknown) or {_DENY, UNKNOWN} & set(actions or ()):
        return None
    return violation("reports violations and admits them (spec.validationActions)", fix=f"list {_DENY}")


RULES = (
    Rule(
        id="KU-12",
        title="Admission policies deny, and fail closed",
        severity="high",
        sources=("Kubernetes documentation, Validating Admission Policy",),
        remedy="Bind each validating admission policy with the action Deny, and leave failurePolicy at Fail.",
        checks=for_each(ADMISSION_POLICY, fails_closed) | for_each(ADMISSION_BINDING, denies),
    ),
)
