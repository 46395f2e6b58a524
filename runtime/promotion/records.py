"""Records of promotions: JSON objects in the artifact bucket."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from botocore.exceptions import ClientError

from settings.data.artifact_layout import PROMOTIONS

RETIRED = "retired"
"""Member of a robust state that is served no longer: since when, and who asked for it."""
MOST_ATTEMPTS = 5
"""Attempts to write an object that does not exist yet. A conflict does not say whether the object exists: S3 asks for
another upload (S3 API, PutObject, "If-None-Match")."""


@dataclass(frozen=True, kw_only=True)
class Records:
    """The records of a use case, below ``<team>/<use case>/promotions/``."""

    s3: Any
    """Client of S3."""
    bucket: str
    folder: str
    """Folder of the use case."""
    key_arn: str = ""
    """KMS key for new records."""

    def path(self, name: str) -> str:
        return f"{self.folder}/{PROMOTIONS}/{name}"

    def read(self, name: str) -> dict[str, Any] | None:
        """Returns a record, or None if there is none."""
        found = self._object(name)
        return None if found is None else dict(json.loads(found))

    def _object(self, name: str, most_bytes: int | None = None) -> bytes | None:
        try:
            found = self.s3.get_object(Bucket=self.bucket, Key=self.path(name))
        except ClientError as error:
            code = error.response["Error"]["Code"]
            # Without permission to list the whole bucket, S3 denies reading an object that does not exist (GetObject,
            # "Permissions").
            if code == "NoSuchKey" or (code == "AccessDenied" and name not in self.names(name)):
                return None
            raise
        content: bytes = found["Body"].read(most_bytes)
        return content

    def read_text(self, name: str, most_bytes: int) -> str | None:
        """Returns the beginning of a text, or None if there is none."""
        found = self._object(name, most_bytes)
        return None if found is None else found.decode(errors="ignore")

    def add(self, name: str, document: Mapping[str, Any]) -> bool:
        """Writes a record that does not exist yet. Returns whether it was written: of several writers, one wins."""
        return self.add_object(f"{PROMOTIONS}/{name}", _text(document).encode(), "application/json")

    def add_object(self, name: str, body: bytes, content_type: str) -> bool:
        """Writes an object in the folder of the use case if it does not exist yet. Returns whether it was written.

        Raises: ClientError if S3 refuses, or if operations on the same object conflict at each attempt.
        """
        for attempt in range(1, MOST_ATTEMPTS + 1):
            try:
                self._put(f"{self.folder}/{name}", body, content_type, IfNoneMatch="*")
            except ClientError as error:
                code = error.response["Error"]["Code"]
                if code in ("PreconditionFailed", "412"):
                    return False
                if code != "ConditionalRequestConflict" or attempt == MOST_ATTEMPTS:
                    raise
            else:
                return True
        raise AssertionError("the last attempt returns or raises")

    def keep(self, name: str, document: Mapping[str, Any]) -> str:
        """Writes a record for good, and returns its name. Nothing is written if it exists already; if there is another
        one with its name, it gets a number."""
        for given in _numbered(name):
            if self.add(given, document) or self.read(given) == json.loads(_text(document)):
                return given
        raise AssertionError("there is a number after each")

    def newest(self, name: str) -> dict[str, Any] | None:
        """Returns the last record that :meth:`keep` wrote under a name, or None if there is none."""
        found = None
        for given in _numbered(name):
            record = self.read(given)
            if record is None:
                return found
            found = record
        raise AssertionError("there is a number after each")

    def served(self, environment: str) -> dict[str, Any] | None:
        """Returns the last robust state of an environment (RB-02); None before the first, and after a retirement."""
        state = self.read(robust_state_of(environment))
        return None if state is None or RETIRED in state else state

    def is_retired(self, environment: str) -> bool:
        """Returns whether what an environment served was retired, and nothing was promoted to it since."""
        return RETIRED in (self.read(robust_state_of(environment)) or {})

    def write(self, name: str, document: Mapping[str, Any]) -> None:
        """Writes a record of a state. The bucket expires the versions that it replaces."""
        self._put(self.path(name), _text(document).encode(), "application/json")

    def write_text(self, name: str, text: str) -> None:
        """Writes a text in Markdown."""
        self._put(self.path(name), text.encode(), "text/markdown; charset=utf-8")

    def names(self, folder: str) -> Iterator[str]:
        """Yields the names of the records in a folder, in alphabetical order."""
        start = self.path("")
        for page in self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.path(folder)):
            yield from (object_["Key"].removeprefix(start) for object_ in page.get("Contents", []))

    def _put(self, key: str, body: bytes, content_type: str, **condition: str) -> None:
        self.s3.put_object(
            Bucket=self.bucket,
            Key=key,
            Body=body,
            ContentType=content_type,
            ServerSideEncryption="aws:kms",
            SSEKMSKeyId=self.key_arn,
            **condition,
        )


def _numbered(name: str) -> Iterator[str]:
    """Yields the name, and then the name with the numbers from 2."""
    stem, _, ending = name.rpartition(".")
    yield name
    yield from (f"{stem}-{number}.{ending}" for number in count(2))


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, sort_keys=True)


def plan_of(execution: str) -> str:
    return f"executions/{execution}/plan.json"


def review_of(execution: str) -> str:
    """Returns the text that an approver reads, in Markdown."""
    return f"executions/{execution}/review.md"


def decision_of(execution: str, stage: str) -> str:
    return f"executions/{execution}/approval-{stage.lower()}.json"


def deployment_of(execution: str, environment: str) -> str:
    return f"executions/{execution}/deployment-{environment}.json"


def failure_of(execution: str, stage: str) -> str:
    return f"executions/{execution}/failure-{stage.lower()}.json"


def robust_state_of(environment: str) -> str:
    """Returns the record of the last robust state of an environment (RB-02)."""
    return f"robust/{environment}.json"


def marks_of(environment: str) -> str:
    """Returns the record of the versions that the registry shows in an environment (PROM-11)."""
    return f"marks/{environment}.json"


def proposal_of(version: int) -> str:
    """Returns the record of the approval of a version in the registry (AMB-04)."""
    return f"proposals/{version}.json"
