"""Cases of policies/kubernetes/rules/objects/configuration.py."""

from __future__ import annotations

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import Case, Prohibition, Situation, but
from tests.policies.cases.kubernetes.workloads import workloads

URL = "postgres://scoring:hunter2@db.acme.example/scores"
ARN = "arn:aws:secretsmanager:eu-west-1:111111111111:secret:scoring"
ENV = [{"name": "TEAM", "value": "fraud"}, {"name": "DB_PASSWORD_ARN", "value": ARN}]
FROM_A_SECRET = {"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "database", "key": "password"}}}
PODS = workloads(
    "KU-09",
    {"containers": [{"env": ENV}]},
    optional=(
        "", "containers", "containers.0", "containers.0.env",
        *(f"containers.0.env.{index}{path}" for index in (0, 1) for path in ("", ".name", ".value")),
    ),
    refused={
        **{
            f"contains a password in {name}": {name: [{"env": [*ENV, {"name": "DATABASE", "value": URL}]}]}
            for name in ("containers", "initContainers", "ephemeralContainers")
        },
        "contains what is named a password": {"containers.0.env.0": {"name": "DB_PASSWORD", "value": "hunter2"}},
    },
    accepted={
        "names a password and leaves it empty": {"containers.0.env.0": {"name": "DB_PASSWORD", "value": ""}},
        "reads a password from elsewhere": {"containers.0.env.0": FROM_A_SECRET},
    },
)  # fmt: skip
MAPS = [
    Case(
        rule="KU-09",
        type=type_,
        compliant=Situation(inputs={"data": {"team": "fraud", "password_arn": ARN}}),
        optional=frozenset({"data", "data.team", "data.password_arn"}),
        refused={
            "contains a password": but({"data.database": URL}),
            "contains what is named a password": but({"data.password": "hunter2"}),
        },
        accepted={"contains an unknown value": but({"data.password": UNKNOWN}), "is empty": but({"data": {}})},
    )
    for type_ in ("kubernetes:core/v1:ConfigMap",)
]
CASES = [*PODS, *MAPS]
PROHIBITIONS = [Prohibition(rule="KU-09", type=type_) for type_ in ("kubernetes:core/v1:Secret",)]
