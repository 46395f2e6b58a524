"""Reads and removes the engine's locks of a stack in a folder or in a bucket of S3 (backend/diy/lock.go of Pulumi).

The engine releases its lock when it ends, unless it is killed or is interrupted before it handles signals.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
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
    return _owners(_locks(project_directory, stack))


def damaged_locks(project_directory: Path, stack: str) -> list[str]:
    """Returns the URLs of the stack's locks that are empty or damaged, with which the engine refuses every update.

    A full disk or a broken upload leaves such locks. Raises: ClientError, BotoCoreError.
    """
    return [url for url, content in _locks(project_directory, stack) if _owner(url, content) is None]


def locks_in_bucket(s3: Any, bucket: str, project: str, stack: str) -> list[LockOwner]:
    """Returns the owners of the locks of a stack in a bucket. Raises: ClientError, BotoCoreError."""
    return _owners(_in_bucket(s3, bucket, project, stack))


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


def _locks(project_directory: Path, stack: str) -> Iterator[tuple[str, bytes]]:
    """Yields URL and content of each lock of the stack."""
    url, project = urlsplit(os.environ.get(BACKEND_VARIABLE, "")), project_name(project_directory)
    if url.scheme == "file":
        return _in_folder(FileBackend(Path(unquote(url.path)) / ".pulumi", project).lock_folder(stack))
    if url.scheme == "s3":
        return _in_bucket(_s3(), url.netloc, project, stack)
    return iter(())


def _in_folder(folder: Path) -> Iterator[tuple[str, bytes]]:
    for file in folder.glob("*.json"):
        with suppress(FileNotFoundError):  # released meanwhile
            yield f"file://{quote(str(file))}", file.read_bytes()


def _in_bucket(s3: Any, bucket: str, project: str, stack: str) -> Iterator[tuple[str, bytes]]:
    prefix = f".pulumi/locks/organization/{project}/{stack}/"
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for object_ in page.get("Contents", ()):
            with suppress(s3.exceptions.NoSuchKey):  # released meanwhile
                yield (
                    f"s3://{bucket}/{quote(object_['Key'])}",
                    s3.get_object(Bucket=bucket, Key=object_["Key"])["Body"].read(),
                )


def _owners(locks: Iterable[tuple[str, bytes]]) -> list[LockOwner]:
    return [owner for url, content in locks if (owner := _owner(url, content)) is not None]


def _owner(url: str, content: bytes) -> LockOwner | None:
    with suppress(ValueError):
        return LockOwner.from_lock(url, content)
    return None


def _s3() -> Any:
    import boto3  # few operations need it

    return boto3.client("s3")
