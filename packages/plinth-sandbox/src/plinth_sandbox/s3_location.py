"""Locations in S3, as ``s3://bucket/key``."""

from __future__ import annotations


def split(location: str) -> tuple[str, str]:
    """Returns the bucket and the key, or prefix, of a location."""
    bucket, _, key = location.removeprefix("s3://").partition("/")
    return bucket, key
