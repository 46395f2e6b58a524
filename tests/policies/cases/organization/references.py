"""Cases of policies/security/rules/organization/references.py."""

from __future__ import annotations

import json

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
    paths,
    stack_context,
)

UPSTREAM = "333333333333"
"""An account that an upstream stack exports."""
OURS, THEIRS = "o-acme123456", "o-stranger99"
TOLD = stack_context(organization_id=OURS, organization_accounts=(UPSTREAM,), settings_accounts=("444444444444",))
UNTOLD = stack_context()


def function(account: str) -> str:
    return f"arn:aws:lambda:eu-west-1:{account}:function:scores"


def key(account: str) -> str:
    return f"arn:aws:kms:eu-west-1:{account}:key/1234abcd-12ab-34cd-56ef-{OTHER_ACCOUNT}"


def bucket(account: str) -> str:
    return f"acme-scores-{account}-eu-west-1-an"


def body(account: str) -> str:
    uri = f"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{function(account)}/invocations"
    return json.dumps({"paths": {"/scores": {"get": {"x-amazon-apigateway-integration": {"uri": uri}}}}})


FORMS = {
    "an ARN": function,
    "an account in a list": lambda account: f"{OWN_ACCOUNT},{account}",
    "an account alone": str,
    "a number": int,
    "an image": lambda account: f"{account}.dkr.ecr.eu-west-1.amazonaws.com/train:1",
    "a registry with FIPS": lambda account: f"{account}.dkr.ecr-fips.eu-west-1.amazonaws.com/train",
    "a bucket": lambda account: f"s3://{bucket(account)}/scores/",
    "a bucket's ARN": lambda account: f"arn:aws:s3:::{bucket(account)}",
    "a queue": lambda account: f"https://sqs.eu-west-1.amazonaws.com/{account}/scores",
    "an address of S3 Control": lambda account: f"https://{account}.s3-control.eu-west-1.amazonaws.com",
    "an ARN in JSON": body,
    "an ARN in JSON in JSON": lambda account: json.dumps([body(account)]),
    "an ARN in a script": lambda account: f"aws lambda invoke --function-name {function(account)} out.json",
    "an ARN of another partition": lambda account: f"arn:aws-cn:sqs:cn-north-1:{account}:scores",
    "a part of a mapping": lambda account: {"targets": [{"arn": function(account)}]},
    "a key of a mapping": lambda account: {account: "reader"},
}
"""Ways to name an account in a property."""


REFUSED = {f"names a stranger by {name}": but({name: form(OTHER_ACCOUNT)}) for name, form in FORMS.items()}
QUEUE, RULE = "aws:sqs/queue:Queue", "aws:cloudwatch/eventTarget:EventTarget"

CASES = [
    Case(
        rule="OR-09",
        type=QUEUE,
        compliant=Situation(inputs={name: form(OWN_ACCOUNT) for name, form in FORMS.items()}, context=TOLD),
        optional=frozenset(
            {
                *FORMS,
                "a part of a mapping.targets",
                "a part of a mapping.targets.0",
                "a part of a mapping.targets.0.arn",
                f"a key of a mapping.{OWN_ACCOUNT}",
            }
        ),
        refused={
            **REFUSED,
            "names another organization": but(
                {"principal": f"arn:aws:organizations::{OWN_ACCOUNT}:organization/{THEIRS}"}
            ),
            "names a stranger, although nobody told the pack": but(
                {"an ARN": function(OTHER_ACCOUNT)}, organization_accounts=None
            ),
            "names an account of an upstream stack, although nobody told the pack": but(
                {"an ARN": function(UPSTREAM)}, organization_accounts=None
            ),
        },
        accepted={
            **{f"names an upstream account by {name}": but({name: form(UPSTREAM)}) for name, form in FORMS.items()},
            "names an account of the settings": but({"an ARN": function("444444444444")}),
            "names a registry of AWS": but({"an image": "763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch:1"}),
            "names a policy of AWS": but({"an ARN": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
            "has an identifier that looks like an account": but({"an ARN": key(OWN_ACCOUNT)}),
            "has a number in a folder": but({"a bucket": f"s3://{bucket(OWN_ACCOUNT)}/{OTHER_ACCOUNT}/scores.csv"}),
            "has a longer number": but({"an account alone": f"{OTHER_ACCOUNT}0"}),
            "has a number that people read": but({"description": OTHER_ACCOUNT, "tags": {"ticket": OTHER_ACCOUNT}}),
            "names the own organization": but(
                {"principal": f"arn:aws:organizations::{OWN_ACCOUNT}:organization/{OURS}"}
            ),
            "names an organization before there is one": but({"principal": THEIRS}, organization_id=""),
            "has an unknown provider": but(
                {"an ARN": function(OTHER_ACCOUNT)}, provider={"region": "eu-west-1", "allowedAccountIds": UNKNOWN}
            ),
        },
    ),
    Case(
        rule="OR-09",
        type=RULE,
        compliant=Situation(inputs={"arn": function(UPSTREAM)}, context=UNTOLD),
        optional=frozenset({"arn"}),
        refused={
            "names a stranger, and the pack is told": but({"arn": function(OTHER_ACCOUNT)}, organization_accounts=())
        },
        accepted={
            "names somebody, and nobody told the pack": but({"arn": function(OTHER_ACCOUNT)}),
            "names an account that the stack may have created": but(
                {"arn": function(OTHER_ACCOUNT)}, kind="team", organization_accounts=()
            ),
        },
    ),
    Case(
        rule="OR-09",
        type="kubernetes:core/v1:ServiceAccount",
        compliant=Situation(
            inputs={"metadata": {"annotations": {"role": f"arn:aws:iam::{UPSTREAM}:role/a"}}}, context=TOLD
        ),
        optional=frozenset({"metadata", "metadata.annotations", "metadata.annotations.role"}),
        refused={
            "names a role of a stranger": but({"metadata.annotations.role": f"arn:aws:iam::{OTHER_ACCOUNT}:role/a"}),
        },
    ),
    Case(
        rule="OR-09",
        type="aws:sqs/queuePolicy:QueuePolicy",
        compliant=Situation(
            inputs={"policy": document({"Effect": "Allow", "Principal": {"AWS": OTHER_ACCOUNT}})}, context=TOLD
        ),
        optional=frozenset({"policy"}),
        refused={"names a stranger beside its document": but({"queueUrl": function(OTHER_ACCOUNT)})},
    ),
    Case(
        rule="OR-09",
        type="aws:iam/role:Role",
        compliant=Situation(
            inputs={
                "assumeRolePolicy": document({"Effect": "Allow", "Principal": {"AWS": OTHER_ACCOUNT}}),
                "inlinePolicies": [{"policy": document({"Effect": "Allow", "Resource": function(OTHER_ACCOUNT)})}],
            },
            context=TOLD,
        ),
        optional=frozenset({"assumeRolePolicy", "inlinePolicies", "inlinePolicies.0", "inlinePolicies.0.policy"}),
        refused={
            "has a boundary of a stranger": but({"permissionsBoundary": f"arn:aws:iam::{OTHER_ACCOUNT}:policy/a"})
        },
    ),
    Case(
        rule="OR-09",
        type="plinth:storage:PrivateBucket",
        compliant=Situation(inputs={"account": OWN_ACCOUNT}, provider_name=None, context=TOLD),
        optional=frozenset({"account"}),
        refused={
            "is no component, but a resource of a provider": but({"account": OTHER_ACCOUNT}, provider_name="plinth")
        },
    ),
    *(
        Case(
            rule="OR-10",
            type=type_,
            compliant=Situation(inputs=inputs),
            optional=frozenset(paths(inputs)),
            refused={
                "has a policy in another property": but({"template": document({"Effect": "Allow"})}),
                "has a policy with one statement": but(
                    {"template": json.dumps({"Statement": {"Effect": "Allow", "Action": "s3:*"}})}
                ),
                "has a policy inside of JSON": but({"template": json.dumps({"a": [document({"Effect": "Allow"})]})}),
            },
            accepted={
                "has statements that are none of a policy": but({"template": json.dumps({"Statement": ["SELECT 1"]})}),
                "has text that only looks like JSON": but({"template": "{Statement: Effect"}),
            },
        )
        for type_, inputs in {
            QUEUE: {"policy": document({"Effect": "Deny"})},
            "aws:organizations/policy:Policy": {"content": document({"Effect": "Deny"})},
            "aws:iam/role:Role": {"assumeRolePolicy": document({"Effect": "Allow"})},
            "aws:apigateway/restApi:RestApi": {
                "body": json.dumps({"x-amazon-apigateway-policy": {"Statement": [{"Effect": "Allow"}]}})
            },
            "kubernetes:core/v1:ConfigMap": {"data": {"settings.json": "{}"}},
        }.items()
    ),
]

STACK_CASES = [
    StackCase(
        rule="OR-09",
        type="aws:ssoadmin/accountAssignment:AccountAssignment",
        what="accounts that the same stack creates",
        members={
            "account": Member(inputs={"id": UPSTREAM}, type="aws:organizations/account:Account", account=OWN_ACCOUNT),
            "created": Member(inputs={"targetId": UPSTREAM}, account=OWN_ACCOUNT),
            "own": Member(inputs={"targetId": OWN_ACCOUNT}, account=OWN_ACCOUNT),
            "stranger": Member(inputs={"targetId": OTHER_ACCOUNT}, account=OWN_ACCOUNT),
        },
        refused=frozenset({"stranger"}),
        context=stack_context(kind="team", organization_accounts=()),
    ),
    StackCase(
        rule="OR-09",
        type="aws:ssoadmin/accountAssignment:AccountAssignment",
        what="accounts in a stack that creates none",
        members={"judged before": Member(inputs={"targetId": OTHER_ACCOUNT}, account=OWN_ACCOUNT)},
        context=stack_context(kind="tooling", organization_accounts=()),
    ),
]
