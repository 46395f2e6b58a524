"""The source of a build: a commit of CodeCommit or of a source provider, an archive in S3, or nothing."""

from __future__ import annotations

import io
import json
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


def fetch(
    source: Mapping[str, Any], version: str, folder: Path, remote: Mapping[str, str], pipeline: Mapping[str, Any]
) -> str:
    """Puts the source into ``folder`` and returns its resolved version. ``remote`` says where the repository of a
    source provider is, or why it cannot be read. ``pipeline`` says where the artifacts of a pipeline are. Raises:
    SourceError, ClientError."""
    if source["type"] == "CODEPIPELINE":
        return fetch_artifacts(pipeline, folder)
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


def fetch_artifacts(pipeline: Mapping[str, Any], folder: Path) -> str:
    """Unpacks the input artifacts of a pipeline: the primary one into ``folder``, others beside it. Returns the
    revision of the primary one. A reference to a commit is cloned."""
    s3 = boto3.client("s3")
    for input_ in pipeline["inputs"]:
        target = (
            folder if input_["name"] == pipeline["primary"] else folder.with_name(f"{folder.name}-{input_['name']}")
        )
        target.mkdir()
        body = s3.get_object(Bucket=input_["bucket"], Key=input_["key"])["Body"].read()
        if zipfile.is_zipfile(io.BytesIO(body)):
            with zipfile.ZipFile(io.BytesIO(body)) as archive:
                archive.extractall(target)
        else:
            _clone_reference(body, input_["name"], target)
    return str(pipeline["revision"])


def _clone_reference(body: bytes, name: str, folder: Path) -> None:
    try:
        reference = json.loads(body)
        address, commit = reference["FullRepositoryUrl"], reference["CommitId"]
    except (ValueError, KeyError, TypeError) as error:
        raise SourceError(f"the artifact {name} is neither a ZIP archive nor a reference to a commit") from error
    _clone(address, commit, folder)
