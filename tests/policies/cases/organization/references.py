"""Cases of policies/security/rules/organization/references.py."""

from __future__ import annotations

import json
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


def named(type_: str, account: str, context: Any = TOLD) -> Situation:
    return Situation(inputs={name: form(account) for name, form in FORMS.items()}, context=context)


REFUSED = {f"names a stranger by {name}": but({name: form(OTHER_ACCOUNT)}) for name, form in FORMS.items()}
QUEUE, RULE = "aws:sqs/queue:Queue", "aws:cloudwatch/eventTarget:EventTarget"

CASES = [
    Case(
        rule="OR-09",
        type=QUEUE,
        compliant=named(QUEUE, OWN_ACCOUNT),
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
        accepted={"names somebody, and nobody told the pack": but({"arn": function(OTHER_ACCOUNT)})},
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
    Case(
        rule="OR-11",
        type=QUEUE,
        compliant=Situation(
            inputs={"location": f"s3://{bucket(OTHER_ACCOUNT)}/scores", "targetBucket": bucket(OWN_ACCOUNT)},
            context=stack_context(settings_names=frozenset({"acme-states"})),
        ),
        optional=frozenset({"location", "targetBucket"}),
        refused={
            "reads from a bucket of anybody": but({"location": "s3://strangers-scores/a.csv"}),
            "reads with Hadoop": but({"location": "s3a://strangers-scores/a.csv"}),
            "writes to a bucket of anybody": but({"destination": {"bucket": "arn:aws:s3:::strangers-scores"}}),
            "names a bucket of anybody": but({"targetBucket": "strangers-scores"}),
            "names a bucket of anybody in a list": but({"s3BucketName": ["strangers-scores"]}),
            "names it in JSON": but({"definition": json.dumps({"Bucket": "strangers-scores"})}),
            "names it in a script": but({"command": "aws s3 cp data.csv s3://strangers-scores/"}),
            "has a name that is only similar": but({"targetBucket": f"{bucket(OWN_ACCOUNT)}-copy"}),
        },
        accepted={
            "names an access point by its alias": but({"location": "s3://drop-0a1b2c3d4e5f-s3alias/a.csv"}),
            "names a bucket of the settings": but({"targetBucket": "acme-states"}),
            "has a name with a variable": but({"location": "s3://{bucket}/scores", "script": "s3://acme-${team}/a"}),
            "has a pattern of events": but({"eventPattern": {"detail": {"bucket": {"name": [{"prefix": "a"}]}}}}),
            "has no name": but({"restrictBucket": "No bucket"}),
        },
    ),
    Case(
        rule="OR-11",
        type="aws:s3/bucket:Bucket",
        compliant=Situation(inputs={"bucket": "acme-scores"}),
        optional=frozenset({"bucket"}),
        refused={},
    ),
    Case(
        rule="OR-12",
        type=QUEUE,
        compliant=Situation(
            inputs={
                "url": "https://sqs.eu-west-1.amazonaws.com/1/a",
                "console": "https://eu-west-1.console.aws.amazon.com",
            },
            context=stack_context(settings_hosts=frozenset({"packages.acme.example"})),
        ),
        optional=frozenset({"url", "console"}),
        refused={
            "sends to a host of anybody": but({"url": "https://collector.example.org/in"}),
            "sends with another protocol": but({"url": "jdbc:postgresql://db.example.org:5432/scores"}),
            "has credentials before the host": but({"url": "https://ana:x@collector.example.org"}),
            "has an upper case host": but({"url": "HTTPS://COLLECTOR.EXAMPLE.ORG"}),
            "pulls code by git": but({"repository": "git@git.example.org:acme/scores.git"}),
            "calls in a script": but({"commands": ["pip install --index-url https://pypi.example.org/simple a"]}),
            "calls in JSON": but({"body": json.dumps({"uri": "http://collector.example.org"})}),
            "calls an address": but({"url": "http://52.95.110.1/in"}),
            "calls an API of another customer": but({"url": "https://a1b2c3.execute-api.eu-west-1.amazonaws.com/v1"}),
            "calls a load balancer": but({"url": "https://scores.elb.eu-west-1.amazonaws.com"}),
            "calls a function by its URL": but({"url": "https://abc.lambda-url.eu-west-1.on.aws"}),
            "looks like AWS": but({"url": "https://sqs.eu-west-1.amazonaws.com.example.org"}),
            "looks like a host of the settings": but({"url": "https://packages.acme.example.org"}),
        },
        accepted={
            "calls a global service": but({"url": "https://iam.amazonaws.com"}),
            "calls a service in a part of its own": but({"url": "https://runtime.sagemaker.eu-west-1.amazonaws.com"}),
            "calls a host of the settings": but({"url": "https://packages.acme.example/simple"}),
            "calls a service of the cluster": but({"url": "http://mlflow.plinth-mlflow.svc.cluster.local:8080"}),
            "calls itself": but({"url": "http://localhost:8080", "other": "http://127.0.0.1:8080"}),
            "calls an address of the network": but({"url": "http://10.0.3.7/"}),
            "names an image by digest": but({"image": f"1.dkr.ecr.eu-west-1.amazonaws.com/a@sha256:{'0' * 64}"}),
            "reads from a bucket": but({"location": "s3://strangers.example/a.csv"}),
        },
    ),
    Case(
        rule="OR-13",
        type=QUEUE,
        compliant=Situation(
            inputs={
                "image": f"{OTHER_ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/train@sha256:{'0' * 64}",
                "environment": {"image": "aws/codebuild/amazonlinux-x86_64-standard:5.0"},
            }
        ),
        optional=frozenset({"image", "environment", "environment.image"}),
        refused={
            "runs an image of Docker Hub": but({"image": "python:3.12"}),
            "runs an image without a tag": but({"image": "python"}),
            "runs an image of another registry": but({"imageUri": "ghcr.io/acme/train@sha256:" + "0" * 64}),
            "runs a public image of AWS": but({"baseImage": "public.ecr.aws/docker/library/python:3.12"}),
            "looks like a registry of ECR": but(
                {"image": "111111111111.dkr.ecr.eu-west-1.amazonaws.com.example.org/a"}
            ),
            "looks like an image of CodeBuild": but({"environment.image": "aws/codebuilds/standard:5.0"}),
            "names it in JSON": but({"definition": json.dumps({"AppSpecification": {"ImageUri": "strangers/train"}})}),
        },
        accepted={
            "names a tag of its own": but({"promotion_image": "1"}),
            "gets it when it runs": but({"definition": json.dumps({"ImageUri": {"Get": "Parameters.Image"}})}),
            "has a condition about images": but({"condition": {"codebuild:environment.image": "true"}}),
            "has the digest alone": but({"settings": json.dumps({"image": f"sha256:{'0' * 64}"})}),
            "computes it": but({"image": "{% $states.input.image %}"}),
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
