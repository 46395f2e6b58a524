"""Copies between S3 and folders, with the job's role."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from typing import Any

from plinth_sandbox.s3_location import split


def fetch(s3: Any, location: str, folder: Path) -> None:
    """Copies an object, or all objects under a prefix, into ``folder``. Raises FileNotFoundError if there is none."""
    bucket, prefix = split(location)
    found = [
        item["Key"]
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        for item in page.get("Contents", [])
        if not item["Key"].endswith("/")
    ]
    if not found:
        raise FileNotFoundError(f"No S3 objects found under S3 URL {location}")
    # The last part of a prefix is a folder, or the beginning of names.
    names_folder = all(key.startswith(f"{prefix.rstrip('/')}/") for key in found)
    top = prefix if names_folder else prefix.rpartition("/")[0]
    for key in found:
        target = folder / key[len(top) :].lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(s3.get_object(Bucket=bucket, Key=key)["Body"].read())


def fetch_archive(s3: Any, location: str, folder: Path) -> None:
    """Unpacks a compressed archive into ``folder``."""
    bucket, key = split(location)
    folder.mkdir(parents=True, exist_ok=True)
    body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(body), mode="r:*") as packed:
        packed.extraction_filter = getattr(tarfile, "data_filter", None)  # since Python 3.11.4
        packed.extractall(folder)


def upload(s3: Any, folder: Path, location: str, key_id: str) -> None:
    """Copies the files of ``folder`` under ``location``."""
    bucket, prefix = split(location)
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        key = "/".join(filter(None, (prefix.rstrip("/"), file.relative_to(folder).as_posix())))
        put(s3, file, f"s3://{bucket}/{key}", key_id)


def upload_archive(s3: Any, folder: Path, location: str, key_id: str) -> None:
    """Writes the content of ``folder`` as a compressed archive to ``location``."""
    archive = folder.with_suffix(".tar.gz")
    with tarfile.open(archive, "w:gz") as packed:
        for path in sorted(folder.iterdir()):
            packed.add(path, path.name)
    put(s3, archive, location, key_id)


def put(s3: Any, file: Path, location: str, key_id: str) -> None:
    bucket, key = split(location)
    encrypted = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key_id} if key_id else {}
    s3.put_object(Bucket=bucket, Key=key, Body=file.read_bytes(), **encrypted)
