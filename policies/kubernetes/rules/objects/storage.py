"""The rule about storage classes: every volume that they create is encrypted."""

from __future__ import annotations

from policies.evaluation.readers import UNKNOWN
from policies.evaluation.resource import Resource
from policies.evaluation.rule import Rule, Violation, for_each, violation
from policies.kubernetes.inputs.manifests import STORAGE_CLASS

_DRIVERS = ("ebs.csi.eks.amazonaws.com", "ebs.csi.aws.com")
"""CSI drivers of EBS: that of EKS Auto Mode, and the add-on."""


def encrypts_volumes(resource: Resource) -> Violation | None:
    properties = resource.properties
    if properties.text("provisioner") not in (*_DRIVERS, UNKNOWN):
        return violation(
            "creates volumes with a driver whose encryption is not known (provisioner)", fix=f"use {_DRIVERS[0]}"
        )
    if properties.text("parameters", "encrypted") in ("true", UNKNOWN):
        return None
    return violation("creates volumes without encryption (parameters.encrypted)", fix='set it to "true"')


RULES = (
    Rule(
        id="KU-13",
        title="Storage classes encrypt their volumes",
        severity="high",
        sources=("CKV_AWS_3", "FSBP EC2.3", "EKS User Guide, create a storage class"),
        remedy='Use a CSI driver of EBS with the parameter encrypted: "true".',
        checks=for_each(STORAGE_CLASS, encrypts_volumes),
    ),
)
