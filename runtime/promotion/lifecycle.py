"""The stages of a version in the registry, which follow what environments serve (PROM-11)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from botocore.exceptions import ClientError

from runtime.promotion.records import Records, marks_of
from settings.data.promotion_layout import SERVES


def mark_served(sagemaker: Any, records: Records, environment: str, arns: Iterable[str]) -> None:
    """Marks the versions that the environment serves, and removes the mark of all others.

    The mark is metadata of the version, because SageMaker does not tag versions of a group (SageMaker API,
    CreateModelPackage, "Tags"). A record lists the versions that may have the mark. It is written before the first
    change, so that a repetition after an interruption finds them.
    """
    served, name = set(arns), marks_of(environment)
    marked = set((records.read(name) or {}).get("model_packages", ()))
    records.write(name, {"model_packages": sorted(marked | served)})
    mark = f"{SERVES}{environment}"
    for arn in sorted(marked - served):
        _remove(sagemaker, arn, mark)
    for arn in sorted(served):
        described = sagemaker.describe_model_package(ModelPackageName=arn)
        if mark not in described.get("CustomerMetadataProperties", {}):
            sagemaker.update_model_package(ModelPackageArn=arn, CustomerMetadataProperties={mark: "yes"})
    records.write(name, {"model_packages": sorted(served)})


def _remove(sagemaker: Any, arn: str, mark: str) -> None:
    """Removes a mark. A version that was deleted since has none."""
    try:
        sagemaker.update_model_package(ModelPackageArn=arn, CustomerMetadataPropertiesToRemove=[mark])
    except ClientError as error:
        if "does not exist" not in error.response["Error"]["Message"]:
            raise
