"""A commit of CodeCommit as an archive, or as a reference that a build clones.

Source: CodePipeline User Guide, "CodeCommit source action reference" (read 2026-11-22).
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import boto3
from botocore.exceptions import ClientError

from plinth_sandbox.environment import git_configuration
from plinth_sandbox.executors.codepipeline.found_source import FoundSource, SourceFailedError


def read_commit(configuration: Mapping[str, str], overrides: Mapping[str, str]) -> FoundSource:
    """Returns the newest commit of the branch, or the one that the execution names. Raises: SourceFailedError,
    ClientError."""
    codecommit = boto3.client("codecommit")
    repository, branch = configuration["RepositoryName"], configuration["BranchName"]
    try:
        commit_id = overrides.get("COMMIT_ID") or str(
            codecommit.get_branch(repositoryName=repository, branchName=branch)["branch"]["commitId"]
        )
        commit = codecommit.get_commit(repositoryName=repository, commitId=commit_id)["commit"]
    except ClientError as error:
        if str(error.response["Error"].get("Code", "")).endswith(("DoesNotExistException", "InvalidCommitIdException")):
            raise SourceFailedError("ConfigurationError", str(error)) from error
        raise
    address = f"https://git-codecommit.{codecommit.meta.region_name}.amazonaws.com/v1/repos/{repository}"
    is_clone = configuration.get("OutputArtifactFormat") == "CODEBUILD_CLONE_REF"
    content = _reference(address, branch, commit_id) if is_clone else _archive(address, commit_id)
    return FoundSource(
        content,
        commit_id,
        str(commit["message"]),
        float(str(commit["committer"]["date"]).partition(" ")[0]),
        {
            "AuthorDate": _date(commit["author"]),
            "BranchName": branch,
            "CommitId": commit_id,
            "CommitMessage": str(commit["message"]),
            "CommitterDate": _date(commit["committer"]),
            "RepositoryName": repository,
        },
    )


def _date(person: Mapping[str, Any]) -> str:
    seconds, _, offset = str(person["date"]).partition(" ")
    zone = datetime.strptime(offset or "+0000", "%z").tzinfo
    return datetime.fromtimestamp(float(seconds), zone).strftime("%Y-%m-%dT%H:%M:%SZ")


def _reference(address: str, branch: str, commit_id: str) -> bytes:
    return json.dumps({"FullRepositoryUrl": address, "BranchName": branch, "CommitId": commit_id}).encode()


def _archive(address: str, commit_id: str) -> bytes:
    """Returns the files of a commit as a ZIP archive, without the history."""
    with tempfile.TemporaryDirectory(prefix="source-") as folder:
        _git(["clone", "--quiet", "--bare", address, folder])
        return _git(["-C", folder, "archive", "--format=zip", commit_id])


def _git(words: list[str]) -> bytes:
    variables = {
        **os.environ,
        **git_configuration(os.environ["AWS_ENDPOINT_URL"]),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
    }
    done = subprocess.run(["git", *words], env=variables, capture_output=True, check=False)
    if done.returncode:
        raise SourceFailedError("ConfigurationError", done.stderr.decode(errors="replace").strip())
    return done.stdout
