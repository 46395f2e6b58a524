"""Prerequisites that the SageMaker samples share."""

from __future__ import annotations

from conformance.sample import Aws, Kept

WORKER = "arn:aws:iam::123456789012:role/worker"
OTHER_WORKER = "arn:aws:iam::123456789012:role/other-worker"
SECURITY_GROUP = "sg-0123456789abcdef0"
SUBNETS = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
PROVIDER_TAG = {"from": "provider"}
TAGGED = {**PROVIDER_TAG, "own": "1"}


def tags(aws: Aws, it: Kept) -> dict[str, str]:
    tags = aws("sagemaker").list_tags(ResourceArn=it.outputs["arn"])["Tags"]
    return {tag["Key"]: tag["Value"] for tag in tags}
