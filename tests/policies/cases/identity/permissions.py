"""Cases of policies/security/rules/identity/permissions.py."""

from __future__ import annotations

import json
from collections.abc import Sequence

from policies.evaluation.readers import UNKNOWN
from policies.security.inputs.escalation import ALONE, WITH_A_ROLE
from tests.policies.case import OWN_ACCOUNT, Case, Situation, but, document, stack_context
from tests.policies.cases.identity.grants import allowing, granting, policy_cases
from tests.policies.cases.policy_types import ATTACHMENT, RESOURCE_POLICY

BUCKET = "arn:aws:s3:::data/*"
READ = granting("s3:GetObject", BUCKET)
PLATFORM_ROLES = f"arn:aws:iam::{OWN_ACCOUNT}:role/plinth/*"
ROLES_OF_FRAUD = f"arn:aws:iam::{OWN_ACCOUNT}:role/plinth/fraud-development-*"
TO_SAGEMAKER = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
PASS_FEW = allowing("iam:PassRole", ROLES_OF_FRAUD, **TO_SAGEMAKER)
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
ESCALATION = policy_cases(
    "IA-06",
    compliant=document(
        PASS_FEW, allowing("sagemaker:CreateTrainingJob", "arn:aws:sagemaker:eu-west-1:1:training-job/*")
    ),
    refused={f"may {action}": granting(action, BUCKET) for action in ALONE}
    | {f"may {action} with a stronger role": document(PASS_ANY, allowing(action, BUCKET)) for action in WITH_A_ROLE}
    | {
        "may attach policies by a pattern": granting("iam:Att*", BUCKET),
        "excludes a boundary": granting(
            "iam:PutRolePolicy", StringNotEquals={"iam:PermissionsBoundary": "arn:aws:iam::1:policy/plinth/b"}
        ),
        "runs code with few roles, passed to any service": document(
            allowing("iam:PassRole", ROLES_OF_FRAUD), allowing("lambda:CreateFunction", BUCKET)
        ),
        "passes all but few roles": document(
            {"Effect": "Allow", "Action": "iam:PassRole", "NotResource": ROLES_OF_FRAUD, "Condition": TO_SAGEMAKER},
            allowing("lambda:CreateFunction", BUCKET),
        ),
        "passes few roles and all in one statement": document(
            allowing("iam:PassRole", [ROLES_OF_FRAUD, PLATFORM_ROLES], **TO_SAGEMAKER),
            allowing("glue:CreateJob", BUCKET),
        ),
        "passes few roles beside all": document(PASS_FEW, PASS_ANY, allowing("glue:CreateJob", BUCKET)),
    },
    accepted={
        "creates roles that have the boundary": granting(
            "iam:PutRolePolicy",
            "arn:aws:iam::1:role/plinth/*",
            StringEquals={"iam:PermissionsBoundary": "arn:aws:iam::1:policy/plinth/b-boundary"},
        ),
        "passes roles and runs nothing": document(PASS_ANY),
        "runs jobs and passes no role": granting("sagemaker:CreateTrainingJob", BUCKET),
        "denies what would lead to more": granting("iam:PutRolePolicy", effect="Deny"),
    },
    ceiling=True,
)
PROJECT = f"arn:aws:codebuild:eu-west-1:{OWN_ACCOUNT}:project/fraud--scoring-build"
PROMOTION = f"arn:aws:codebuild:eu-west-1:{OWN_ACCOUNT}:project/fraud--scoring-promotion"
REQUESTS, RUNNER_STARTER = f"arn:aws:codebuild:eu-west-1:{OWN_ACCOUNT}:project/plinth-requests", "platform-runner-start"
IMAGES = f"arn:aws:codebuild:eu-west-1:{OWN_ACCOUNT}:project/fraud--scoring-images"
INTEGRATION = "fraud--scoring-integration"
STARTER, PROMOTER = "fraud--scoring-start", "fraud--scoring-promoter"


def starting_images(
    resources: str | list[str],
    *,
    actions: str | list[str] = "codebuild:StartBuild",
    without: str = "",
    variables: Sequence[str] = ("TAG",),
) -> str:
    fixed = (
        "codebuild:environment.image", "codebuild:environment.privilegedMode", "codebuild:secondarySources",
        "codebuild:serviceRole", "codebuild:source.buildspec", "codebuild:source.location",
    )  # fmt: skip
    conditions = {
        "Null": {key: "true" for key in fixed if key != without},
        "ForAllValues:StringEquals": {"codebuild:environment.environmentVariables.name": list(variables)},
    }
    return granting(actions, resources, **conditions)


def starting_training(
    resources: str | list[str] = "arn:aws:codebuild:eu-west-1:*:project/*--*-build",
    *,
    actions: str | list[str] = "codebuild:StartBuild",
    without: str = "",
    variables: Sequence[str] = ("BRANCH", "REASON", "REPEATED_BUILD", "TASK"),
    **values: str | list[str] | None,
) -> str:
    statement = json.loads(starting_images(resources, actions=actions, without=without, variables=variables))
    given = {"BRANCH": "main", "TASK": ["repeat", "train"], **values}
    statement["Statement"][0]["Condition"]["StringEquals"] = {
        f"codebuild:environment.environmentVariables/{name}.value": value for name, value in given.items() if value
    }
    return json.dumps(statement)


def trusting(**principals: str) -> str:
    return document({"Effect": "Allow", "Principal": principals, "Action": "sts:AssumeRole"})


STARTING = [
    Case(
        rule="IA-06",
        type="aws:iam/rolePolicy:RolePolicy",
        compliant=Situation(inputs={"role": STARTER, "policy": granting("codebuild:StartBuild", PROJECT)}),
        optional=frozenset({"policy"}),
        refused={
            "is of another role": but({"role": "fraud--scoring-dev-pipeline"}),
            "starts its project and every project": but(
                {"policy": granting("codebuild:StartBuild", [PROJECT, f"{PROJECT}*"])}
            ),
            "starts every project": but({"policy": granting("codebuild:StartBuild", f"{PROJECT}*")}),
            "changes the project": but(
                {"policy": granting(["codebuild:StartBuild", "codebuild:StartBuildBatch"], PROJECT)}
            ),
            "starts everything": but({"policy": granting("codebuild:Start*", PROJECT)}),
            "starts the promotion": but({"policy": granting("codebuild:StartBuild", PROMOTION)}),
            "starts the promotion too": but({"policy": granting("codebuild:StartBuild", [PROJECT, PROMOTION])}),
            "starts a project of an environment": but({"policy": granting("codebuild:StartBuild", f"{PROJECT}-prod")}),
            "names no project": but({"policy": granting("codebuild:StartBuild", f"{PROJECT}-1")}),
            "starts the runner of requests": but({"policy": granting("codebuild:StartBuild", REQUESTS)}),
        },
        accepted={
            "is the role of the runner of requests": but(
                {"role": RUNNER_STARTER, "policy": granting("codebuild:StartBuild", REQUESTS)}
            ),
            "is the role of the promotion pipeline": but(
                {"role": PROMOTER, "policy": granting("codebuild:StartBuild", PROMOTION)}
            ),
            "is the role of the promotion pipeline, which releases to two environments": but(
                {
                    "role": PROMOTER,
                    "policy": granting(
                        "codebuild:StartBuild", [PROMOTION, f"{PROMOTION}-preprod", f"{PROMOTION}-prod"]
                    ),
                }
            ),
        },
    ),
    Case(
        rule="IA-06",
        type="aws:iam/rolePolicy:RolePolicy",
        compliant=Situation(inputs={"role": INTEGRATION, "policy": starting_images(IMAGES)}),
        optional=frozenset({"policy"}),
        refused={
            "is of another role": but({"role": STARTER}),
            "is of another use case": but({"role": "fraud--disputes-integration"}),
            "starts the build of the use case": but({"policy": starting_images(PROJECT)}),
            "starts the images of another use case too": but(
                {"policy": starting_images([IMAGES, IMAGES.replace("scoring", "disputes")])}
            ),
            "starts the images of every use case": but({"policy": starting_images([IMAGES, f"{IMAGES}*"])}),
            "retries builds": but({"policy": starting_images(IMAGES, actions=["codebuild:StartBuild", "codebuild:*"])}),
            **{
                f"may replace {key}": but({"policy": starting_images(IMAGES, without=key)})
                for key in (
                    "codebuild:environment.image",
                    "codebuild:environment.privilegedMode",
                    "codebuild:secondarySources",
                    "codebuild:serviceRole",
                    "codebuild:source.buildspec",
                    "codebuild:source.location",
                )
            },
            "sets any variable": but({"policy": starting_images(IMAGES, variables=["TAG", "BASH_ENV"])}),
        },
    ),
    Case(
        rule="IA-06",
        type="aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy",
        compliant=Situation(inputs={"inlinePolicy": starting_training()}),
        optional=frozenset({"inlinePolicy"}),
        refused={
            "starts every project": but({"inlinePolicy": starting_training("arn:aws:codebuild:eu-west-1:*:project/*")}),
            "starts promotions too": but({"inlinePolicy": starting_training([PROJECT, PROMOTION])}),
            "starts batches of builds": but({"inlinePolicy": starting_training(actions="codebuild:StartBuild*")}),
            "may replace the build specification": but(
                {"inlinePolicy": starting_training(without="codebuild:source.buildspec")}
            ),
            "may replace the role": but({"inlinePolicy": starting_training(without="codebuild:serviceRole")}),
            "sets any variable": but({"inlinePolicy": starting_training(variables=["BRANCH", "BASH_ENV", "TASK"])}),
            "starts any task": but({"inlinePolicy": starting_training(TASK=None)}),
            "starts the clean-up too": but({"inlinePolicy": starting_training(TASK=["clean-up", "repeat", "train"])}),
            "starts builds of any branch": but({"inlinePolicy": starting_training(BRANCH=None)}),
        },
        accepted={"names the project": but({"inlinePolicy": starting_training(PROJECT)})},
    ),
    Case(
        rule="IA-06",
        type="aws:iam/role:Role",
        compliant=Situation(
            inputs={"name": PROMOTER, "assumeRolePolicy": trusting(Service="codepipeline.amazonaws.com")}
        ),
        optional=frozenset({"name", "assumeRolePolicy"}),
        refused={
            "trusts the service of builds": but({"assumeRolePolicy": trusting(Service="events.amazonaws.com")}),
            "trusts an account": but({"assumeRolePolicy": trusting(AWS=OWN_ACCOUNT)}),
        },
    ),
    Case(
        rule="IA-06",
        type="aws:iam/role:Role",
        compliant=Situation(inputs={"name": STARTER, "assumeRolePolicy": trusting(Service="events.amazonaws.com")}),
        optional=frozenset({"name", "assumeRolePolicy"}),
        refused={
            "trusts another service": but({"assumeRolePolicy": trusting(Service="lambda.amazonaws.com")}),
            "trusts an account": but({"assumeRolePolicy": trusting(AWS=OWN_ACCOUNT)}),
            "trusts an account too": but(
                {"assumeRolePolicy": trusting(Service="events.amazonaws.com", AWS=OWN_ACCOUNT)}
            ),
        },
        accepted={"is another role": but({"name": "other", "assumeRolePolicy": trusting(AWS=OWN_ACCOUNT)})},
    ),
]
ASSIGNING = "sso:CreateAccountAssignment"
SIGN_IN = ["arn:aws:sso:::account/*", "arn:aws:sso:::instance/*", "arn:aws:sso:::permissionSet/*"]
ASSIGNMENTS = [
    Case(
        rule="IA-06",
        type="aws:iam/rolePolicy:RolePolicy",
        compliant=Situation(
            inputs={"role": "platform-provisioner", "policy": granting(ASSIGNING, SIGN_IN)},
            context=stack_context(kind="identity"),
        ),
        optional=frozenset({"policy"}),
        refused={
            "is of another role": but({"role": "platform-reviewer"}),
            "is in another stack": but(kind="team"),
            "creates permission sets too": but({"policy": granting([ASSIGNING, "sso:CreatePermissionSet"], SIGN_IN)}),
            "changes groups instead": but({"policy": granting("identitystore:CreateGroupMembership", SIGN_IN)}),
        },
        accepted={"is of a role that is not known yet": but({"role": UNKNOWN})},
    ),
]
FUNCTIONS = f"arn:aws:lambda:eu-west-1:{OWN_ACCOUNT}:function:fraud--scoring-prod*"
CHANGING = ["lambda:CreateFunction", "lambda:UpdateFunctionCode"]
RELEASING = [
    Case(
        rule="IA-06",
        type="aws:iam/rolePolicy:RolePolicy",
        compliant=Situation(inputs={"role": "fraud--scoring-prod-release", "policy": granting(CHANGING, FUNCTIONS)}),
        optional=frozenset({"policy"}),
        refused={
            "is of another role": but({"role": "fraud--scoring-prod-serving"}),
            "is of the role of another environment": but({"role": "fraud--scoring-preprod-release"}),
            "changes functions of another use case too": but(
                {"policy": granting(CHANGING, [FUNCTIONS, FUNCTIONS.replace("scoring", "other")])}
            ),
            "changes every function": but({"policy": granting(CHANGING, f"{FUNCTIONS[:-19]}*")}),
            "changes a function of no use case": but({"policy": granting(CHANGING, FUNCTIONS.replace("--", "-"))}),
            "changes a function of no use case too": but(
                {"policy": granting(CHANGING, [FUNCTIONS, FUNCTIONS.replace("--", "-")])}
            ),
            "changes everything of functions": but({"policy": granting("lambda:*", FUNCTIONS)}),
            "changes identities too": but({"policy": granting([*CHANGING, "iam:PutRolePolicy"], FUNCTIONS)}),
        },
        accepted={"is of a role that is not known yet": but({"role": UNKNOWN})},
    ),
]
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
    *ESCALATION,
    *STARTING,
    *ASSIGNMENTS,
    *RELEASING,
    *EXCLUSION,
    *EXCLUSION_OF_PRINCIPALS,
]
