"""Model versions of the registry: which one is promoted, what it consists of, and its metrics."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from runtime.promotion.errors import NoApprovedVersionError, PromotionError
from settings.data.promotion_layout import NEWEST


@dataclass(frozen=True, kw_only=True)
class Version:
    """A version of the model package group of ``main``."""

    described: Mapping[str, Any]
    """Answer of DescribeModelPackage."""

    @property
    def arn(self) -> str:
        return str(self.described["ModelPackageArn"])

    @property
    def number(self) -> int:
        return int(self.described["ModelPackageVersion"])

    @property
    def containers(self) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = self.described["InferenceSpecification"]["Containers"]
        return found

    @property
    def commit(self) -> str:
        """Commit of the build repository; empty if the version does not say."""
        return str(self.described.get("MetadataProperties", {}).get("CommitId", ""))

    @property
    def changed_at(self) -> datetime:
        """When the version was last changed."""
        found: datetime = self.described.get("LastModifiedTime", self.described["CreationTime"])
        return found

    @property
    def changer(self) -> Mapping[str, Any]:
        """The user who changed the version last, as SageMaker describes users (SageMaker API, UserContext)."""
        found: Mapping[str, Any] = self.described.get("LastModifiedBy", {})
        return found


def find_version(sagemaker: Any, group: str, asked: str) -> Version:
    """Returns the version to promote: ``newest``, a number, or the ARN of a version of the group.

    Raises: PromotionError if there is none, or if it may not be promoted.
    """
    name = group.rpartition("/")[2]
    if asked == NEWEST:
        found = sagemaker.list_model_packages(
            ModelPackageGroupName=name, ModelApprovalStatus="Approved", SortBy="CreationTime", SortOrder="Descending"
        )["ModelPackageSummaryList"]
        if not found:
            raise NoApprovedVersionError(f"{name} has no approved version; approve one in the registry")
        asked = found[0]["ModelPackageArn"]
    arn = group.replace(":model-package-group/", ":model-package/") + f"/{asked}" if asked.isdigit() else asked
    if not arn.startswith(group.replace(":model-package-group/", ":model-package/") + "/"):
        raise PromotionError(f"{asked} is not a version of {name}; only versions of main are promoted")
    version = Version(described=sagemaker.describe_model_package(ModelPackageName=arn))
    for member, wanted in (("ModelPackageStatus", "Completed"), ("ModelApprovalStatus", "Approved")):
        if (status := version.described[member]) != wanted:
            raise PromotionError(f"version {version.number} of {name} has the {member} {status}, not {wanted}")
    return version


def contents_of(s3: Any, version: Version) -> list[dict[str, str]]:
    """Returns the image and the archive of each container, with the version of the archive that is in the bucket
    (PROM-09).

    Raises: PromotionError for an image that a push could replace after the review.
    """
    contents = []
    for container in version.containers:
        if not _is_fixed(container, version):
            raise PromotionError(f"version {version.number} names its image by a tag; register the image by its digest")
        bucket, key = place_of(container["ModelDataUrl"])
        found = s3.head_object(Bucket=bucket, Key=key)
        contents.append(
            {
                "image": container["Image"],
                "image_digest": container.get("ImageDigest", ""),
                "archive": container["ModelDataUrl"],
                "archive_version": found.get("VersionId", ""),
                "archive_etag": found["ETag"].strip('"'),
            }
        )
    return contents


def _is_fixed(container: Mapping[str, Any], version: Version) -> bool:
    """Whether nobody can replace an image: it has a digest, or is in the account of the registry, where the tags of
    repositories are immutable."""
    own = f"{version.arn.split(':')[4]}.dkr.ecr."
    return "@sha256:" in container["Image"] or bool(container.get("ImageDigest")) or container["Image"].startswith(own)


def metrics_of(s3: Any, version: Version) -> dict[str, float]:
    """Returns the metrics of the evaluation, as the version names its file."""
    source = version.described.get("ModelMetrics", {}).get("ModelQuality", {}).get("Statistics", {}).get("S3Uri")
    if source is None:
        raise PromotionError(f"version {version.number} has no evaluation; only versions with metrics are promoted")
    bucket, key = place_of(source)
    document = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    return {name: float(value) for name, value in document["metrics"].items()}


def baseline_of(version: Version) -> dict[str, str]:
    """Returns the URIs of the baseline's statistics and constraints."""
    found = version.described.get("DriftCheckBaselines", {}).get("ModelDataQuality", {})
    return {kind.lower(): found[kind]["S3Uri"] for kind in ("Statistics", "Constraints") if kind in found}


def place_of(uri: str) -> tuple[str, str]:
    """Returns bucket and key of an S3 URI."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key
