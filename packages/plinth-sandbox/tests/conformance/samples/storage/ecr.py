"""Samples of Amazon ECR."""

from __future__ import annotations

import json
from typing import Any

from conformance.sample import Aws, Kept, Sample

_NEEDS = {"repository": ("aws:ecr/repository:Repository", {"name": "needed-{n}"})}


def _policy(action: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::222222222222:root"}, "Action": action}
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Sid": "Others", **statement}]})


def _lifecycle(days: int) -> str:
    selection = {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": days}
    return json.dumps({"rules": [{"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}]})


def _repository(aws: Aws, it: Kept) -> dict[str, Any]:
    (found,) = aws("ecr").describe_repositories(repositoryNames=[it.id])["repositories"]
    tags = aws("ecr").list_tags_for_resource(resourceArn=found["repositoryArn"])["tags"]
    return {
        "mutability": found["imageTagMutability"],
        "scan": found["imageScanningConfiguration"]["scanOnPush"],
        "under": found["encryptionConfiguration"]["kmsKey"],
        "tags": {tag["Key"]: tag["Value"] for tag in tags},
    }


def _allowed(aws: Aws, it: Kept) -> str:
    text = aws("ecr").get_repository_policy(repositoryName=it.id)["policyText"]
    return str(json.loads(text)["Statement"][0]["Action"])


def _days(aws: Aws, it: Kept) -> int:
    text = aws("ecr").get_lifecycle_policy(repositoryName=it.id)["lifecyclePolicyText"]
    return int(json.loads(text)["rules"][0]["selection"]["countNumber"])


SAMPLES = [
    Sample(
        type="aws:ecr/repository:Repository",
        needs={"key": ("aws:kms/key:Key", {"deletionWindowInDays": 7})},
        inputs={
            "name": "team/case/image-{n}",
            "imageTagMutability": "IMMUTABLE",
            "imageScanningConfiguration": {"scanOnPush": True},
            "encryptionConfigurations": [{"encryptionType": "KMS", "kmsKey": "{key.outputs.arn}"}],
            "tags": {"own": "before"},
        },
        look=_repository,
        seen={
            "mutability": "IMMUTABLE",
            "scan": True,
            "under": "{key.outputs.arn}",
            "tags": {"from": "provider", "own": "before"},
        },
        change={
            "imageTagMutability": "MUTABLE",
            "imageScanningConfiguration": {"scanOnPush": False},
            "tags": {"own": "after"},
        },
        seen_changed={
            "mutability": "MUTABLE",
            "scan": False,
            "under": "{key.outputs.arn}",
            "tags": {"from": "provider", "own": "after"},
        },
        replace={"name": "team/case/image-{n}-renamed"},
        drift=lambda aws, it: aws("ecr").put_image_tag_mutability(repositoryName=it.id, imageTagMutability="MUTABLE"),
        drifts="imageTagMutability",
        remove=lambda aws, it: aws("ecr").delete_repository(repositoryName=it.id),
    ),
    Sample(
        type="aws:ecr/repositoryPolicy:RepositoryPolicy",
        needs=_NEEDS,
        inputs={"repository": "{repository.id}", "policy": _policy("ecr:BatchGetImage")},
        look=_allowed,
        seen="ecr:BatchGetImage",
        change={"policy": _policy("ecr:GetDownloadUrlForLayer")},
        seen_changed="ecr:GetDownloadUrlForLayer",
        replace={"repository": "another"},
        drift=lambda aws, it: aws("ecr").set_repository_policy(
            repositoryName=it.id, policyText=_policy("ecr:PutImage")
        ),
        drifts="policy",
        remove=lambda aws, it: aws("ecr").delete_repository_policy(repositoryName=it.id),
    ),
    Sample(
        type="aws:ecr/lifecyclePolicy:LifecyclePolicy",
        needs=_NEEDS,
        inputs={"repository": "{repository.id}", "policy": _lifecycle(14)},
        look=_days,
        seen=14,
        change={"policy": _lifecycle(30)},
        seen_changed=30,
        replace={"repository": "another"},
        drift=lambda aws, it: aws("ecr").put_lifecycle_policy(repositoryName=it.id, lifecyclePolicyText=_lifecycle(1)),
        drifts="policy",
        remove=lambda aws, it: aws("ecr").delete_lifecycle_policy(repositoryName=it.id),
    ),
]
