"""Looks buckets up by name. A bucket's name is unique among all accounts."""

from __future__ import annotations

from moto.s3.models import FakeBucket, s3_backends


def find_bucket(name: str) -> FakeBucket | None:
    """Returns the bucket of any account with this name."""
    if name not in s3_backends.bucket_accounts:
        return None
    partition, account = s3_backends.bucket_accounts[name]
    return s3_backends[account][partition].buckets.get(name)
