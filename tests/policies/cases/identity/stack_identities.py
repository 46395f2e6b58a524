"""Cases of policies/security/rules/identity/stack_identities.py."""

from __future__ import annotations

from typing import Any

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import (
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
from tests.policies.cases.identity.grants import allowing, granting, policy_cases
from tests.policies.cases.policy_types import DOCUMENTS, IDENTITY_POLICY, RESOURCE_POLICY

ROLE_POLICY = ("aws:iam/rolePolicy:RolePolicy", "aws:iam/rolePolicyAttachment:RolePolicyAttachment")


ROLE = "aws:iam/role:Role"
INLINE, ATTACHED = ROLE_POLICY


def letting(principal: Any, action: Any = "s3:GetObject", **conditions: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*", "Condition": conditions}


OTHER_ACCOUNT_ROLE = {"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:role/reader"}
LOGS = {"Service": "logs.eu-west-1.amazonaws.com"}
IN_ORGANIZATION = {"StringEquals": {"aws:PrincipalOrgID": "o-acme123456"}}
FROM_OTHER_ACCOUNT = {"aws:SourceAccount": OTHER_ACCOUNT}
FOR_US = {"StringEquals": {"aws:SourceOrgID": "o-acme123456"}}
ADMISSION = [
    Case(
        rule="ST-06",
        type=type_,
        compliant=Situation(
            inputs={path: document(letting(OTHER_ACCOUNT_ROLE, **IN_ORGANIZATION), letting(LOGS, **FOR_US))}
        ),
        optional=frozenset({path}),
        refused={
            what: but({path: document(*statements)})
            for what, statements in {
                "names a principal that is gone": [letting({"AWS": "AROAEXAMPLE"}, **IN_ORGANIZATION)],
                "names a user by a canonical id": [letting({"CanonicalUser": "79a59df900b949e55d96a1e698fbaced"})],
                "names a principal that was deleted in addition to an existing one": [
                    letting({"AWS": [OTHER_ACCOUNT_ROLE["AWS"], "AROAEXAMPLE"]}, **IN_ORGANIZATION)
                ],
                "names an account that may leave": [letting(OTHER_ACCOUNT_ROLE)],
                "names an account that may leave in a second statement": [
                    letting(OTHER_ACCOUNT_ROLE, **IN_ORGANIZATION),
                    letting(OTHER_ACCOUNT_ROLE),
                ],
                "lets a service act for any account": [letting(LOGS)],
                "lets a service do more than check": [letting(LOGS, "s3:*")],
                "lets a service act on any context": [
                    letting(LOGS, ArnLike={"kms:EncryptionContext:aws:logs:arn": "*"})
                ],
                "lets a service act for another account": [letting(LOGS, StringEquals=FROM_OTHER_ACCOUNT)],
                "lets a service act for another account's resource": [
                    letting(LOGS, ArnLike={"aws:SourceArn": f"arn:aws:logs:eu-west-1:{OTHER_ACCOUNT}:*"})
                ],
                "lets a service act for another account's bucket": [
                    letting(LOGS, ArnLike={"aws:SourceArn": f"arn:aws:s3:::data-{OTHER_ACCOUNT}-eu-west-1-an"})
                ],
                "lets a service act for a bucket, which names no account": [
                    letting(LOGS, ArnLike={"aws:SourceArn": "arn:aws:s3:::acme-data"})
                ],
                "lets a service act on a context of any account": [
                    letting(LOGS, ArnLike={"kms:EncryptionContext:aws:logs:arn": "arn:aws:*:*:*:*"})
                ],
                "lets a service act on a context of some account": [
                    letting(
                        LOGS,
                        ArnLike={
                            "kms:EncryptionContext:aws:logs:arn": [f"arn:aws:logs:eu-west-1:{OWN_ACCOUNT}:*", "arn:*"]
                        },
                    )
                ],
                "lets a service act on a context that may be absent": [
                    letting(
                        LOGS,
                        ArnLikeIfExists={
                            "kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:eu-west-1:{OWN_ACCOUNT}:*"
                        },
                    )
                ],
                "lets a service act under a condition on an unrelated key with the account": [
                    letting(LOGS, StringEquals={"aws:UserAgent": f"agent-{OWN_ACCOUNT}-1"})
                ],
                "lets a service act for any resource": [letting(LOGS, ArnLike={"aws:SourceArn": "arn:aws:*:*:*:*"})],
                "admits every principal": [letting("*")],
                "admits every principal of AWS": [letting({"AWS": "*"})],
                "admits every principal of accounts that begin with a digit": [
                    letting("*", StringLike={"aws:PrincipalAccount": ["1*", "2*"]})
                ],
                "admits every principal of another account": [
                    letting("*", StringEquals={"aws:PrincipalAccount": OTHER_ACCOUNT})
                ],
                "admits a role of another account by a condition": [
                    letting("*", ArnEquals={"aws:PrincipalArn": OTHER_ACCOUNT_ROLE["AWS"]})
                ],
                "admits every principal in any network": [letting("*", StringLike={"aws:SourceVpc": "vpc-*"})],
                "admits every principal of any organization": [letting("*", StringLike={"aws:PrincipalOrgID": "o-*"})],
                "admits another account of any organization": [
                    letting(OTHER_ACCOUNT_ROLE, StringLike={"aws:PrincipalOrgID": "o-a*"})
                ],
                "lets a service act under a condition on an unrelated key": [
                    letting(LOGS, StringEquals={"aws:UserAgent": "us"})
                ],
            }.items()
        }
        | {
            "names another organization than the settings": but(
                {path: document(letting(OTHER_ACCOUNT_ROLE, **IN_ORGANIZATION))}, organization_id="o-other12345"
            )
        },
        accepted={
            what: but({path: document(*statements)})
            for what, statements in {
                "names an own account and a service": [
                    letting(
                        {**OTHER_ACCOUNT_ROLE, **LOGS},
                        StringEquals={"aws:PrincipalOrgID": "o-acme123456", "aws:SourceOrgID": "o-acme123456"},
                    )
                ],
                "names its own account": [letting({"AWS": OWN_ACCOUNT})],
                "lets a service act on an own encryption context": [
                    letting(
                        LOGS, ArnLike={"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:eu-west-1:{OWN_ACCOUNT}:*"}
                    )
                ],
                "lets a service act for the own account": [
                    letting(
                        LOGS,
                        StringEquals={"aws:SourceAccount": OWN_ACCOUNT},
                        ArnLike={"aws:SourceArn": f"arn:aws:logs:eu-west-1:{OWN_ACCOUNT}:*"},
                    )
                ],
                "lets a service act for another account in the settings": [
                    letting(LOGS, StringEquals={**FROM_OTHER_ACCOUNT, "aws:SourceOrgID": "o-acme123456"})
                ],
                "lets a service act for a bucket whose name contains the account": [
                    letting(LOGS, ArnLike={"aws:SourceArn": f"arn:aws:s3:::acme-data-{OWN_ACCOUNT}-eu-west-1-an"})
                ],
                "admits every principal of the organization": [letting("*", **IN_ORGANIZATION)],
                "admits every principal of the own account": [
                    letting("*", StringEquals={"aws:PrincipalAccount": OWN_ACCOUNT})
                ],
                "admits every principal in a network": [letting("*", StringEquals={"aws:SourceVpc": "vpc-0a1b2c3d"})],
                "lets a service check whether it may write": [letting(LOGS, "s3:GetBucketAcl")],
                "lets a service check and list": [letting(LOGS, ["s3:GetBucketAcl", "s3:ListBucket"])],
            }.items()
        }
        | {
            "is a document with an unknown value": but(
                {path: {"Statement": [letting("*", StringEquals={"aws:PrincipalOrgID": [UNKNOWN]})]}}
            ),
            "names the organization of the settings": but(
                {path: document(letting(OTHER_ACCOUNT_ROLE, **IN_ORGANIZATION))}, organization_id="o-acme123456"
            ),
            "names a shared account of the settings": but(
                {path: document(letting(OTHER_ACCOUNT_ROLE), letting(LOGS, StringEquals=FROM_OTHER_ACCOUNT))},
                durable_accounts=(OTHER_ACCOUNT,),
            ),
            "names an adopted account of the settings": but(
                {path: document(letting(OTHER_ACCOUNT_ROLE))}, adopted_accounts=(OTHER_ACCOUNT,)
            ),
            "names a partner": but({path: document(letting(OTHER_ACCOUNT_ROLE))}, partner_accounts=(OTHER_ACCOUNT,)),
            "names an account of the settings": but(
                {path: document(letting(OTHER_ACCOUNT_ROLE))}, settings_accounts=(OTHER_ACCOUNT,)
            ),
            "names an account that only the deployment can tell from its own": but(
                {path: document(letting(OTHER_ACCOUNT_ROLE))}, provider={"allowedAccountIds": UNKNOWN}
            ),
        },
    )
    for type_, path in RESOURCE_POLICY.items()
]


def roles(what: str, members: dict[str, Member], *refused: str) -> StackCase:
    return StackCase(rule="ST-05", type=ROLE, what=what, members=members, refused=frozenset(refused))


def attached(role: object, policy: object, **sources: str) -> Member:
    return Member(type=ATTACHED, inputs={"role": role, "policyArn": policy}, sources=sources)


HERE = {"here": Member(inputs={"name": "here"})}
STACK_CASES = [
    roles("a policy of a role that is here", {**HERE, "inline": Member(type=INLINE, inputs={"role": "here"})}),
    roles(
        "a policy of one of two roles",
        {**HERE, "there": Member(inputs={"name": "there"}), "inline": Member(type=INLINE, inputs={"role": "here"})},
    ),
    roles(
        "a policy of a role that is made with it",
        {**HERE, "inline": Member(type=INLINE, inputs={"role": UNKNOWN}, sources={"role": "here"})},
    ),
    roles(
        "a policy of another stack's role",
        {**HERE, "inline": Member(type=INLINE, inputs={"role": "elsewhere"})},
        "inline",
    ),
    roles(
        "a policy of an unknown role",
        {**HERE, "inline": Member(type=INLINE, inputs={"role": UNKNOWN})},
        "inline",
    ),
    roles(
        "two inline policies of one role",
        {**HERE, **{name: Member(type=INLINE, inputs={"role": "here"}) for name in ("first", "second")}},
    ),
    roles(
        "a policy that is attached twice",
        {
            **HERE,
            "first": attached("here", "arn:a"),
            "other": attached("here", "arn:b"),
            "again": attached("here", "arn:a"),
        },
        "again",
    ),
    roles(
        "policies that nobody can tell apart yet",
        {**HERE, "first": attached("here", UNKNOWN), "second": attached("here", UNKNOWN)},
    ),
]

FUNCTIONS = "lambda.amazonaws.com"


def trusting(principal: dict[str, object]) -> dict[str, object]:
    """Returns a trust statement without a condition."""
    return {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}


TRUST = [
    Case(
        rule="ST-05",
        type=type_,
        compliant=Situation(inputs={"assumeRolePolicy": document(letting(LOGS, "sts:AssumeRole", **FOR_US))}),
        optional=frozenset({"assumeRolePolicy"}),
        refused={
            "trusts under no condition": but({"assumeRolePolicy": document(letting(LOGS, "sts:AssumeRole"))}),
            "trusts under no condition in a second statement": but(
                {
                    "assumeRolePolicy": document(
                        letting(LOGS, "sts:AssumeRole", **FOR_US), letting(OTHER_ACCOUNT_ROLE, "sts:AssumeRole")
                    )
                }
            ),
            "trusts functions and a role under no condition": but(
                {"assumeRolePolicy": document(trusting({"Service": FUNCTIONS, "AWS": OTHER_ACCOUNT_ROLE}))}
            ),
            "trusts functions and other services under no condition": but(
                {"assumeRolePolicy": document(trusting({"Service": [FUNCTIONS, "glue.amazonaws.com"]}))}
            ),
            "trusts functions and users of an identity provider under no condition": but(
                {"assumeRolePolicy": document(trusting({"Service": FUNCTIONS, "Federated": "arn:aws:iam::1:oidc"}))}
            ),
        },
        accepted={
            "trusts functions and instances, whose account is its own": but(
                {"assumeRolePolicy": document(trusting({"Service": [FUNCTIONS, "ec2.amazonaws.com"]}))}
            ),
            "trusts functions, whose account is its own": but(
                {"assumeRolePolicy": document(trusting({"Service": FUNCTIONS}))}
            ),
        },
    )
    for type_ in ("aws:iam/role:Role",)
]
OTHER_QUEUE = f"arn:aws:sqs:eu-west-1:{OTHER_ACCOUNT}:results"
REACH = policy_cases(
    "ST-06",
    compliant=granting("sqs:SendMessage", OTHER_QUEUE, StringEquals={"aws:ResourceOrgID": "o-acme123456"}),
    refused={
        "reaches an account that may leave": granting("sqs:SendMessage", OTHER_QUEUE),
        "reaches an account that may leave among others": granting("sqs:SendMessage", ["*", OTHER_QUEUE]),
        "reaches it in a second statement": document(
            allowing("s3:GetObject"), allowing("sqs:SendMessage", OTHER_QUEUE)
        ),
        "is confined to an account that may leave": granting(
            "sqs:SendMessage", "*", StringEquals={"aws:ResourceAccount": OTHER_ACCOUNT}
        ),
        "is confined by a caller condition": granting(
            "sqs:SendMessage", OTHER_QUEUE, StringEquals={"aws:PrincipalOrgID": "o-acme123456"}
        ),
        "changes images of another account": granting(
            "ecr:PutImage", f"arn:aws:ecr:eu-west-1:{OTHER_ACCOUNT}:repository/a"
        ),
        "reads more than images of another account": granting(
            ["ecr:BatchGetImage", "sqs:GetQueueUrl"], f"arn:aws:ecr:eu-west-1:{OTHER_ACCOUNT}:repository/a"
        ),
    },
    accepted={
        "is confined to the own account": granting(
            "sqs:SendMessage", OTHER_QUEUE, StringEquals={"aws:ResourceAccount": OWN_ACCOUNT}
        ),
        "is confined to accounts of the organization": granting(
            "sqs:SendMessage",
            "*",
            StringEquals={"aws:ResourceAccount": OTHER_ACCOUNT, "aws:ResourceOrgID": "o-acme123456"},
        ),
        "reaches the own account": granting("sqs:SendMessage", OTHER_QUEUE.replace(OTHER_ACCOUNT, OWN_ACCOUNT)),
        "reaches what names no account": granting("s3:GetObject", "arn:aws:s3:::data/*"),
        "pulls images of another account": granting(
            "ecr:BatchGetImage", f"arn:aws:ecr:eu-west-1:{OTHER_ACCOUNT}:repository/a"
        ),
    },
    ceiling=True,
)
REACH_OF_OTHERS = [
    Case(
        rule="ST-06",
        type="aws:iam/policy:Policy",
        compliant=Situation(
            inputs={"policy": granting("sqs:SendMessage", OTHER_QUEUE)},
            context=stack_context(partner_accounts=(OTHER_ACCOUNT,)),
        ),
        optional=frozenset({"policy"}),
        refused={"reaches an account that is no partner's": but(partner_accounts=())},
        accepted={"is of an unknown account": but(partner_accounts=(), provider={"allowedAccountIds": UNKNOWN})},
    )
]

BUCKET, POLICY, ENDPOINT = (
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:iam/policy:Policy",
    "aws:ec2/vpcEndpoint:VpcEndpoint",
)


def named(*organizations: str, key: str = "aws:PrincipalOrgID") -> str:
    return document(*(letting("*", StringEquals={key: organization}) for organization in organizations))


def organizations(what: str, members: dict[str, Member], *refused: str, **declared: Any) -> StackCase:
    return StackCase(
        rule="ST-06",
        type=BUCKET,
        what=what,
        members=members,
        refused=frozenset(refused),
        context=stack_context(**declared),
    )


def saying(policy: object, type_: str = BUCKET) -> Member:
    return Member(type=type_, inputs={DOCUMENTS[type_]: policy})


ENDPOINTS = [
    Case(
        rule="ST-06",
        type=type_,
        compliant=Situation(
            inputs={DOCUMENTS[type_]: named("o-acme123456")},
            context=stack_context(organization_id="o-acme123456"),
        ),
        optional=frozenset({DOCUMENTS[type_]}),
        refused={"names another organization than the settings": but(organization_id="o-other12345")},
        accepted={"is in an organization whose id AWS assigns": but(organization_id="")},
    )
    for type_ in (
        "aws:ec2/vpcEndpoint:VpcEndpoint",
        "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy",
        *IDENTITY_POLICY,
    )
]
FIRST = {"first": saying(named("o-acme123456"))}
STACK_CASES += [
    organizations("policies that name one organization", {**FIRST, "second": saying(named("o-acme123456"))}),
    organizations(
        "a policy that names another organization", {**FIRST, "second": saying(named("o-other12345"))}, "second"
    ),
    organizations(
        "a policy that names another organization in addition to the own",
        {**FIRST, "second": saying(named("o-acme123456", "o-other12345"))},
        "second",
    ),
    organizations(
        "a policy that names another organization before two that name the own",
        {"other": saying(named("o-other12345")), **FIRST, "second": saying(named("o-acme123456"))},
        "other",
    ),
    organizations(
        "policies of another organization than the settings'", FIRST, "first", organization_id="o-other12345"
    ),
    organizations("policies of the settings' organization", FIRST, organization_id="o-acme123456"),
    *(
        organizations(
            f"a {type_.rpartition(':')[2]} that names another organization",
            {**FIRST, "second": saying(named("o-other12345"), type_)},
            "second",
        )
        for type_ in (POLICY, ROLE, ENDPOINT)
    ),
    *(
        organizations(
            f"a policy that names another organization by {key}",
            {**FIRST, "second": saying(named("o-other12345/r-1/*", key=key))},
            "second",
        )
        for key in ("aws:ResourceOrgPaths", "aws:VpceOrgPaths", "aws:SourceOrgPaths")
    ),
    organizations(
        "policies that name units of one organization",
        {**FIRST, "second": saying(named("o-acme123456/r-1/*", key="aws:PrincipalOrgPaths"))},
    ),
    organizations("policies of which one is not known yet", {**FIRST, "second": saying(UNKNOWN)}),
    organizations(
        "a policy that names the organization by a variable",
        {**FIRST, "second": saying(named("${aws:PrincipalOrgID}", key="aws:ResourceOrgID"))},
    ),
    organizations(
        "a policy with a condition on another key",
        {**FIRST, "second": saying(named("o-other12345", key="aws:PrincipalTag/plinth:team"))},
    ),
]

CASES = [*ADMISSION, *TRUST, *REACH, *REACH_OF_OTHERS, *ENDPOINTS]
