"""Cases of policies/security/rules/organization/destinations.py."""

from __future__ import annotations

import json

from policies.evaluation.readers import UNKNOWN
from tests.policies.case import OTHER_ACCOUNT, OWN_ACCOUNT, Case, Situation, but, stack_context
from tests.policies.cases.organization.references import QUEUE, bucket

CASES = [
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
        refused={"logs to a bucket of anybody": but({"loggings": [{"targetBucket": "strangers-logs"}]})},
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
            "reads code of a provider without a connection": but({"location": "https://github.com/strangers/code.git"}),
            "reads code of anybody by a connection": but(
                {"location": "https://git.example.org/code.git", "auth": {"type": "CODECONNECTIONS"}}
            ),
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
            **{
                f"reads code of {host} by a connection": but(
                    {"location": f"https://{host}/acme/scoring.git", "auth": {"type": "CODECONNECTIONS"}}
                )
                for host in ("github.com", "gitlab.com", "bitbucket.org")
            },
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
            "names an image by a tag": but({"image": f"{OTHER_ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/train:1"}),
            "names an image by nothing": but({"imageUri": f"{OTHER_ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/train"}),
            "runs a public image of AWS": but({"baseImage": "public.ecr.aws/docker/library/python:3.12"}),
            "looks like a registry of ECR": but(
                {"image": "111111111111.dkr.ecr.eu-west-1.amazonaws.com.example.org/a"}
            ),
            "looks like an image of CodeBuild": but({"environment.image": "aws/codebuilds/standard:5.0"}),
            "names it in JSON": but({"definition": json.dumps({"AppSpecification": {"ImageUri": "strangers/train"}})}),
        },
        accepted={
            "names an image of its account by a tag": but(
                {"image": f"{OWN_ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/train:1"}
            ),
            "names an image by a tag while its account is not known": but(
                {"image": f"{OTHER_ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/train:1"},
                provider={"region": "eu-west-1", "allowedAccountIds": UNKNOWN},
            ),
            "names a tag of its own": but({"promotion_image": "1"}),
            "gets it when it runs": but({"definition": json.dumps({"ImageUri": {"Get": "Parameters.Image"}})}),
            "has a condition about images": but({"condition": {"codebuild:environment.image": "true"}}),
            "has the digest alone": but({"settings": json.dumps({"image": f"sha256:{'0' * 64}"})}),
            "computes it": but({"image": "{% $states.input.image %}"}),
        },
    ),
]
