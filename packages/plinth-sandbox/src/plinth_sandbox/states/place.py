"""The place of Pulumi's states: a folder on this machine, or a bucket of the emulated S3, as at AWS.

Pods and other machines reach only the bucket.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from plinth_sandbox.layout import Layout

Place = Literal["folder", "s3"]
BUCKET = "plinth-sandbox-states"
"""Bucket of the management account."""
_LOCKS = ".pulumi/locks/"
"""Folder of the engine with its locks, in a bucket as in a folder (backend/diy/lock.go)."""


def place_of(layout: Layout) -> Place:
    """Returns the place that was chosen for this sandbox."""
    return "s3" if layout.states_marker.exists() else "folder"


def backend_url(layout: Layout, region: str) -> str:
    """Returns the URL of Pulumi's backend. With the second SDK of AWS, the engine reads the address of S3 from the
    environment, so that the URL is the same on this machine and in pods, as at AWS."""
    if place_of(layout) == "s3":
        return f"s3://{BUCKET}?region={region}&awssdk=v2"
    # Disables the file backend's attribute files. They are not written atomically: a partly written or empty one
    # makes the engine report EOF for a state that is intact. Nothing reads them.
    return f"{layout.state.as_uri()}?metadata=skip"


def create_bucket(url: str, keys: Mapping[str, str], region: str) -> None:
    """Creates the bucket if it does not exist. ``keys`` are those of the management account."""
    s3 = _client(url, keys, region)
    if BUCKET not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}:
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": region})


def locks_in_bucket(url: str, keys: Mapping[str, str], region: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yields stack and content of each lock of the engine."""
    s3 = _client(url, keys, region)
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=_LOCKS):
        for object_ in page.get("Contents", ()):
            content = s3.get_object(Bucket=BUCKET, Key=object_["Key"])["Body"].read()
            yield object_["Key"].split("/")[-2], json.loads(content)


def _client(url: str, keys: Mapping[str, str], region: str) -> Any:
    import boto3  # takes half a second, and only a sandbox with states in S3 needs it
    from botocore.config import Config

    session = boto3.Session(keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"], region_name=region)
    # The emulator runs on this machine, so proxies from the environment do not apply.
    return session.client("s3", endpoint_url=url, config=Config(proxies={}, s3={"addressing_style": "path"}))
