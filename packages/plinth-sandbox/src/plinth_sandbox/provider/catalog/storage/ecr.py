"""Amazon ECR."""

from __future__ import annotations

from plinth_sandbox.provider.vocabulary import Call, Resource, Tagging

REPOSITORY = Resource(
    type="aws:ecr/repository:Repository",
    create="create_repository",
    identifier="{name}",
    address={"repositoryName": "{id}"},
    read=Call("describe_repositories", {"repositoryNames": ["{id}"]}, within="repositories[0]"),
    update=["put_image_tag_mutability", "put_image_scanning_configuration"],
    delete=Call("delete_repository", {"force": "{forceDelete}"}),
    renames={"arn": "repositoryArn", "name": "repositoryName", "repositoryUrl": "repositoryUri"},
    defaults={"imageTagMutability": "MUTABLE"},
    computed=["encryptionConfigurations", "imageScanningConfiguration"],
    local=["forceDelete"],
    tags=Tagging(),
)

REPOSITORY_POLICY = Resource(
    type="aws:ecr/repositoryPolicy:RepositoryPolicy",
    put="set_repository_policy",
    identifier="{repository}",
    address={"repositoryName": "{repository}"},
    read="get_repository_policy",
    delete="delete_repository_policy",
    renames={"policy": "policyText", "repository": "repositoryName"},
    name=None,
)

LIFECYCLE_POLICY = Resource(
    type="aws:ecr/lifecyclePolicy:LifecyclePolicy",
    put="put_lifecycle_policy",
    identifier="{repository}",
    address={"repositoryName": "{repository}"},
    read="get_lifecycle_policy",
    delete="delete_lifecycle_policy",
    renames={"policy": "lifecyclePolicyText", "repository": "repositoryName"},
    name=None,
)

RESOURCES = [REPOSITORY, REPOSITORY_POLICY, LIFECYCLE_POLICY]
