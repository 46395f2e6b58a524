"""Cases of policies/kubernetes/rules/objects/claims.py."""

from __future__ import annotations

from tests.policies.case import Case, Change, Situation, but
from tests.policies.cases.kubernetes.workloads import workloads

SPEC = {"storageClassName": "encrypted", "resources": {"requests": {"storage": "1Gi"}}}
OF_OTHERS = {
    "reads another claim": {"dataSource": {"kind": "PersistentVolumeClaim", "name": "others"}},
    "reads a snapshot": {"dataSourceRef": {"kind": "VolumeSnapshot", "name": "others"}},
    "selects a volume": {"selector": {"matchLabels": {"team": "fraud"}}},
    "names a volume": {"volumeName": "pv-1"},
    "takes any volume": {"storageClassName": ""},
}
TEMPLATE = "volumes.0.ephemeral.volumeClaimTemplate.spec"
EPHEMERAL = workloads(
    "KU-17",
    {"volumes": [{"name": "work", "ephemeral": {"volumeClaimTemplate": {"spec": SPEC}}}]},
    optional=(
        "", "volumes", "volumes.0", "volumes.0.name", "volumes.0.ephemeral", "volumes.0.ephemeral.volumeClaimTemplate",
        TEMPLATE, f"{TEMPLATE}.storageClassName", f"{TEMPLATE}.resources", f"{TEMPLATE}.resources.requests",
        f"{TEMPLATE}.resources.requests.storage",
    ),
    refused={
        what: {f"{TEMPLATE}.{name}": value for name, value in changes.items()} for what, changes in OF_OTHERS.items()
    },
    accepted={"has a volume that is no claim": {"volumes.0": {"name": "work", "emptyDir": {}}}},
)  # fmt: skip


def claims(type_: str, inputs: dict[str, object], place: str, *optional: str) -> Case:
    """Returns the cases of a resource with the specification of a claim at a place."""
    parts = ("", ".storageClassName", ".resources", ".resources.requests", ".resources.requests.storage")
    refused: dict[str, Change] = {
        what: but({f"{place}.{name}": value for name, value in changes.items()}) for what, changes in OF_OTHERS.items()
    }
    return Case(
        rule="KU-17",
        type=type_,
        compliant=Situation(inputs=inputs),
        optional=frozenset({*optional, *(place + part for part in parts)}),
        refused=refused,
    )


TEMPLATES = "spec.volumeClaimTemplates"
CASES = [
    *EPHEMERAL,
    claims("kubernetes:core/v1:PersistentVolumeClaim", {"spec": SPEC}, "spec"),
    claims(
        "kubernetes:apps/v1:StatefulSet",
        {"spec": {"volumeClaimTemplates": [{"spec": SPEC}]}},
        f"{TEMPLATES}.0.spec",
        "spec",
        TEMPLATES,
        f"{TEMPLATES}.0",
    ),
]
