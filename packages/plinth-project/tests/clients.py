"""Clients of AWS that keep objects in memory, answer with prepared values, and record what they are asked."""

from __future__ import annotations

import io
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError


class Store:
    """Objects of a bucket, with S3's conditional writes."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def get_paginator(self, _: str) -> Store:
        return self

    def paginate(self, *, Prefix: str, **_: str) -> list[dict[str, Any]]:  # noqa: N803 (name of the API)
        found = sorted(key for key in self.objects if key.startswith(Prefix))
        return [{"Contents": [{"Key": key, "Size": 1, "ETag": '"1"'} for key in found]}]

    def get_object(self, *, Key: str, **_: str) -> dict[str, Any]:  # noqa: N803 (name of the API)
        return {"Body": io.BytesIO(self.objects[Key])}

    def copy(self, source: dict[str, str], _: str, key: str, __: dict[str, str]) -> None:
        self.objects[key] = self.objects[source["Key"]]

    def put_object(self, *, Key: str, Body: bytes, IfNoneMatch: str = "", **_: str) -> None:  # noqa: N803 (as above)
        if IfNoneMatch and Key in self.objects:
            raise ClientError({"Error": {"Code": "PreconditionFailed", "Message": "exists"}}, "PutObject")
        self.objects[Key] = Body


class Aws:
    """Clients of both accounts. Unknown operations answer with nothing."""

    def __init__(self, **answers: Any) -> None:
        self.s3, self.answers = Store(), answers
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.pages: dict[str, dict[str, Any]] = {}
        """The only page of listings by operation."""

    def client(self, name: str, **_: str) -> Any:
        return self.s3 if name == "s3" else self

    def get_paginator(self, operation: str) -> Any:
        return SimpleNamespace(paginate=lambda **_: [self.pages[operation]])

    def __getattr__(self, operation: str) -> Any:
        def call(**parameters: Any) -> Any:
            self.asked.append((operation, parameters))
            return self.answers.get(operation, {})

        return call

    def started(self) -> Iterator[dict[str, str]]:
        """Yields the parameters of each started execution."""
        for operation, parameters in self.asked:
            if operation == "start_pipeline_execution":
                yield {
                    pipeline_parameter["Name"]: pipeline_parameter["Value"]
                    for pipeline_parameter in parameters["PipelineParameters"]
                }
