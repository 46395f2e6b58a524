"""Records of the builds of feature branches, in the registry's bucket.

A build writes its record before it creates anything, so the records say which branches have something to remove. They
do not depend on the retention of data, and become the manifest of a removed branch (AMB-07).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from plinth_project.build.foundation import Foundation
from plinth_project.documents import Document

MOST_DELETED = 1000
"""Most objects in one request (Amazon S3 API, DeleteObjects, read 2026-11-22)."""


class BuildRecord(Document):
    """One build of a feature branch."""

    branch: str
    build_id: str
    commit: str
    pipeline: str
    definition_sha256: str
    ci_build: str
    """Id of the build of CodeBuild; empty outside of it."""


class Bucket:
    """The objects of a bucket. Objects are encrypted with one key."""

    def __init__(self, s3: Any, name: str, key_arn: str) -> None:
        self._s3, self._name, self._key_arn = s3, name, key_arn

    def objects(self, prefix: str) -> list[dict[str, Any]]:
        """Returns key, size and ETag of the objects, in the order of their keys."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._name, Prefix=prefix)
        return [
            {"key": str(object_["Key"]), "bytes": int(object_["Size"]), "etag": str(object_["ETag"]).strip('"')}
            for page in pages
            for object_ in page.get("Contents", [])
        ]

    def read(self, key: str) -> bytes:
        return bytes(self._s3.get_object(Bucket=self._name, Key=key)["Body"].read())

    def write(self, key: str, text: str, tags: Mapping[str, str] | None = None, *, is_new: bool = False) -> None:
        """Writes an object. If it ``is_new``, S3 refuses to replace one."""
        self._s3.put_object(
            Bucket=self._name,
            Key=key,
            Body=text.encode(),
            ServerSideEncryption="aws:kms",
            SSEKMSKeyId=self._key_arn,
            **({"Tagging": urlencode(tags)} if tags else {}),
            **({"IfNoneMatch": "*"} if is_new else {}),
        )

    def delete(self, keys: list[str]) -> None:
        """Deletes objects in the order of ``keys``. Raises OSError if S3 refuses one of them."""
        for start in range(0, len(keys), MOST_DELETED):
            names = [{"Key": key} for key in keys[start : start + MOST_DELETED]]
            answer = self._s3.delete_objects(Bucket=self._name, Delete={"Objects": names, "Quiet": True})
            if refused := answer.get("Errors"):
                raise OSError(f"s3://{self._name}/{refused[0]['Key']} is not deleted: {refused[0]['Code']}")


def registry_bucket(foundation: Foundation, session: Any) -> Bucket:
    registry = foundation.registry
    return Bucket(session.client("s3"), registry.bucket, registry.key_arn)


def record_key(foundation: Foundation, record: BuildRecord) -> str:
    names = foundation.names(record.branch)
    return f"{names.open_branches}{names.folder}/{record.build_id}.json"


def write_record(foundation: Foundation, registry: Bucket, record: BuildRecord) -> None:
    registry.write(record_key(foundation, record), record.model_dump_json(indent=2) + "\n")


def read_records(foundation: Foundation, registry: Bucket) -> Mapping[str, list[BuildRecord]]:
    """Returns the builds of each branch that is not removed, the oldest first."""
    found: dict[str, list[BuildRecord]] = {}
    for object_ in registry.objects(foundation.names("main").open_branches):
        record = BuildRecord.model_validate_json(registry.read(object_["key"]))
        found.setdefault(record.branch, []).append(record)
    return found
