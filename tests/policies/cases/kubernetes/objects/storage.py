"""Cases of policies/kubernetes/rules/objects/storage.py."""

from __future__ import annotations

from tests.policies.case import Case, Situation, but

CASES = [
    Case(
        rule="KU-13",
        type=type_,
        compliant=Situation(
            inputs={"provisioner": "ebs.csi.eks.amazonaws.com", "parameters": {"type": "gp3", "encrypted": "true"}}
        ),
        optional=frozenset({"parameters.type"}),
        refused={
            "does not encrypt": but({"parameters.encrypted": "false"}),
            "has another driver": but({"provisioner": "efs.csi.aws.com"}),
        },
        accepted={"uses the driver of the add-on": but({"provisioner": "ebs.csi.aws.com"})},
    )
    for type_ in ("kubernetes:storage.k8s.io/v1:StorageClass",)
]
