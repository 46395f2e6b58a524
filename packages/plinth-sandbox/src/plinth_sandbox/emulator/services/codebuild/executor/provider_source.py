"""The repository of a build at a source provider: whether the role may read it, where it is, and its commit status.

Sources: CodeBuild User Guide, "Access your source provider in CodeBuild" (a role needs both actions), and the errors
that builds report with a connection that is denied or pending (read 2026-11-22).
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from typing import Any

from iam_evaluator.errors import UnsupportedError
from iam_evaluator.request import Request
from plinth_sandbox.emulator.authorization.principals import role_of, role_principal
from plinth_sandbox.emulator.authorization.resources import resource_of
from plinth_sandbox.emulator.authorization.usage import decide
from plinth_sandbox.emulator.executors.runtime import Runtime
from plinth_sandbox.emulator.git.repository import git_environment
from plinth_sandbox.emulator.layers.moto import NotEmulatedError
from plinth_sandbox.emulator.services.codeconnections.executor.provider import is_available, repository

NEEDED = ("codeconnections:GetConnection", "codeconnections:GetConnectionToken")
_COMMIT_ID = re.compile(r"[0-9a-f]{40}")
_IDENTITY = {f"GIT_{who}_{what}": "CodeBuild" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def remote(runtime: Runtime, source: Mapping[str, Any], role_arn: str) -> dict[str, str]:
    """Returns the ``folder`` of the repository, or the ``error`` with which the build fails."""
    arn = str((source.get("auth") or {}).get("resource", ""))
    if not is_available(runtime, arn) or not _is_allowed(runtime, role_arn, arn):
        return {"error": f"Failed to get access token from {arn}: Access denied to connection {arn}"}
    folder = repository(runtime, arn, str(source["location"]))
    return {"folder": str(folder)} if folder else {"error": f"repository not found: {source['location']}"}


def _is_allowed(runtime: Runtime, role_arn: str, arn: str) -> bool:
    role = role_of(role_arn)
    if role is None:
        return False
    principal, region = role_principal(role, "AWSCodeBuild"), arn.split(":")[3]
    resource = resource_of(arn, NEEDED[0], role_arn.split(":")[4], runtime.memory)
    try:
        return all(
            decide(Request(principal=principal, action=action, resource=resource, region=region)).allowed
            for action in NEEDED
        )
    except UnsupportedError as error:
        raise NotEmulatedError(f"A policy of {role_arn}: {error}") from error


def report_status(build: Mapping[str, Any], folder: str, place_region: str) -> None:
    """Records the status of a build at its commit, if the project asks for it.

    At a provider it is a commit status. Here it is a note: ``git notes --ref=statuses/<project> show <commit>``.
    """
    commit = str(build.get("resolvedSourceVersion") or build.get("sourceVersion", ""))
    if not (folder and build["source"].get("reportBuildStatus") and _COMMIT_ID.fullmatch(commit)):
        return
    context = f"AWS CodeBuild {place_region} ({build['projectName']})"
    words = ["notes", f"--ref=statuses/{build['projectName']}", "add", "--force", "--message"]
    subprocess.run(
        ["git", "-C", folder, *words, f"{context}: {build['buildStatus']}", commit],
        env={**git_environment(), **_IDENTITY},
        capture_output=True,
        check=False,
    )
