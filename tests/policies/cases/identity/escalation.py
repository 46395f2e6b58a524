"""Cases of policies/security/rules/identity/escalation.py."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from policies.evaluation.readers import UNKNOWN
from policies.security.inputs.escalation import ALONE, TOGETHER, WITH_A_ROLE
from tests.policies.case import OWN_ACCOUNT, Case, Member, Situation, StackCase, but, document, stack_context
from tests.policies.cases.identity.grants import allowing, granting, policy_cases
from tests.policies.cases.identity.permissions import BUCKET, PASS_ANY, PLATFORM_ROLES, TO_SAGEMAKER

ROLES_OF_FRAUD = f"arn:aws:iam::{OWN_ACCOUNT}:role/plinth/fraud-development-*"
PASS_FEW = allowing("iam:PassRole", ROLES_OF_FRAUD, **TO_SAGEMAKER)

ESCALATION = policy_cases(
    "IA-06",
    compliant=document(
        PASS_FEW, allowing("sagemaker:CreateTrainingJob", "arn:aws:sagemaker:eu-west-1:1:training-job/*")
    ),
    refused={f"may {action}": granting(action, BUCKET) for action in ALONE}
    | {f"may {' and '.join(sorted(way))}": document(*(allowing(action, BUCKET) for action in way)) for way in TOGETHER}
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
PLATFORM_IMAGE = f"arn:aws:codebuild:eu-west-1:{OWN_ACCOUNT}:project/plinth-images"
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
            "starts the builds of the platform's image": but(
                {"policy": granting("codebuild:StartBuild", PLATFORM_IMAGE)}
            ),
            "is the role of the runner of requests and starts the builds of the platform's image": but(
                {"role": RUNNER_STARTER, "policy": granting("codebuild:StartBuild", PLATFORM_IMAGE)}
            ),
        },
        accepted={
            "is the role that starts the builds of the platform's image": but(
                {"role": "platform-images-start", "policy": granting("codebuild:StartBuild", PLATFORM_IMAGE)}
            ),
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
ROLE, POLICY = "aws:iam/role:Role", "aws:iam/policy:Policy"
INLINE, ATTACHMENT = "aws:iam/rolePolicy:RolePolicy", "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
ARN = f"arn:aws:iam::{OWN_ACCOUNT}:policy/plinth/runs"
RUNS, PASSES = granting("lambda:CreateFunction", BUCKET), document(PASS_ANY)
STACKS = ["cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"]


def together(what: str, *refused: str, role: Mapping[str, object] | None = None, **members: Member) -> StackCase:
    """Returns a role with policies that are resources of their own."""
    named = {"role": Member(type=ROLE, inputs={"name": "runner", **(role or {})})}
    return StackCase(rule="IA-06", type=ROLE, what=what, members={**named, **members}, refused=frozenset(refused))


def inline(policy: str, of: str = "runner") -> Member:
    return Member(type=INLINE, inputs={"role": of, "policy": policy})


def managed(policy: str, **inputs: str) -> Member:
    return Member(type=POLICY, inputs={"arn": ARN, "policy": policy, **inputs})


BOUNDED = {"ArnLike": {"iam:PermissionsBoundary": f"arn:aws:iam::{OWN_ACCOUNT}:policy/plinth/*-boundary"}}
MAKES_ROLES = granting("iam:PutRolePolicy", PLATFORM_ROLES, **BOUNDED)
PLATFORM = f"arn:aws:iam::{OWN_ACCOUNT}:role/plinth/platform-*"
BOUNDARY = f"arn:aws:iam::{OWN_ACCOUNT}:policy/plinth/deployer-boundary"


def deployer(
    what: str,
    *refused: str,
    makes: str = MAKES_ROLES,
    others: Mapping[str, Member] = MappingProxyType({}),
    **denial: object,
) -> StackCase:
    """Returns a role that makes roles within boundaries, and has one itself."""
    denies = {"Effect": "Deny", "Action": ["iam:PassRole"], "Resource": [PLATFORM], **denial}
    ceiling = document(allowing(["iam:*", "lambda:*"], "*"), denies)
    return together(
        what,
        *refused,
        role={"permissionsBoundary": BOUNDARY},
        makes=inline(makes),
        passes=inline(PASSES),
        runs=inline(RUNS),
        **others,
        boundary=managed(ceiling, arn=BOUNDARY, name="deployer-boundary", path="/plinth/"),
    )


ATTACHED = Member(type=ATTACHMENT, inputs={"role": "runner", "policyArn": ARN})
STACK_CASES = [
    together("a role that passes roles", passes=inline(PASSES)),
    together("a role that passes roles and runs code", "role", passes=inline(PASSES), runs=inline(RUNS)),
    together("two roles, of which one passes roles", passes=inline(PASSES), runs=inline(RUNS, "other")),
    together("a role that passes few roles and runs code", passes=inline(document(PASS_FEW)), runs=inline(RUNS)),
    together(
        "a role with an inline policy that passes roles",
        "role",
        role={"inlinePolicies": [{"policy": PASSES}]},
        runs=inline(RUNS),
    ),
    together("a role with an attached policy", "role", passes=inline(PASSES), runs=managed(RUNS), attached=ATTACHED),
    together(
        "a role that lists a policy",
        "role",
        role={"managedPolicyArns": [ARN]},
        passes=inline(PASSES),
        runs=managed(RUNS),
    ),
    together("a policy that nobody has", passes=inline(PASSES), runs=managed(RUNS)),
    together(
        "a role with a boundary of the stack",
        role={"managedPolicyArns": [ARN]},
        passes=inline(PASSES),
        runs=managed(RUNS, name="runner-boundary", path="/plinth/"),
    ),
    together(
        "a role whose one policy is refused by itself",
        both=inline(document(PASS_ANY, json.loads(RUNS)["Statement"][0])),
    ),
    together(
        "a role that changes stacks by two policies",
        "role",
        **{name[15:21]: inline(granting(name, BUCKET)) for name in STACKS},
    ),
    deployer("a role that makes bounded roles and passes them"),
    deployer("a role that makes roles without a boundary", "role", makes=granting("iam:CreateRole", PLATFORM_ROLES)),
    deployer(
        "a role that makes bounded roles without policies",
        "role",
        makes=granting("iam:CreateRole", PLATFORM_ROLES, **BOUNDED),
    ),
    deployer(
        "a role that may pass neither the roles of the platform nor one more", Resource=[PLATFORM, f"{PLATFORM}-more"]
    ),
    deployer(
        "a role beside the boundary of another one",
        others={"other": managed(document(allowing("iam:*", "*")), arn=ARN, name="other-boundary", path="/plinth/")},
    ),
    deployer("a role that may pass the roles of the platform too", "role", Resource=[f"{PLATFORM[:-1]}reviewer"]),
    deployer("a role whose boundary allows passing the roles of the platform", "role", Effect="Allow"),
    deployer("a role whose boundary denies something else", "role", Action=["iam:TagRole"]),
    together("a role of unknown policies", passes=inline(PASSES), runs=Member(type=INLINE, inputs={"role": UNKNOWN})),
]
CASES = [*ESCALATION, *STARTING, *ASSIGNMENTS, *RELEASING]
