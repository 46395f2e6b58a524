"""Cases of policies/security/rules/identity/people.py."""

from __future__ import annotations

from policies.evaluation.policy_attachments import PLATFORM_PATH
from policies.security.rules.identity import people
from policies.security.rules.organization.accounts import ENVIRONMENT_TAG
from tests.policies.case import (
    ABSENT,
    OTHER_ACCOUNT,
    OWN_ACCOUNT,
    Case,
    Member,
    Situation,
    StackCase,
    but,
    document,
    stack_context,
)
from tests.policies.cases.identity.grants import CEILING, allowing, granting, policy_cases
from tests.policies.cases.identity.roles import SAGEMAKER, trusted, web
from tests.policies.cases.policy_types import IDENTITY_POLICY

APPROVERS = ("LeadScientist", "lead-data-scientist")
CLOSED_TO_SCIENTISTS = ("preproduction", "production")


PACKAGES = "arn:aws:sagemaker:eu-west-1:1:model-package/*"
NO_STAGE = {"Null": {"sagemaker:ModelLifeCycle:Stage": "true"}}
PENDING = {"StringEquals": {"sagemaker:ModelApprovalStatus": "PendingManualApproval"}, **NO_STAGE}
METADATA = {"Null": {"sagemaker:ModelApprovalStatus": "true", "sagemaker:ModelLifeCycle:Stage": "true"}}
APPROVED = {"StringEquals": {"sagemaker:ModelApprovalStatus": ["Approved", "Rejected"]}}
APPROVAL = policy_cases(
    "IA-12",
    compliant=granting("sagemaker:UpdateModelPackage", PACKAGES, **PENDING),
    refused={
        "may approve": granting("sagemaker:UpdateModelPackage", PACKAGES, **APPROVED, **NO_STAGE),
        "may set any status": granting("sagemaker:UpdateModelPackage", PACKAGES, **NO_STAGE),
        "may register what is approved": granting("sagemaker:CreateModelPackage", PACKAGES, **NO_STAGE),
        "may set a status only": granting(
            "sagemaker:UpdateModelPackage",
            PACKAGES,
            Null={"sagemaker:ModelApprovalStatus": "false", "sagemaker:ModelLifeCycle:Stage": "true"},
        ),
        "may set any stage": granting("sagemaker:UpdateModelPackage", PACKAGES, StringEquals=PENDING["StringEquals"]),
        "may set a stage only": granting(
            "sagemaker:UpdateModelPackage",
            PACKAGES,
            StringEquals=PENDING["StringEquals"],
            Null={"sagemaker:ModelLifeCycle:Stage": "false"},
        ),
        "may set one stage": granting(
            "sagemaker:UpdateModelPackage",
            PACKAGES,
            StringEquals={**PENDING["StringEquals"], "sagemaker:ModelLifeCycle:Stage": "true"},
        ),
        "may set any stage where a tag is missing": granting(
            "sagemaker:UpdateModelPackage",
            PACKAGES,
            StringEquals=PENDING["StringEquals"],
            Null={"aws:ResourceTag/plinth:team": "true"},
        ),
        "may set any status by a pattern": granting("sagemaker:Update*", PACKAGES),
        "may approve if the request has a status": granting(
            "sagemaker:UpdateModelPackage",
            PACKAGES,
            StringEqualsIfExists={"sagemaker:ModelApprovalStatus": "PendingManualApproval"},
            **NO_STAGE,
        ),
        "confines something else": granting(
            "sagemaker:UpdateModelPackage", PACKAGES, StringEquals={"aws:ResourceTag/plinth:team": "fraud"}, **NO_STAGE
        ),
        "may approve in a second statement": document(
            allowing("sagemaker:UpdateModelPackage", PACKAGES, **PENDING),
            allowing("sagemaker:UpdateModelPackage", PACKAGES),
        ),
    },
    accepted={
        "registers for approval": granting("sagemaker:CreateModelPackage", PACKAGES, **PENDING),
        "sees models": granting("sagemaker:DescribeModelPackage", PACKAGES),
        "writes metadata only": granting("sagemaker:UpdateModelPackage", PACKAGES, **METADATA),
    },
    ceiling=True,
)
ANY_STATUS = granting("sagemaker:UpdateModelPackage", PACKAGES, **APPROVED)
SEES_AND_APPROVES = document(
    allowing("sagemaker:DescribeModelPackage", PACKAGES), allowing("sagemaker:UpdateModelPackage", PACKAGES)
)
LEAD_ROLE = "people-tooling-lead-data-scientist"
SIGNED_IN = document(trusted({"AWS": OWN_ACCOUNT}))
LEAD = [
    Case(
        rule="IA-12",
        type="aws:iam/role:Role",
        compliant=Situation(
            inputs={
                "name": LEAD_ROLE,
                "path": PLATFORM_PATH,
                "assumeRolePolicy": SIGNED_IN,
                "inlinePolicies": [{"name": "approval", "policy": ANY_STATUS}],
            }
        ),
        optional=frozenset({"inlinePolicies", "inlinePolicies.0", "inlinePolicies.0.name", "inlinePolicies.0.policy"}),
        refused={
            "belongs to data scientists": but({"name": "people-tooling-data-scientist"}),
            "is outside of the foundation's path": but({"path": "/"}),
            "admits a service": but({"assumeRolePolicy": document(trusted({"AWS": OWN_ACCOUNT}), trusted(SAGEMAKER))}),
            "admits a pipeline": but({"assumeRolePolicy": document(web("repo:acme/fraud:environment:production"))}),
            "admits nobody that is known": but({"assumeRolePolicy": ABSENT}),
        },
    ),
    *(
        Case(
            rule="IA-12",
            type=type_,
            compliant=Situation(inputs={path: granting("sagemaker:DescribeModelPackage", PACKAGES)}),
            optional=frozenset({path}),
            refused={"has only the name of an approver": but({path: ANY_STATUS}, name="LeadScientist-permissions")},
        )
        for type_, path in IDENTITY_POLICY.items()
        if type_
        not in (
            "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy",
            "aws:iam/rolePolicy:RolePolicy",
        )
    ),
    *(
        Case(
            rule="IA-12",
            type=type_,
            compliant=Situation(inputs={IDENTITY_POLICY[type_]: ANY_STATUS}, name=f"{approver}-permissions"),
            optional=frozenset({IDENTITY_POLICY[type_]}),
            refused={"belongs to a data scientist": but(name="DataScientist-tooling-permissions")},
        )
        for type_ in (
            "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy",
            "aws:iam/rolePolicy:RolePolicy",
        )
        for approver in APPROVERS
    ),
]


def approving(what: str, *refused: str, arn: str = "arn:set", set_name: str = people.APPROVING_SET) -> StackCase:
    return StackCase(
        rule="IA-12",
        type="aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy",
        what=what,
        members={
            "set": Member(type="aws:ssoadmin/permissionSet:PermissionSet", inputs={"name": set_name, "arn": "arn:set"}),
            "LeadScientist": Member(inputs={"permissionSetArn": arn, "inlinePolicy": SEES_AND_APPROVES}),
        },
        refused=frozenset(refused),
        context=stack_context(kind="identity"),
    )


def approving_role(what: str, *refused: str, role: str = LEAD_ROLE, name: str = LEAD_ROLE, **trust: str) -> StackCase:
    return StackCase(
        rule="IA-12",
        type="aws:iam/rolePolicy:RolePolicy",
        what=what,
        members={
            "role": Member(
                type="aws:iam/role:Role",
                inputs={"name": name, "path": PLATFORM_PATH, "assumeRolePolicy": trust.get("trust", SIGNED_IN)},
            ),
            "lead-data-scientist": Member(inputs={"role": role, "policy": SEES_AND_APPROVES}),
        },
        refused=frozenset(refused),
        context=stack_context(kind="tooling"),
    )


HELD = [
    approving("the approvers' permission set"),
    approving("another permission set", "LeadScientist", set_name="LeadScientist-development"),
    approving("a permission set of another stack", "LeadScientist", arn="arn:elsewhere"),
    approving_role("the approvers' role"),
    approving_role("the role of data scientists", "lead-data-scientist", role="worker", name="worker"),
    approving_role("a role of another stack", "lead-data-scientist", role="elsewhere"),
    approving_role("a role that jobs assume", "lead-data-scientist", trust=document(trusted(SAGEMAKER))),
]
LAKE = "arn:aws:s3:::acme-lake-raw/*"
RESULTS = "arn:aws:s3:::acme-lake-landing/results/*"
DROPPED = "arn:aws:s3:eu-west-1:*:accesspoint/fraud--*--drop/object/results/*/fraud/production/*"
READING = policy_cases(
    "IA-13",
    compliant=granting("s3:GetObject", LAKE),
    refused={
        "writes to the lake": granting("s3:PutObject", LAKE),
        "deletes from the lake by a pattern": granting(
            "s3:Delete*", ["arn:aws:s3:::own/*", "arn:aws:s3:::data-lake/*"]
        ),
        "writes results and more": granting("s3:PutObject", [RESULTS, LAKE]),
        "writes by whatever access point": granting("s3:PutObject", "arn:aws:s3:eu-west-1:*:accesspoint/fraud--*"),
        "grants data": granting("lakeformation:GrantPermissions"),
        "changes the settings of the lake": granting("lakeformation:Put*"),
    },
    accepted={
        "writes elsewhere": granting("s3:PutObject", "arn:aws:s3:::own/*"),
        "returns results": granting("s3:PutObject", RESULTS),
        "returns results by an access point": granting("s3:PutObject", DROPPED),
        "reads by an access point": granting("s3:GetObject", "arn:aws:s3:eu-west-1:*:accesspoint/fraud--*"),
        "asks for data": granting("lakeformation:GetDataAccess"),
    },
    ceiling=True,
)
ELSEWHERE = [
    Case(
        rule="IA-13",
        type=type_,
        compliant=Situation(inputs={path: granting("s3:PutObject", LAKE)}, context=stack_context(kind="data-lake")),
        optional=frozenset({path}),
        refused={f"writes to the lake from {kind}": but(kind=kind) for kind in ("experimentation", "development")},
    )
    for type_, path in IDENTITY_POLICY.items()
]
HOUR = 3600
SESSIONS = [
    Case(
        rule="IA-14",
        type=type_,
        compliant=Situation(
            inputs={
                "maxSessionDuration": HOUR,
                "assumeRolePolicy": document(trusted(SAGEMAKER), trusted({"AWS": OWN_ACCOUNT})),
            }
        ),
        optional=frozenset({"maxSessionDuration", "assumeRolePolicy"}),
        refused={
            "lets a machine work for two hours": but({"maxSessionDuration": 2 * HOUR}),
            "lets a pipeline work for two hours": but(
                {
                    "maxSessionDuration": 2 * HOUR,
                    "assumeRolePolicy": document(web("repo:acme/fraud:environment:production")),
                }
            ),
            "lets people work for five hours": but({"maxSessionDuration": 5 * HOUR, "assumeRolePolicy": ABSENT}),
        },
        accepted={"lets people work for four hours": but({"maxSessionDuration": 4 * HOUR, "assumeRolePolicy": ABSENT})},
    )
    for type_ in ("aws:iam/role:Role",)
]
SETS = [
    Case(
        rule="IA-14",
        type=type_,
        compliant=Situation(inputs={"sessionDuration": "PT4H"}),
        optional=frozenset({"sessionDuration"}),
        refused={
            "lasts for a minute more": but({"sessionDuration": "PT4H1M"}),
            "lasts for a day": but({"sessionDuration": "P1D"}),
            "lasts for half a day in minutes": but({"sessionDuration": "PT720M"}),
        },
        accepted={"lasts for minutes": but({"sessionDuration": "PT90M"})},
    )
    for type_ in ("aws:ssoadmin/permissionSet:PermissionSet",)
]
PROFILES = "arn:aws:sagemaker:eu-west-1:1:user-profile"
OWN = f"{PROFILES}/*/${{aws:PrincipalTag/plinth:user}}"
FROM_OWN_ENDPOINT = {"Null": {"aws:SourceVpce": "false"}}
FROM_VPC = {"StringEquals": {"aws:SourceVpc": "vpc-1"}}
TAGGED_LIKE_THE_CALLER = {"aws:ResourceTag/plinth:user": "${aws:PrincipalTag/plinth:user}"}
FROM_TEAM = {"StringEquals": {"aws:PrincipalTag/plinth:team": "fraud"}}


def opening(**conditions: object) -> str:
    """Returns a policy that opens Studio profiles from the own endpoint under a condition."""
    return granting("sagemaker:CreatePresignedDomainUrl", f"{PROFILES}/*", **FROM_OWN_ENDPOINT, **conditions)


DOORS = [
    Case(
        rule="IA-14",
        type=type_,
        compliant=Situation(inputs={path: granting("sagemaker:CreatePresignedDomainUrl", OWN, **FROM_OWN_ENDPOINT)}),
        optional=frozenset({path}),
        refused={
            "opens any Studio profile": but(
                {path: granting("sagemaker:CreatePresignedDomainUrl", **FROM_OWN_ENDPOINT)}
            ),
            "opens the Studio profile of ana": but(
                {path: granting("sagemaker:CreatePresigned*", [OWN, f"{PROFILES}/d-1/ana"], **FROM_OWN_ENDPOINT)}
            ),
            "opens profiles without a tag": but({path: opening(StringEqualsIfExists=TAGGED_LIKE_THE_CALLER)}),
            "opens the profiles of ana": but({path: opening(StringEquals={"aws:ResourceTag/plinth:user": "ana"})}),
            "opens profiles by another tag": but(
                {path: opening(StringEquals={"aws:ResourceTag/plinth:team": "${aws:PrincipalTag/plinth:user}"})}
            ),
            "opens every Studio profile except one": but(
                {
                    path: document(
                        {
                            "Effect": "Allow",
                            "Action": "sagemaker:CreatePresignedDomainUrl",
                            "NotResource": OWN,
                            "Condition": FROM_OWN_ENDPOINT,
                        }
                    )
                }
            ),
        },
        accepted={
            "opens none": but({path: granting("sagemaker:ListDomains")}),
            "opens the profile with the tag of the caller": but({path: opening(StringEquals=TAGGED_LIKE_THE_CALLER)}),
        },
    )
    for type_, path in IDENTITY_POLICY.items()
]
DOORS_OF_ROLES = [
    Case(
        rule="IA-14",
        type="aws:iam/policy:Policy",
        compliant=Situation(inputs={"policy": granting("sagemaker:CreatePresignedDomainUrl", OWN)}),
        optional=frozenset({"policy"}),
        refused={"opens any Studio profile": but({"policy": granting("sagemaker:CreatePresignedDomainUrl")})},
        accepted={"is a ceiling": but({"policy": granting("sagemaker:CreatePresignedDomainUrl")} | CEILING)},
    )
]
DOORS_OF_PEOPLE = [
    Case(
        rule="IA-14",
        type=type_,
        compliant=Situation(inputs={"inlinePolicy": granting("sagemaker:CreatePresignedDomainUrl", OWN, **FROM_VPC)}),
        optional=frozenset({"inlinePolicy"}),
        refused={
            "opens from anywhere": but({"inlinePolicy": granting("sagemaker:CreatePresignedDomainUrl", OWN)}),
            "opens at any time": but(
                {
                    "inlinePolicy": granting(
                        "sagemaker:CreatePresignedDomainUrl",
                        OWN,
                        StringEquals={"aws:PrincipalTag/plinth:team": "fraud"},
                    )
                }
            ),
        },
    )
    for type_ in ("aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy",)
]
WORKPLACES = [
    Case(
        rule="IA-14",
        type=type_,
        compliant=Situation(inputs={"name": "people-fraud-production-ml-engineer"}),
        optional=frozenset({"name"}),
        refused={
            f"lets data scientists into {kind}": but({"name": f"people-fraud-{kind}-data-scientist"}, kind=kind)
            for kind in CLOSED_TO_SCIENTISTS
        },
        accepted={
            "lets data scientists into development": but(
                {"name": "people-fraud-development-data-scientist"}, kind="development"
            ),
            "lets the lead in": but({"name": "people-fraud-production-lead-data-scientist"}),
            "is for jobs of that name": but({"name": "fraud-production-data-scientist"}),
        },
    )
    for type_ in ("aws:iam/role:Role",)
]
ACCOUNT, ASSIGNMENT, GROUP = (
    "aws:organizations/account:Account",
    "aws:ssoadmin/accountAssignment:AccountAssignment",
    "aws:identitystore/group:Group",
)


def assigned(what: str, environment: str, group: str, *refused: str, name: str = "people") -> StackCase:
    return StackCase(
        rule="IA-14",
        type=ASSIGNMENT,
        what=what,
        members={
            "account": Member(type=ACCOUNT, inputs={"id": OTHER_ACCOUNT, "tags": {ENVIRONMENT_TAG: environment}}),
            "elsewhere": Member(type=ACCOUNT, inputs={"id": OWN_ACCOUNT, "tags": {ENVIRONMENT_TAG: "production"}}),
            "group": Member(type=GROUP, inputs={"id": "group-1", "displayName": group}),
            "another": Member(type=GROUP, inputs={"id": "group-2", "displayName": "plinth-fraud-data-scientist"}),
            name: Member(inputs={"targetId": OTHER_ACCOUNT, "principalId": "group-1"}),
        },
        refused=frozenset(refused),
        context=stack_context(kind="team"),
    )


ASSIGNMENTS = [
    *(
        assigned(f"data scientists in {kind}", kind, "plinth-fraud-data-scientist", "people")
        for kind in CLOSED_TO_SCIENTISTS
    ),
    assigned("data scientists in development", "development", "plinth-fraud-data-scientist"),
    assigned("the lead in production", "production", "plinth-fraud-lead-data-scientist"),
    assigned("engineers in production", "production", "plinth-fraud-ml-engineer"),
    assigned(
        "data scientists of the directory in production",
        "production",
        "synchronised",
        "people-DataScientist-development-fraud-production",
        name="people-DataScientist-development-fraud-production",
    ),
]


def looking(what: str, name: str, policy: str, *refused: str, arn: str = "arn:set") -> StackCase:
    return StackCase(
        rule="IA-14",
        type="aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy",
        what=what,
        members={
            "set": Member(type="aws:ssoadmin/permissionSet:PermissionSet", inputs={"name": name, "arn": "arn:set"}),
            "other": Member(
                type="aws:ssoadmin/permissionSet:PermissionSet", inputs={"name": "ITPlatform", "arn": "arn:other"}
            ),
            "policy": Member(inputs={"permissionSetArn": arn, "inlinePolicy": policy}),
        },
        refused=frozenset(refused),
        context=stack_context(kind="identity"),
    )


LOOKS, WORKS = granting(["s3:GetObject", "kms:Decrypt"]), granting(["s3:GetObject", "s3:PutObject"])
VIEWS = [
    looking("a data scientist with read-only access in development", "DataScientist-development", LOOKS),
    looking(
        "a data scientist who opens the own Studio profile", "DataScientist-development", granting(people._OPEN_STUDIO)
    ),
    looking("a data scientist who works in development", "DataScientist-development", WORKS, "policy"),
    looking(
        "a data scientist who works by a second statement",
        "DataScientist-development",
        document(allowing("s3:GetObject"), allowing("s3:PutObject")),
        "policy",
    ),
    looking("a data scientist who works in experimentation", "DataScientist-experimentation", WORKS),
    looking("a set of another stack", "DataScientist-development", WORKS, arn="arn:elsewhere"),
    looking("another principal", "DataScientist-development", WORKS, arn="arn:other"),
]

STACK_CASES = [*HELD, *ASSIGNMENTS, *VIEWS]
CASES = [
    *APPROVAL,
    *LEAD,
    *READING,
    *ELSEWHERE,
    *SESSIONS,
    *SETS,
    *DOORS,
    *DOORS_OF_ROLES,
    *DOORS_OF_PEOPLE,
    *WORKPLACES,
]
