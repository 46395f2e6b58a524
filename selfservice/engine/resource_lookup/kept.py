"""Finds code, images and models of a use case that stayed when its stack was destroyed (TOOL-04).

A use case of the same name gets them back. The tag of the stack shows that they are not of somebody else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from selfservice.engine.account_access import Account
from selfservice.engine.resource_lookup.lookup import Lookup, Properties, Searched
from settings.derived.stack_graph import StackIdentity
from settings.derived.tags import STACK_TAG
from settings.types.errors import SettingsError

_MISSING = frozenset(
    {
        "NoSuchBucket",
        "NoSuchTagSet",
        "RepositoryDoesNotExistException",
        "RepositoryNotFoundException",
        "ResourceNotFound",
        "ValidationException",
    }
)
"""Error codes for a resource that does not exist. SageMaker says ValidationException of a model package group (read
2026-11-23), and S3 NoSuchTagSet of a bucket without tags."""


@dataclass(frozen=True, slots=True)
class KeptType:
    """A type of resource that stays when the stack of a use case is destroyed."""

    noun: str
    """Name of the type in messages to people."""
    key: str
    """Input with the name of the resource."""
    read_tags: Callable[[Account, str], Mapping[str, str]]
    """Returns the tags of the resource of a name."""


def lookup_of(resource: Properties) -> Lookup | None:
    """Returns the lookup of a resource that a stack of a use case creates; None for all other resources."""
    kept = KEPT_TYPES.get(resource["type"])
    stack = str(resource["urn"]).split("::")[0].removeprefix("urn:pulumi:")
    if kept is None or not _is_use_case(stack):
        return None
    return Searched(partial(_kept, stack, kept), (kept.key,))


def _kept(stack: str, kept: KeptType, inputs: Properties, account: Account) -> str | None:
    """Returns the name of the resource, which is also the provider's id, if AWS has it with the tag of the stack."""
    from botocore.exceptions import ClientError  # imported late like boto3

    try:
        found = kept.read_tags(account, str(inputs[kept.key]))
    except ClientError as error:
        if error.response["Error"]["Code"] not in _MISSING:
            raise
        return None
    return str(inputs[kept.key]) if found.get(STACK_TAG) == stack else None


def _is_use_case(stack: str) -> bool:
    try:
        return StackIdentity.parse(stack).kind == "use-case"
    except SettingsError:
        return False


def _of_code(account: Account, name: str) -> Mapping[str, str]:
    client = account.client("codecommit")
    arn = client.get_repository(repositoryName=name)["repositoryMetadata"]["Arn"]
    return dict(client.list_tags_for_resource(resourceArn=arn)["tags"])


def _of_images(account: Account, name: str) -> Mapping[str, str]:
    client = account.client("ecr")
    (found,) = client.describe_repositories(repositoryNames=[name])["repositories"]
    return _by_key(client.list_tags_for_resource(resourceArn=found["repositoryArn"])["tags"])


def _of_models(account: Account, name: str) -> Mapping[str, str]:
    arn = account.client("sagemaker").describe_model_package_group(ModelPackageGroupName=name)["ModelPackageGroupArn"]
    return _by_key(account.every("sagemaker", "list_tags", "Tags", ResourceArn=arn))


def _of_bucket(account: Account, name: str) -> Mapping[str, str]:
    return _by_key(account.client("s3").get_bucket_tagging(Bucket=name)["TagSet"])


def _by_key(tags: Any) -> dict[str, str]:
    return {str(tag["Key"]): str(tag["Value"]) for tag in tags}


KEPT_TYPES: Mapping[str, KeptType] = {
    "aws:codecommit/repository:Repository": KeptType("repository", "repositoryName", _of_code),
    "aws:ecr/repository:Repository": KeptType("image repository", "name", _of_images),
    "aws:s3/bucket:Bucket": KeptType("bucket", "bucket", _of_bucket),
    "aws:sagemaker/modelPackageGroup:ModelPackageGroup": KeptType(
        "model package group", "modelPackageGroupName", _of_models
    ),
}
"""The types that are protected in the stack of a use case."""
