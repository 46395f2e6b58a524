"""The rule about Secrets of Kubernetes: their values would be in the state."""

from __future__ import annotations

from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, for_each, violation
from policies.kubernetes.inputs.manifests import SECRET


def is_kept_elsewhere(_subject: Resource) -> Violation | None:
    return violation(
        "puts a secret into the state", fix="keep it in Secrets Manager, and let the pod read it with its Pod Identity"
    )


RULES = (
    Rule(
        id="KU-09",
        title="Secrets are not stored in manifests",
        severity="critical",
        sources=("CIS EKS 1.7 4.4.2",),
        remedy="Keep secrets in Secrets Manager, and let pods read them with Pod Identity. Create no Secret, because "
        "its value would be in the state, and one of the type service-account-token never expires. SE-02 finds secrets "
        "in environments and in ConfigMaps.",
        checks=for_each(SECRET, is_kept_elsewhere),
    ),
)
