"""An object of a versioned bucket as the source of a pipeline.

Source: CodePipeline User Guide, "Amazon S3 source action reference" (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Mapping

import boto3
from botocore.exceptions import ClientError

from plinth_sandbox.executors.codepipeline.found_source import FoundSource, SourceFailedError


def read_object(configuration: Mapping[str, str], overrides: Mapping[str, str]) -> FoundSource:
    """Returns the newest version of the object, or the one that the execution names. Raises: SourceFailedError,
    ClientError."""
    s3, bucket = boto3.client("s3"), configuration["S3Bucket"]
    key = overrides.get("S3_OBJECT_KEY", configuration["S3ObjectKey"])
    if s3.get_bucket_versioning(Bucket=bucket).get("Status") != "Enabled":
        raise SourceFailedError("ConfigurationError", f"The bucket {bucket} is not versioned, which sources require.")
    version = {"VersionId": overrides["S3_OBJECT_VERSION_ID"]} if "S3_OBJECT_VERSION_ID" in overrides else {}
    try:
        answer = s3.get_object(Bucket=bucket, Key=key, **version)
    except ClientError as error:
        if error.response["Error"].get("Code") in ("NoSuchBucket", "NoSuchKey", "NoSuchVersion"):
            raise SourceFailedError("ConfigurationError", str(error)) from error
        raise
    return FoundSource(
        answer["Body"].read(),
        str(answer["VersionId"]),
        f"Amazon S3 version id: {answer['VersionId']}",
        answer["LastModified"].timestamp(),
        {
            "BucketName": bucket,
            "ETag": str(answer["ETag"]).strip('"'),
            "ObjectKey": key,
            "VersionId": str(answer["VersionId"]),
        },
    )
