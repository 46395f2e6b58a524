"""Cases of policies/security/rules/data/secrets.py."""

from __future__ import annotations

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import ABSENT, Case, Situation, but

URL = "postgres://scoring:hunter2@db.acme.example/scores"
ARN = "arn:aws:secretsmanager:eu-west-1:111111111111:secret:scoring"
PARAMETERS = [
    Case(
        rule="SE-01",
        type=type_,
        compliant=Situation(inputs={"name": "/plinth/relaxed-rules", "type": "String", "value": "none"}),
        optional=frozenset({"name", "type", "value"}),
        refused={
            "contains a password": but({"value": URL}),
            "contains a password in a list": but({"type": "StringList", "value": f"a,{URL}"}),
            "contains a password in its other property": but({"value": ABSENT, "insecureValue": URL}),
            "is encrypted in one property alone": but({"type": "SecureString", "insecureValue": URL}),
            "has the name of a password": but({"name": "/scoring/db_password"}),
            "has the name of a token and an unknown value": but({"name": "/scoring/token", "value": UNKNOWN}),
        },
        accepted={"is encrypted": but({"name": "/scoring/db_password", "type": "SecureString", "value": URL})},
    )
    for type_ in ("aws:ssm/parameter:Parameter",)
]
VERSIONS = [
    Case(
        rule="SE-01",
        type=type_,
        compliant=Situation(inputs={"secretId": "scoring", "secretStringWo": "x"}),
        optional=frozenset({"secretId", "secretStringWo"}),
        refused={
            "contains the secret": but({"secretString": "x"}),
            "contains the secret as bytes": but({"secretBinary": "eA=="}),
            "contains a secret that is unknown": but({"secretString": UNKNOWN}),
        },
    )
    for type_ in ("aws:secretsmanager/secretVersion:SecretVersion",)
]
VARIABLES = "environment.variables"
FUNCTIONS = [
    Case(
        rule="SE-01",
        type=type_,
        compliant=Situation(inputs={"environment": {"variables": {"DB_PASSWORD_ARN": ARN, "TEAM": "fraud"}}}),
        optional=frozenset(("environment", VARIABLES, f"{VARIABLES}.DB_PASSWORD_ARN", f"{VARIABLES}.TEAM")),
        refused={
            "contains a password": but({f"{VARIABLES}.DATABASE": URL}),
            "contains what is named a password": but({f"{VARIABLES}.DB_PASSWORD": "hunter2"}),
        },
        accepted={"names a password and leaves it empty": but({f"{VARIABLES}.DB_PASSWORD": ""})},
    )
    for type_ in ("aws:lambda/function:Function",)
]
CASES = [*PARAMETERS, *VERSIONS, *FUNCTIONS]
