"""Which locks of the backend a pod removes before it begins."""

from __future__ import annotations

import io
import json
from types import SimpleNamespace

from selfservice.clusters.abandoned_locks import remove_abandoned_locks

PREFIX = ".pulumi/locks/organization/acme/fraud/"


class Bucket:
    exceptions = SimpleNamespace(NoSuchKey=KeyError)

    def __init__(self, **hosts):
        lock = {"pid": 1, "username": "root", "timestamp": "2025-01-31T12:00:00Z"}
        self.locks = {f"{PREFIX}{name}.json": json.dumps({**lock, "hostname": host}) for name, host in hosts.items()}

    def get_paginator(self, _operation):
        return self

    def paginate(self, *, Bucket, Prefix):  # noqa: N803 (boto3's)
        assert (Bucket, Prefix) == ("states", PREFIX)
        yield {"Contents": [{"Key": key} for key in list(self.locks)]} if self.locks else {}

    def get_object(self, *, Bucket, Key):  # noqa: N803 (boto3's)
        return {"Body": io.BytesIO(self.locks[Key].encode())}

    def delete_object(self, *, Bucket, Key):  # noqa: N803 (boto3's)
        del self.locks[Key]


def test_only_locks_of_pods_that_are_gone_are_removed():
    bucket, said = Bucket(dead="fraud--1-abcde", alive="fraud--2-fghij", laptop="ada.example.com"), []
    remove_abandoned_locks(bucket, "states", "acme", "fraud", lambda host: host == "fraud--1-abcde", said.append)
    assert sorted(bucket.locks) == [f"{PREFIX}alive.json", f"{PREFIX}laptop.json"]
    assert said == ["broke the lock that the pod fraud--1-abcde left behind: it is gone"]


def test_a_stack_without_locks_needs_nothing():
    said = []
    remove_abandoned_locks(Bucket(), "states", "acme", "fraud", lambda _: True, said.append)
    assert said == []
