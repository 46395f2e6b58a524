"""Samples of AWS CodeCommit."""

from __future__ import annotations

from typing import Any

from conformance.sample import Aws, Kept, Sample


def _repository(aws: Aws, it: Kept) -> dict[str, Any]:
    found = aws("codecommit").get_repository(repositoryName=it.id)["repositoryMetadata"]
    return {
        "about": found["repositoryDescription"],
        "under": found["kmsKeyId"],
        "tags": aws("codecommit").list_tags_for_resource(resourceArn=found["Arn"])["tags"],
    }


SAMPLES = [
    Sample(
        type="aws:codecommit/repository:Repository",
        needs={
            "key": ("aws:kms/key:Key", {"deletionWindowInDays": 7}),
            "other": ("aws:kms/key:Key", {"deletionWindowInDays": 7}),
        },
        inputs={
            "repositoryName": "repository-{n}",
            "description": "before",
            "kmsKeyId": "{key.outputs.arn}",
            "defaultBranch": "main",
            "tags": {"own": "before"},
        },
        look=_repository,
        seen={
            "about": "before",
            "under": "{key.outputs.arn}",
            "tags": {"from": "provider", "own": "before"},
        },
        change={"description": "after", "kmsKeyId": "{other.outputs.arn}", "tags": {"own": "after"}},
        seen_changed={
            "about": "after",
            "under": "{other.outputs.arn}",
            "tags": {"from": "provider", "own": "after"},
        },
        replace={"repositoryName": "repository-{n}-renamed"},
        drift=lambda aws, it: aws("codecommit").update_repository_description(
            repositoryName=it.id, repositoryDescription="drifted"
        ),
        drifts="description",
        remove=lambda aws, it: aws("codecommit").delete_repository(repositoryName=it.id),
        not_imported=("defaultBranch",),
    ),
]
