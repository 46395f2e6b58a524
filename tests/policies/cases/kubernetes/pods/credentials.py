"""Cases of policies/kubernetes/rules/pods/credentials.py."""

from __future__ import annotations

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import ABSENT, Case, Situation, but
from tests.policies.cases.kubernetes.workloads import workloads

API, AUDIENCE = "https://kubernetes.default.svc", "sts.amazonaws.com"
SOURCE = "volumes.0.projected.sources.0"
TOKEN = f"{SOURCE}.serviceAccountToken"
POD = {
    "serviceAccountName": "runner",
    "automountServiceAccountToken": False,
    "volumes": [
        {
            "name": "token",
            "projected": {
                "sources": [
                    {"serviceAccountToken": {"audience": AUDIENCE, "expirationSeconds": 3600, "path": "token"}},
                    {"configMap": {"name": "settings"}},
                ]
            },
        }
    ],
}
PODS = workloads(
    "KU-06",
    POD,
    optional=(
        "volumes", "volumes.0", "volumes.0.name", "volumes.0.projected", "volumes.0.projected.sources", SOURCE, TOKEN,
        f"{TOKEN}.path", "volumes.0.projected.sources.1", "volumes.0.projected.sources.1.configMap",
        "volumes.0.projected.sources.1.configMap.name",
    ),
    refused={
        "uses the default account": {"serviceAccountName": "default"},
        "names an empty account": {"serviceAccountName": ""},
        "mounts a token": {"automountServiceAccountToken": True},
        "projects a token for no audience": {f"{TOKEN}.audience": ""},
        **{
            f"projects a token for {audience}": {f"{TOKEN}.audience": audience}
            for audience in ("https://oidc.eks.eu-west-1.amazonaws.com/id/A", "vault")
        },
        "projects a token of two days": {f"{TOKEN}.expirationSeconds": 172800},
        "projects a token for the API of two hours": {f"{TOKEN}.audience": API, f"{TOKEN}.expirationSeconds": 7200},
        "projects a second token for no audience": {
            "volumes.0.projected.sources.1": {"serviceAccountToken": {"expirationSeconds": 600}}
        },
    },
    accepted={
        "projects a token for the API": {f"{TOKEN}.audience": API},
        "projects a token for Pod Identity": {f"{TOKEN}.audience": "pods.eks.amazonaws.com"},
        "projects a token for an unknown audience": {f"{TOKEN}.audience": UNKNOWN},
        "projects a token of a day": {f"{TOKEN}.expirationSeconds": 86400},
        "projects a token of an unknown time": {f"{TOKEN}.expirationSeconds": UNKNOWN},
        "has no volumes": {"volumes": ABSENT},
    },
)  # fmt: skip
ACCOUNTS = [
    Case(
        rule="KU-06",
        type=type_,
        compliant=Situation(inputs={"automountServiceAccountToken": False}),
        refused={"mounts a token": but({"automountServiceAccountToken": True})},
    )
    for type_ in ("kubernetes:core/v1:ServiceAccount",)
]
CASES = [*PODS, *ACCOUNTS]
