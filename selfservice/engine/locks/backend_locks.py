"""Reads and removes the engine's locks of a stack in a folder or in a bucket of S3 (backend/diy/lock.go of Pulumi).

The engine releases its lock when it ends, unless it is killed or is interrupted before it handles signals.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from selfservice.engine.backend import BACKEND_VARIABLE, FileBackend, project_name
from selfservice.engine.locks.lock_owners import LockOwner


def locks_of(project_directory: Path, stack: str) -> list[LockOwner]:
    """Returns the owners of the locks of a stack in the backend of this process; none for other kinds of backends.

    Raises: ClientError, BotoCoreError.
    """
    url, project = urlsplit(os.environ.get(BACKEND_VARIABLE, "")), project_name(project_directory)
    if url.scheme == "file":
        return _locks_in_folder(FileBackend(Path(unquote(url.path)) / ".pulumi", project).lock_folder(stack))
    if url.scheme == "s3":
        return locks_in_bucket(_s3(), url.netloc, project, stack)
    return []


def locks_in_bucket(s3: Any, bucket: str, project: str, stack: str) -> list[LockOwner]:
    """Returns the owners of the locks of a stack in a bucket. Raises: ClientError, BotoCoreError."""
    found = []
    prefix = f".pulumi/locks/organization/{project}/{stack}/"
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for one in page.get("Contents", ()):
            with suppress(s3.exceptions.NoSuchKey):  # released meanwhile
                content = s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read()
                found.append(LockOwner.from_lock(f"s3://{bucket}/{quote(one['Key'])}", content))
    return found


def remove_locks(owners: Iterable[LockOwner], s3: Any = None) -> None:
    """Removes locks that are files, and those that are objects of S3 with the credentials of the backend.

    Raises: ClientError, BotoCoreError.
    """
    for owner in owners:
        if owner.lock_file is not None:
            owner.lock_file.unlink(missing_ok=True)
        if owner.lock_object is not None:
            bucket, key = owner.lock_object
            s3 = s3 or _s3()
            s3.delete_object(Bucket=bucket, Key=key)


def _locks_in_folder(folder: Path) -> list[LockOwner]:
    found = []
    for file in folder.glob("*.json"):
        with suppress(FileNotFoundError):  # released meanwhile
            found.append(LockOwner.from_lock(f"file://{quote(str(file))}", file.read_bytes()))
    return found


def _s3() -> Any:
    import boto3  # few operations need it

    return boto3.client("s3")
