"""The source of a build: a commit of CodeCommit or of a source provider, an archive in S3, or nothing."""

from __future__ import annotations

import io
import os
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3

from plinth_sandbox.environment import git_configuration


class SourceError(Exception):
    """The source could not be read. CodeBuild reports it with the code ``CLIENT_ERROR``."""


def fetch(source: Mapping[str, Any], version: str, folder: Path, remote: Mapping[str, str]) -> str:
    """Puts the source into ``folder`` and returns its resolved version. ``remote`` says where the repository of a
    source provider is, or why it cannot be read. Raises: SourceError, ClientError."""
    folder.mkdir()
    if "error" in remote:
        raise SourceError(remote["error"])
    if "folder" in remote:
        return _clone(remote["folder"], version, folder)
    if source["type"] == "CODECOMMIT":
        return _clone(str(source["location"]), version, folder)
    if source["type"] == "S3":
        return _unpack(str(source["location"]), version, folder)
    return ""


def _clone(address: str, version: str, folder: Path) -> str:
    _git(["clone", "--quiet", "--no-checkout", address, "."], folder)
    wanted = version.removeprefix("refs/heads/") or "HEAD"
    for name in (f"refs/remotes/origin/{wanted}", wanted):
        found = _git(
            ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"], folder, check=False
        )
        if found:
            _git(["checkout", "--quiet", "--detach", found], folder)
            return found
    raise SourceError(f"reference not found for primary source and source version {wanted}")


def _git(words: list[str], folder: Path, *, check: bool = True) -> str:
    variables = {
        **os.environ,
        **git_configuration(os.environ["AWS_ENDPOINT_URL"]),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
    }
    done = subprocess.run(["git", *words], cwd=folder, env=variables, capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise SourceError(done.stderr.strip())
    return done.stdout.strip()


def _unpack(location: str, version: str, folder: Path) -> str:
    """Unpacks an archive, or copies the objects of a folder."""
    bucket, _, key = location.removeprefix("arn:aws:s3:::").partition("/")
    s3 = boto3.client("s3")
    if key.endswith("/"):
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key)
        for found in (item["Key"] for page in pages for item in page.get("Contents", [])):
            target = folder / found.removeprefix(key)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(s3.get_object(Bucket=bucket, Key=found)["Body"].read())
        return ""
    answer = s3.get_object(Bucket=bucket, Key=key, **({"VersionId": version} if version else {}))
    try:
        with zipfile.ZipFile(io.BytesIO(answer["Body"].read())) as archive:
            archive.extractall(folder)
    except zipfile.BadZipFile as error:
        raise SourceError(f"{location} is not a ZIP archive") from error
    return str(answer.get("VersionId") or answer["ETag"].strip('"'))
