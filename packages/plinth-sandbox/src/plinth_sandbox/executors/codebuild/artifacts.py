"""The artifact of a build: the files that the buildspec selects, in S3."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import boto3

from plinth_sandbox.executors.codebuild.buildspec import Files


class NoFilesError(Exception):
    """No file matches. CodeBuild reports it with the code ``CLIENT_ERROR``."""


def selected(files: Files, folder: Path) -> Iterator[tuple[Path, str]]:
    """Returns the selected files and their names below the base folder."""
    base = folder / files.base
    excluded = {path for pattern in files.excluded for path in base.glob(_pattern(pattern, base))}
    seen = set()
    for pattern in files.patterns:
        for path in sorted(base.glob(_pattern(pattern, base))):
            if path.is_file() and path not in seen and not excluded & {path, *path.parents}:
                seen.add(path)
                yield path, path.name if files.flat else path.relative_to(base).as_posix()


def _pattern(pattern: str, base: Path) -> str:
    """Returns a pattern relative to the base folder. CodeBuild also accepts absolute paths."""
    path = PurePosixPath(pattern)
    return str(path.relative_to(base)) if path.is_relative_to(base) else pattern.lstrip("/")


def upload(artifacts: Mapping[str, Any], name: str, build: str, files: Files, folder: Path) -> dict[str, str]:
    """Writes the artifact and returns what a build says about it. Raises: NoFilesError, ClientError."""
    found = list(selected(files, folder))
    if not found:
        raise NoFilesError(f"no matching artifact paths found: {', '.join(files.patterns)}")
    namespace = build if artifacts.get("namespaceType") == "BUILD_ID" else ""
    bucket = str(artifacts["location"]).removeprefix("arn:aws:s3:::")
    key = "/".join(part.strip("/") for part in (str(artifacts.get("path") or ""), namespace, name) if part.strip("/"))
    s3, location = boto3.client("s3"), f"arn:aws:s3:::{bucket}/{key}"
    if artifacts.get("packaging") != "ZIP":
        for path, relative in found:
            s3.put_object(Bucket=bucket, Key=f"{key}/{relative}", Body=path.read_bytes())
        return {"location": location}
    return _put_packed(bucket, key, found)


def upload_packed(bucket: str, key: str, files: Files, folder: Path, encryption_key: str) -> dict[str, str]:
    """Writes the artifact of a pipeline and returns what a build says about it. Raises: NoFilesError, ClientError."""
    found = list(selected(files, folder))
    if not found:
        raise NoFilesError(f"no matching artifact paths found: {', '.join(files.patterns)}")
    return _put_packed(bucket, key, found, encryption_key)


def _put_packed(bucket: str, key: str, found: list[tuple[Path, str]], encryption_key: str = "") -> dict[str, str]:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, relative in found:
            archive.write(path, relative)
    encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": encryption_key} if encryption_key else {}
    boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=packed.getvalue(), **encryption)
    digests = {name: hashlib.new(name, packed.getvalue()).digest() for name in ("sha256", "md5")}
    return {
        "location": f"arn:aws:s3:::{bucket}/{key}",
        "sha256sum": digests["sha256"].hex(),
        "md5sum": digests["md5"].hex(),
    }
