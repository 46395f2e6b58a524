"""Cases of policies/security/rules/delivery/repositories.py."""

from __future__ import annotations

from typing import Any

from tests.policies.case import OTHER_ACCOUNT, Case, Change, Situation, but, document

KEY = "arn:aws:kms:eu-west-1:111111111111:key/1"
PULLING: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:root"},
    "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"],
}

INSTALLING: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": {"AWS": "*"},
    "Action": [
        "codeartifact:GetAuthorizationToken", "codeartifact:GetRepositoryEndpoint", "codeartifact:ReadFromRepository",
    ],
    "Resource": "*",
}  # fmt: skip
PACKAGE_POLICIES = (
    "aws:codeartifact/domainPermissions:DomainPermissions",
    "aws:codeartifact/repositoryPermissionsPolicy:RepositoryPermissionsPolicy",
)


def packaged(**changes: Any) -> Change:
    return but({"policyDocument": document({**INSTALLING, **changes})})


def said(**changes: Any) -> Change:
    return but({"policy": document({**PULLING, **changes})})


CASES = [
    Case(
        rule="CC-01",
        type="aws:codecommit/repository:Repository",
        compliant=Situation(inputs={"kmsKeyId": KEY}),
        refused={"has a key of AWS": but({"kmsKeyId": "arn:aws:kms:eu-west-1:111111111111:alias/aws/codecommit"})},
    ),
    Case(
        rule="EC-01",
        type="aws:ecr/repository:Repository",
        compliant=Situation(
            inputs={
                "imageTagMutability": "IMMUTABLE",
                "imageScanningConfiguration": {"scanOnPush": True},
                "encryptionConfigurations": [{"kmsKey": KEY}],
                "forceDelete": False,
            }
        ),
        optional=frozenset({"forceDelete"}),
        refused={
            "has tags that move": but({"imageTagMutability": "MUTABLE"}),
            "does not scan": but({"imageScanningConfiguration.scanOnPush": False}),
            "is deleted with its images": but({"forceDelete": True}),
            "has a key of AWS": but({"encryptionConfigurations.0.kmsKey": "alias/aws/ecr"}),
        },
    ),
    Case(
        rule="EC-01",
        type="aws:ecr/repositoryPolicy:RepositoryPolicy",
        compliant=Situation(inputs={"policy": document(PULLING)}),
        optional=frozenset({"policy"}),
        refused={
            "admits everybody": said(Principal="*"),
            "admits a service": said(Principal={"Service": "lambda.amazonaws.com"}),
            "admits no account": said(Principal={"AWS": "*"}),
            "admits an account and everybody": said(Principal={"AWS": [PULLING["Principal"]["AWS"], "*"]}),
            "lets others push": said(Action=[*PULLING["Action"], "ecr:PutImage"]),
            "lets others do everything": said(Action="ecr:*"),
        },
        accepted={"refuses somebody": said(Effect="Deny", Principal="*", Action="ecr:*")},
    ),
    Case(
        rule="CA-01",
        type="aws:codeartifact/domain:Domain",
        compliant=Situation(inputs={"encryptionKey": KEY}),
        refused={
            "has a key of AWS": but({"encryptionKey": "arn:aws:kms:eu-west-1:111111111111:alias/aws/codeartifact"})
        },
    ),
    *(
        Case(
            rule="CA-01",
            type=type_,
            compliant=Situation(inputs={"policyDocument": document(INSTALLING)}),
            optional=frozenset({"policyDocument"}),
            refused={
                "lets others publish": packaged(Action=[*INSTALLING["Action"], "codeartifact:PublishPackageVersion"]),
                "lets others do everything": packaged(Action="codeartifact:*"),
            },
            accepted={"refuses somebody": packaged(Effect="Deny", Principal="*", Action="codeartifact:*")},
        )
        for type_ in PACKAGE_POLICIES
    ),
]
