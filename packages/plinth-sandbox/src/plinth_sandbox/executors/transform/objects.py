"""The input objects of a transform job, and where their results are stored.

Source: SageMaker API, TransformS3DataSource and TransformOutput (read 2026-11-22).
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from plinth_sandbox.s3_location import split


class NoInputError(Exception):
    """The input of the job has no objects, or a manifest that cannot be read."""


@dataclass(frozen=True, slots=True)
class InputObject:
    """An object to transform."""

    bucket: str
    key: str
    name: str
    """Its key below the prefix of the job or of the manifest."""

    @property
    def label(self) -> str:
        return f"{self.bucket}/{self.key}"

    def content(self, s3: Any, compression: str) -> bytes:
        """Returns the content of the object, decompressed. Raises ClientError; OSError or EOFError for no archive."""
        body: bytes = s3.get_object(Bucket=self.bucket, Key=self.key)["Body"].read()
        return gzip.decompress(body) if compression == "Gzip" else body

    def output(self, folder: str) -> str:
        """Returns the location of its result below the output folder of the job."""
        return f"{folder.rstrip('/')}/{self.name}.out"


def objects_of(s3: Any, source: Mapping[str, str]) -> list[InputObject]:
    """Returns the objects of an ``S3DataSource``. Raises NoInputError; ClientError if the role may not read them."""
    listed = _in_manifest if source["S3DataType"] == "ManifestFile" else _under_prefix
    found = list(listed(s3, source["S3Uri"]))
    if not found:
        raise NoInputError(
            f'No S3 objects found under S3 URL "{source["S3Uri"]}" given in input data source. Please ensure that '
            "the bucket exists in the selected region, that objects exist under that S3 prefix, and that the role "
            "passed to CreateModel has permissions to list them."
        )
    return found


def _under_prefix(s3: Any, location: str) -> Iterator[InputObject]:
    bucket, prefix = split(location)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    keys = [
        object_["Key"] for page in pages for object_ in page.get("Contents", []) if not object_["Key"].endswith("/")
    ]
    # The last part of a prefix is a folder, or the beginning of names.
    names_folder = all(key.startswith(f"{prefix.rstrip('/')}/") for key in keys)
    top = prefix if names_folder else prefix.rpartition("/")[0]
    for key in keys:
        yield InputObject(bucket, key, key[len(top) :].lstrip("/"))


def _in_manifest(s3: Any, location: str) -> Iterator[InputObject]:
    bucket, key = split(location)
    try:
        first, *names = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        holder, prefix = split(first["prefix"])
    except (ValueError, TypeError, KeyError) as error:
        raise NoInputError(f"The manifest {location} is not a list of a prefix and names: {error}") from error
    for name in names:
        yield InputObject(holder, f"{prefix}{name}", str(name))
