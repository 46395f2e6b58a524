"""Cases of policies/kubernetes/rules/objects/admission.py."""

from __future__ import annotations

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import Case, Situation, but

CASES = [
    *(
        Case(
            rule="KU-12",
            type=type_,
            compliant=Situation(inputs={"spec": {"failurePolicy": "Fail"}}),
            optional=frozenset({"spec", "spec.failurePolicy"}),
            refused={"admits what it cannot evaluate": but({"spec.failurePolicy": "Ignore"})},
        )
        for type_ in ("kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy",)
    ),
    *(
        Case(
            rule="KU-12",
            type=type_,
            compliant=Situation(inputs={"spec": {"validationActions": ["Deny"]}}),
            refused={
                "only warns": but({"spec.validationActions": ["Warn", "Audit"]}),
                "does nothing": but({"spec.validationActions": []}),
            },
            accepted={
                "denies and writes an audit record": but({"spec.validationActions": ["Audit", "Deny"]}),
                "does something unknown": but({"spec.validationActions": [UNKNOWN]}),
            },
        )
        for type_ in ("kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicyBinding",)
    ),
]
