"""Cases of policies/security/rules/delivery/builds.py."""

from __future__ import annotations

from components.delivery.image_project import image_specification
from components.delivery.repository_mirror import BUILD_SPECIFICATION
from tests.policies.case import Case, Prohibition, Situation, but

COMPLIANT = {
    "vpcConfig": {"vpcId": "vpc-1", "subnets": ["subnet-1"], "securityGroupIds": ["sg-1"]},
    "encryptionKey": "arn:aws:kms:eu-west-1:111111111111:key/1",
    "logsConfig": {"cloudwatchLogs": {"status": "ENABLED"}},
    "projectVisibility": "PRIVATE",
    "environment": {"environmentVariables": [{"name": "BRANCH", "value": "main", "type": "PLAINTEXT"}]},
}
MIRROR = {
    **COMPLIANT,
    "source": {
        "type": "GITHUB",
        "location": "https://github.com/acme/scoring.git",
        "buildspec": BUILD_SPECIFICATION,
        "auth": {"type": "CODECONNECTIONS", "resource": "arn:aws:codeconnections:eu-west-1:111111111111:connection/1"},
    },
    "environment": {
        "image": "aws/codebuild/amazonlinux-x86_64-standard:5.0",
        "privilegedMode": False,
        "environmentVariables": [
            {"name": "MIRROR_URL", "value": "https://git-codecommit.eu-west-1.amazonaws.com/a"},
            {"name": "BUILD_PROJECT", "value": "fraud--scoring-build"},
            {"name": "POLL_SECONDS", "value": "5"},
        ],
    },
    "vpcConfig": None,
}
PROVIDERS = ("BITBUCKET", "GITHUB", "GITHUB_ENTERPRISE", "GITLAB", "GITLAB_SELF_MANAGED")
"""Types of sources that are repositories of other providers (CodeBuild API, ``ProjectSource``)."""
OTHERS = [f"environment.environmentVariables.{n}{part}" for n in (1, 2) for part in ("", ".value")]
PUSHES = [{"filters": [{"type": "EVENT", "pattern": "PUSH"}, {"type": "HEAD_REF", "pattern": "^refs/heads/"}]}]
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
        type="aws:codebuild/project:Project",
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
CASES += [
    Case(
        rule="CB-01",
        type="aws:codebuild/project:Project",
        compliant=Situation(inputs=MIRROR),
        optional=frozenset(
            {
                "vpcConfig", "logsConfig", "logsConfig.cloudwatchLogs", "logsConfig.cloudwatchLogs.status",
                "projectVisibility", "environment.privilegedMode", "environment.environmentVariables", VARIABLE,
                f"{VARIABLE}.value", *OTHERS, "source.location", "source.type", "source.auth.resource",
            }
        ),
        refused={
            "runs other commands outside the VPC": but({"source.buildspec": "version: 0.2"}),
            "runs a file of the repository outside the VPC": but({"source.buildspec": "build_spec.yml"}),
            "runs an image of its own outside the VPC": but({"environment.image": "111111111111.dkr.ecr/a"}),
            "is privileged outside the VPC": but({"environment.privilegedMode": True}),
            "has a variable that bash runs": but({f"{VARIABLE}.name": "BASH_ENV"}),
            "reads another source too": but({"secondarySources": [{"type": "NO_SOURCE"}]}),
            "has a token": but({"source.auth.type": "OAUTH"}),
            "has a token in a secret": but({"source.auth.type": "SECRETS_MANAGER"}),
            **{
                f"uses the token of the account for {provider}": but({"source.auth": None, "source.type": provider})
                for provider in PROVIDERS
            },
        },
    ),
    Case(
        rule="CB-02",
        type="aws:codebuild/webhook:Webhook",
        compliant=Situation(inputs={"projectName": "a", "filterGroups": PUSHES}),
        optional=frozenset(
            {
                "projectName", "filterGroups.0.filters.1", "filterGroups.0.filters.1.type",
                "filterGroups.0.filters.1.pattern",
            }
        ),
        refused={
            "filters nothing": but({"filterGroups": []}),
            "filters no event": but({"filterGroups.0.filters.0.type": "BASE_REF"}),
            "admits pull requests": but({"filterGroups.0.filters.0.pattern": "PUSH, PULL_REQUEST_CREATED"}),
            "has a group for pull requests": but(
                {"filterGroups": [*PUSHES, {"filters": [{"type": "EVENT", "pattern": "PULL_REQUEST_UPDATED"}]}]}
            ),
        },
    ),
]  # fmt: skip
IMAGE_VARIABLES = (
    "BASE_ACCOUNTS", "BASE_IMAGE", "IMAGES", "PACKAGE_DOMAIN", "PACKAGE_OWNER", "PACKAGE_REPOSITORY", "REGISTRY",
    "REPOSITORIES", "ROOT_IMAGE",
)  # fmt: skip
PRIVILEGED = {
    **COMPLIANT,
    "source": {"type": "CODECOMMIT", "location": "https://git/a", "buildspec": image_specification()},
    "serviceRole": "arn:aws:iam::111111111111:role/plinth/fraud--scoring-images",
    "environment": {
        "image": "aws/codebuild/amazonlinux-x86_64-standard:5.0",
        "privilegedMode": True,
        "environmentVariables": [{"name": name, "value": "a"} for name in IMAGE_VARIABLES],
    },
}
CASES += [
    Case(
        rule="CB-04",
        type="aws:codebuild/project:Project",
        compliant=Situation(inputs=PRIVILEGED),
        optional=frozenset(
            {
                "vpcConfig",
                "vpcConfig.vpcId",
                "vpcConfig.subnets",
                "vpcConfig.subnets.0",
                "vpcConfig.securityGroupIds",
                "vpcConfig.securityGroupIds.0",
                "encryptionKey",
                "logsConfig",
                "logsConfig.cloudwatchLogs",
                "logsConfig.cloudwatchLogs.status",
                "projectVisibility",
                "source.type",
                "source.location",
                "environment",
                "environment.image",
                "environment.privilegedMode",
                "environment.environmentVariables",
                *(
                    f"environment.environmentVariables.{number}{part}"
                    for number in range(len(IMAGE_VARIABLES))
                    for part in ("", ".value")
                ),
            }
        ),
        refused={
            "runs other commands": but({"source.buildspec": "version: 0.2"}),
            "runs a file of the repository": but({"source.buildspec": "build_spec.yml"}),
            "has a variable that bash runs": but({"environment.environmentVariables.0.name": "BASH_ENV"}),
            "has the role of the builds": but(
                {"serviceRole": "arn:aws:iam::111111111111:role/plinth/fraud--scoring-integration"}
            ),
            "has a role of another path": but({"serviceRole": "arn:aws:iam::111111111111:role/fraud--scoring-images"}),
            "has a role with a similar name": but(
                {"serviceRole": "arn:aws:iam::111111111111:role/plinth/fraud-images"}
            ),
            "reads another source too": but({"secondarySources": [{"type": "NO_SOURCE"}]}),
        },
        accepted={
            "builds the image of the platform": but(
                {"serviceRole": "arn:aws:iam::111111111111:role/plinth/platform-images"}
            ),
            "is not privileged": but({"environment.privilegedMode": False, "source.buildspec": "build_spec.yml"}),
        },
    ),
]
PROHIBITIONS = [Prohibition(rule="CB-01", type="aws:codebuild/sourceCredential:SourceCredential")]
