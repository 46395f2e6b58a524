"""Cases of policies/security/rules/identity/permissions.py."""

from __future__ import annotations

from tests.policies.case import OWN_ACCOUNT, Case, Situation, but, document
from tests.policies.cases.identity.grants import allowing, granting, policy_cases
from tests.policies.cases.policy_types import ATTACHMENT, RESOURCE_POLICY

BUCKET = "arn:aws:s3:::data/*"
READ = granting("s3:GetObject", BUCKET)
PLATFORM_ROLES = f"arn:aws:iam::{OWN_ACCOUNT}:role/plinth/*"
TO_SAGEMAKER = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
PASS_ANY = allowing("iam:PassRole", PLATFORM_ROLES, **TO_SAGEMAKER)

EVERYTHING = policy_cases(
    "IA-01",
    compliant=READ,
    refused={
        "does everything everywhere": granting("*"),
        "allows every action in addition to one": granting(["s3:GetObject", "*"], ["arn:aws:s3:::data", "*"]),
        "does everything in every service of every account": granting("*", "arn:aws:*:*:*:*"),
        "does everything but on one thing": document({"Effect": "Allow", "Action": "*", "NotResource": BUCKET}),
    },
    accepted={
        "does everything with one bucket": granting("*", BUCKET),
        "sees something everywhere": granting("s3:ListAllMyBuckets"),
        "denies everything": granting("*", effect="Deny"),
    },
)
WIDTH = policy_cases(
    "IA-02",
    compliant=READ,
    refused={
        "does all that a service can": granting("s3:*", BUCKET),
        "does all that a service with a hyphen can": granting("execute-api:*", "arn:aws:execute-api:eu-west-1:1:a"),
        "allows every action of a service in addition to one": granting(["s3:GetObject", "s3:*"], BUCKET),
        "writes wherever it can": granting(["s3:ListAllMyBuckets", "s3:PutObject"]),
        "writes by a pattern": granting("s3:Put*"),
        "tags wherever it can": granting("sagemaker:AddTags"),
        "assumes any role": granting("sts:AssumeRole"),
        "assumes any role by a pattern": granting("sts:*WithWebIdentity"),
        "reads any secret": granting("secretsmanager:Get*"),
        "reads any object": granting("s3:GetObject"),
        "writes with a condition on the caller": granting(
            "s3:PutObject", StringEquals={"aws:PrincipalTag/plinth:team": "fraud"}
        ),
    },
    accepted={
        "sees everything": granting(["s3:ListAllMyBuckets", "ec2:Describe*", "logs:FilterLogEvents"]),
        "writes what has the own team's tag": granting(
            "sagemaker:StopTrainingJob", StringEquals={"aws:ResourceTag/plinth:team": "fraud"}
        ),
        "writes metrics, which have no resource": granting("cloudwatch:PutMetricData"),
        "does what has no resource": granting("lakeformation:*"),
    },
    ceiling=True,
)
ATTACHMENTS = [
    Case(
        rule="IA-03",
        type=type_,
        compliant=Situation(inputs={path: "arn:aws:iam::aws:policy/SecurityAudit"}),
        optional=frozenset({path}),
        refused={
            f"carries {name}": but({path: f"arn:aws:iam::aws:policy/{name}"})
            for name in (
                "AdministratorAccess",
                "PowerUserAccess",
                "IAMFullAccess",
                "AmazonS3FullAccess",
                "AmazonSageMakerFullAccess",
                "AmazonEKSClusterPolicy",
                "SomethingNew",
            )
        }
        | {
            "attaches a broad policy in addition to a listed one": but(
                {path: ["arn:aws:iam::aws:policy/SecurityAudit", "arn:aws:iam::aws:policy/AdministratorAccess"]}
            )
        },
        accepted={
            "attaches a policy of the platform": but({path: f"arn:aws:iam::{OWN_ACCOUNT}:policy/plinth/readers"}),
            "carries one for a service": but({path: "arn:aws:iam::aws:policy/service-role/AWS_ConfigRole"}),
            "carries one for a cluster in its stack": but(
                {path: "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"}, kind="tooling-cluster"
            ),
        },
    )
    for type_, path in ATTACHMENT.items()
]
PASSING = policy_cases(
    "IA-05",
    compliant=document(PASS_ANY),
    refused={
        "passes any role": granting("iam:PassRole", **TO_SAGEMAKER),
        "passes any role of the account": granting("iam:Pass*", f"arn:aws:iam::{OWN_ACCOUNT}:role/*", **TO_SAGEMAKER),
        "passes another role in addition to one of the platform": granting(
            "iam:PassRole", [PLATFORM_ROLES, f"arn:aws:iam::{OWN_ACCOUNT}:role/Admin"], **TO_SAGEMAKER
        ),
        "passes roles to any service": granting("iam:PassRole", PLATFORM_ROLES),
        "passes roles to services of any name": granting(
            "iam:PassRole", PLATFORM_ROLES, StringLike={"iam:PassedToService": "*"}
        ),
        "passes one well and one badly": document(PASS_ANY, allowing("iam:PassRole", "*", **TO_SAGEMAKER)),
        "passes all roles but one": document(
            {"Effect": "Allow", "Action": "iam:PassRole", "NotResource": PLATFORM_ROLES, "Condition": TO_SAGEMAKER}
        ),
    },
    accepted={
        "passes nothing": READ,
        "passes a service's own role back to it": granting(
            "iam:PassRole",
            f"arn:aws:iam::{OWN_ACCOUNT}:role/aws-service-role/config.amazonaws.com/*",
            StringEquals={"iam:PassedToService": "config.amazonaws.com"},
        ),
        "passes roles of every account": granting("iam:PassRole", "arn:aws:iam::*:role/plinth/*", **TO_SAGEMAKER),
    },
)
LEAVING_OUT = {
    "allows all but some actions": {"Effect": "Allow", "NotAction": "iam:*", "Resource": BUCKET},
    "allows all but one resource": {"Effect": "Allow", "Action": "s3:GetObject", "NotResource": BUCKET},
}
EXCLUSION = policy_cases(
    "IA-11",
    compliant=READ,
    refused={what: document(statement) for what, statement in LEAVING_OUT.items()},
    accepted={"denies all but some actions": document({"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"})},
)
EXCLUSION_OF_PRINCIPALS = [
    Case(
        rule="IA-11",
        type=type_,
        compliant=Situation(inputs={path: document({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"})}),
        optional=frozenset({path}),
        refused={
            "allows all but one principal": but(
                {path: document({"Effect": "Allow", "NotPrincipal": {"AWS": "1"}, "Action": "s3:GetObject"})}
            )
        },
        accepted={
            "denies all but one principal": but(
                {path: document({"Effect": "Deny", "NotPrincipal": {"AWS": "1"}, "Action": "s3:GetObject"})}
            )
        },
    )
    for type_, path in {**RESOURCE_POLICY, "aws:iam/role:Role": "assumeRolePolicy"}.items()
]

CASES = [
    *EVERYTHING,
    *WIDTH,
    *ATTACHMENTS,
    *PASSING,
    *EXCLUSION,
    *EXCLUSION_OF_PRINCIPALS,
]
