"""AWS CodeCommit."""

from __future__ import annotations

from plinth_sandbox.provider.functions.integration.codecommit import keep_default_branch, set_default_branch
from plinth_sandbox.provider.vocabulary import Call, Resource, Tagging, Update

REPOSITORY = Resource(
    type="aws:codecommit/repository:Repository",
    create="create_repository",
    identifier="{repositoryName}",
    address={"repositoryName": "{id}"},
    read=[Call("get_repository", within="repositoryMetadata"), keep_default_branch],
    update=[
        "update_repository_description",
        "update_repository_encryption_key",
        Update(set_default_branch, carries=["defaultBranch"]),
    ],
    delete="delete_repository",
    renames={"description": "repositoryDescription"},
    computed=["defaultBranch", "kmsKeyId"],
    name=None,
    tags=Tagging(),
)

RESOURCES = [REPOSITORY]
