"""The stages of a version in the registry, which follow what environments serve (PROM-11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PREFIX = "serves-"
"""Prefix of the metadata of a version that names an environment."""


def mark_served(sagemaker: Any, environment: str, arn: str, before: Mapping[str, Any] | None) -> None:
    """Marks the version that the environment serves, and removes the mark of the version that it served before.

    The mark is metadata of the version, because SageMaker does not tag versions of a group (SageMaker API,
    CreateModelPackage, "Tags").
    """
    mark = f"{PREFIX}{environment}"
    if before and before["model_package"] != arn:
        sagemaker.update_model_package(
            ModelPackageArn=before["model_package"], CustomerMetadataPropertiesToRemove=[mark]
        )
    sagemaker.update_model_package(ModelPackageArn=arn, CustomerMetadataProperties={mark: "yes"})
