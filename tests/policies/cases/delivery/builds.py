"""Cases of policies/security/rules/delivery/builds.py."""

from __future__ import annotations

from policies.security.rules.delivery import builds
from tests.policies.case import Case, Prohibition, Situation, but

COMPLIANT = {
    "vpcConfig": {"vpcId": "vpc-1", "subnets": ["subnet-1"], "securityGroupIds": ["sg-1"]},
    "encryptionKey": "arn:aws:kms:eu-west-1:111111111111:key/1",
    "logsConfig": {"cloudwatchLogs": {"status": "ENABLED"}},
    "projectVisibility": "PRIVATE",
    "environment": {"environmentVariables": [{"name": "BRANCH", "value": "main", "type": "PLAINTEXT"}]},
}
VARIABLE = "environment.environmentVariables.0"

OPTIONAL = frozenset(
    {
        "logsConfig", "logsConfig.cloudwatchLogs", "logsConfig.cloudwatchLogs.status", "projectVisibility",
        "environment", "environment.environmentVariables", VARIABLE, f"{VARIABLE}.name", f"{VARIABLE}.value",
        f"{VARIABLE}.type",
    }
)  # fmt: skip

CASES = [
    Case(
        rule="CB-01",
        type=builds.PROJECT[0],
        compliant=Situation(inputs=COMPLIANT),
        optional=OPTIONAL,
        refused={
            "runs in no subnet": but({"vpcConfig.subnets": []}),
            "has a key of AWS": but({"encryptionKey": "arn:aws:kms:eu-west-1:111111111111:alias/aws/s3"}),
            "keeps no log": but({"logsConfig.cloudwatchLogs.status": "DISABLED"}),
            "publishes builds": but({"projectVisibility": "PUBLIC_READ"}),
            "has a password": but({f"{VARIABLE}.name": "DATABASE_PASSWORD", f"{VARIABLE}.value": "hunter2"}),
            "has a URL with a password": but({f"{VARIABLE}.value": "postgres://scoring:hunter2@db.acme.example/a"}),
        },
        accepted={
            "reads a secret": but(
                {f"{VARIABLE}.name": "PASSWORD", f"{VARIABLE}.value": "team/db", f"{VARIABLE}.type": "SECRETS_MANAGER"}
            ),
            "names a secret": but(
                {f"{VARIABLE}.name": "SECRET", f"{VARIABLE}.value": "arn:aws:secretsmanager:eu-west-1:1:secret:a"}
            ),
        },
    ),
]
PROHIBITIONS = [Prohibition(rule="CB-01", type=builds.CREDENTIAL[0])]
