"""Cases of policies/security/rules/data/secrets.py."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import ABSENT, Case, Situation, but
from tests.policies.cases.kubernetes.workloads import nested

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


def prefixes(place: str) -> Iterator[str]:
    """Yields a path and those of its parents."""
    steps = place.split(".")
    yield from (".".join(steps[:count]) for count in range(1, len(steps) + 1))


TOKENS = {
    "of GitHub": "ghp_0123456789abcdefABCDEF0123456789abcd",
    "of GitLab": "glpat-0123456789abcdefABCD",
    "of Slack": "xoxb-123456789012-123456789012-abcdefABCDEF",
    "of Stripe": "sk_live_0123456789abcdefABCDEF01",
    "of SendGrid": f"SG.{'a1B2c3D4e5F6g7H8i9J0k1'}.{'l2M3n4O5p6Q7r8S9t0U1v2W3x4Y5z6A7b8C9d0E1f2G'}",
    "of PyPI": f"pypi-AgEIcHlwaS5vcmc{'Ab1' * 24}",
    "of OpenAI": f"sk-proj-{'Ab1c' * 5}T3BlbkFJ{'Ab1c' * 5}",
    "of a storage account": f"AccountKey={'Ab1/' * 22}",
    "that is a web token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbmEifQ.c2lnbmF0dXJl",
    "that is a private key": "-----BEGIN EC PRIVATE KEY-----",
    "of an access key of AWS": "AKIAIOSFODNN7EXAMPLE",
    "in an address": URL,
    "that is random": "q7Zx1Kp9Vw3Rt5Yb8Nc2Md6Lf4Hj0Gs",
    "that is random and has a word": "fraud-q7Zx1Kp9Vw3Rt5Yb8Nc2Md6Lf4Hj0Gs",
}
"""A token of each kind, none of which is valid."""
NAMES = (
    "DB_PWD",
    "API_KEY",
    "AUTH",
    "SLACK_CREDS",
    "dbPassword",
    "accessKey",
    "signing-key",
    "bearer_token",
    "MY_SECRET",
    "SERVICE_PASSWORD",
)
REFERENCES = {
    "DB_PASSWORD_ARN": ARN,
    "DB_PASSWORD": ARN,
    "SECRET_NAME": "scoring",
    "TOKEN_PATH": "/var/run/token",
    "AUTH_MODE": "iam",
    "TOKEN_TTL": "3600",
    "PASSWORD": "$PASSWORD",
    "CREDENTIALS": "{{resolve:secretsmanager:scoring}}",
    "clientToken": "scoring-1",
    "MONKEY": "hunter2",
    "COMPASS": "north-1",
    "EMPTY_TOKEN": "",
    "DIGEST": "0123456789abcdef" * 4,
    "ALARM": "fraud--scoring-prod-017126b7-AllTraffic-ModelLatency",
    "INDEX": "https://aws:$TOKEN@packages.acme.example/simple",
}
"""Values that are no secrets."""


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


HOLDERS = {
    "aws:lambda/function:Function": "environment.variables",
    "aws:glue/job:Job": "defaultArguments",
    "aws:sagemaker/model:Model": "primaryContainer.environment",
    "kubernetes:core/v1:ConfigMap": "data",
}
"""Where types have variables or configuration, each with its own names."""
VARIABLES = [
    Case(
        rule="SE-02",
        type=type_,
        compliant=Situation(inputs=nested(tuple(place.split(".")), {"TEAM": "fraud"})),
        optional=frozenset({*prefixes(place), f"{place}.TEAM"}),
        refused={
            **{f"contains a token {what}": but({f"{place}.VALUE": token}) for what, token in TOKENS.items()},
            **{f"contains a literal named {name}": but({f"{place}.{name}": "hunter2"}) for name in NAMES},
            "contains a key in hexadecimal": but({f"{place}.SESSION_KEY": "0123456789abcdef" * 4}),
            "contains a token in base64": but({f"{place}.VALUE": encoded(f"token = {TOKENS['of GitHub']}")}),
            "contains a configuration file": but({f"{place}.settings": "user: ana\npassword: hunter2\n"}),
            "contains it in base64": but({f"{place}.settings": encoded("user: ana\npassword: hunter2\n")}),
            "contains a list of variables in JSON": but(
                {f"{place}.settings": json.dumps([{"name": "DB_PWD", "value": "hunter2"}])}
            ),
            "has a token for a name": but({f"{place}.{TOKENS['of GitHub']}": "1"}),
        },
        accepted={
            **{f"contains {name}": but({f"{place}.{name}": value}) for name, value in REFERENCES.items()},
            "contains an unknown value": but({f"{place}.DB_PWD": UNKNOWN}),
            "contains a configuration file without a secret": but(
                {f"{place}.settings": "user: ana\nregion: eu-west-1\n"}
            ),
        },
    )
    for type_, place in HOLDERS.items()
]
COMMAND = "source.buildspec"
POD, CONTAINER = ("spec", "template", "spec"), "spec.template.spec.containers.0"
OTHERS = [
    Case(
        rule="SE-02",
        type="aws:codebuild/project:Project",
        compliant=Situation(
            inputs={
                "environment": {"environmentVariables": [{"name": "TEAM", "value": "fraud"}]},
                "source": {"buildspec": "phases: {build: {commands: ['export TOKEN=$(aws codeartifact get-token)']}}"},
            }
        ),
        optional=frozenset(
            {
                "environment", "environment.environmentVariables", "environment.environmentVariables.0",
                "environment.environmentVariables.0.name", "environment.environmentVariables.0.value", "source",
                COMMAND,
            }
        ),
        refused={
            "has a variable with a password": but(
                {"environment.environmentVariables.0": {"name": "DB_PWD", "value": "hunter2"}}
            ),
            "has a command with a password": but({COMMAND: "phases: {build: {commands: ['export DB_PWD=hunter2']}}"}),
            "has a command with a token": but({COMMAND: f"twine upload -p {TOKENS['of PyPI']}"}),
            "has a command with a header": but({COMMAND: f"curl -H 'Private-Token: {TOKENS['of GitLab']}' $URL"}),
        },
        accepted={
            "calls a function with a variable": but({COMMAND: "login(password=password, token=read_token())"}),
            "has a variable from a secret": but(
                {"environment.environmentVariables.0": {"name": "DB_PWD", "value": ARN, "type": "SECRETS_MANAGER"}}
            ),
        },
    ),
    Case(
        rule="SE-02",
        type="kubernetes:apps/v1:Deployment",
        compliant=Situation(inputs=nested(POD, {"containers": [{"env": [{"name": "A", "value": "b"}]}]})),
        optional=frozenset(
            {
                *prefixes("spec.template.spec.containers"),
                *(f"{CONTAINER}{path}" for path in ("", ".env", ".env.0", ".env.0.name", ".env.0.value")),
            }
        ),
        refused={
            f"has a password in {name}": but(
                {f"spec.template.spec.{name}": [{"env": [{"name": "PWD", "value": "hunter2"}]}]}
            )
            for name in ("containers", "initContainers", "ephemeralContainers")
        }
        | {"has a password in an annotation": but({"metadata": {"annotations": {"acme.example/password": "hunter2"}}})},
        accepted={
            "reads a password from elsewhere": but(
                {f"{CONTAINER}.env.0": {"name": "PWD", "valueFrom": {"secretKeyRef": {"key": "password"}}}}
            )
        },
    ),
    Case(
        rule="SE-02",
        type="aws:sqs/queue:Queue",
        compliant=Situation(inputs={"tags": {"plinth:owner": "fraud-owner@acme.example"}}),
        optional=frozenset({"tags", "tags.plinth:owner"}),
        refused={
            "has a password in a tag": but({"tags.password": "hunter2"}),
            "has a token in its description": but({"description": f"uses {TOKENS['of GitHub']}"}),
        },
    ),
]  # fmt: skip
CASES = [*PARAMETERS, *VERSIONS, *VARIABLES, *OTHERS]
