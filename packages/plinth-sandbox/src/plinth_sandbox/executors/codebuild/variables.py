"""The environment variables of a build."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from plinth_sandbox.environment import (
    AUTHORITIES_VARIABLES,
    ENDPOINT_VARIABLES,
    PROXY_VARIABLES,
    git_configuration,
)
from plinth_sandbox.executors.codebuild.buildspec import Buildspec
from plinth_sandbox.executors.environments import VARIABLES

_INHERITED = ("HOME", "LANG", "TMPDIR", "TZ")
_ROLE = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_CONNECTION = (
    *ENDPOINT_VARIABLES, "AWS_REGION", "AWS_DEFAULT_REGION", *PROXY_VARIABLES, *AUTHORITIES_VARIABLES,
)  # fmt: skip
"""Variables of the connection with the sandbox, which is also the proxy through which builds reach APIs."""


class VariableError(Exception):
    """A variable has no value."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def resolved(spec: Buildspec, given: list[Mapping[str, str]]) -> dict[str, str]:
    """Returns the variables of the buildspec and those ``given`` by project and build, which come last and win.

    Raises: VariableError.
    """
    found = dict(spec.variables)
    found |= {name: _parameter(parameter) for name, parameter in spec.parameters.items()}
    found |= {name: _secret(reference) for name, reference in spec.secrets.items()}
    read = {"PARAMETER_STORE": _parameter, "SECRETS_MANAGER": _secret}
    for variable in given:
        take = read.get(variable.get("type", "PLAINTEXT"), str)
        found[variable["name"]] = take(variable["value"])
    return found


def _parameter(name: str) -> str:
    try:
        return str(boto3.client("ssm").get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])
    except ClientError as error:
        raise VariableError("Decrypted Variables Error", f"parameter does not exist: {name}") from error


def _secret(reference: str) -> str:
    """Returns a secret, or one key of it: ``secret-id:json-key:version-stage:version-id``."""
    is_arn = reference.startswith("arn:")
    parts = reference.split(":")
    identifier, rest = (":".join(parts[:7]), parts[7:]) if is_arn else (parts[0], parts[1:])
    key, stage, version = (*rest, "", "", "")[:3]
    wanted = {**({"VersionStage": stage} if stage else {}), **({"VersionId": version} if version else {})}
    try:
        text = str(boto3.client("secretsmanager").get_secret_value(SecretId=identifier, **wanted)["SecretString"])
    except ClientError as error:
        raise VariableError("Secrets Manager Error", str(error)) from error
    if not key:
        return text
    try:
        return str(json.loads(text)[key])
    except (ValueError, KeyError, TypeError) as error:
        raise VariableError("Secrets Manager Error", f"the secret {identifier} has no key {key}") from error


def of_build(run: Mapping[str, Any], folder: Path, version: str, environments: Sequence[Path]) -> dict[str, str]:
    """Returns the variables that CodeBuild sets (CodeBuild User Guide, "Environment variables in build environments",
    read 2026-11-22), and those that connect the build with the emulated AWS as its role. Programs of the first
    environment come first."""
    build: Mapping[str, Any] = run["build"]
    own = {name: os.environ[name] for name in (*_INHERITED, *_ROLE, *_CONNECTION) if name in os.environ}
    source = build["source"]
    return {
        **own,
        **VARIABLES,
        **git_configuration(os.environ["AWS_ENDPOINT_URL"]),
        "PATH": os.pathsep.join(
            [*(str(environment / "bin") for environment in environments), os.environ.get("PATH", os.defpath)]
        ),
        # Indexes in files of this machine are not those of an image.
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "CODEBUILD_BUILD_ARN": build["arn"],
        "CODEBUILD_BUILD_ID": build["id"],
        "CODEBUILD_BUILD_IMAGE": build["environment"]["image"],
        "CODEBUILD_BUILD_NUMBER": str(build["buildNumber"]),
        "CODEBUILD_INITIATOR": build["initiator"],
        "CODEBUILD_KMS_KEY_ID": build["encryptionKey"],
        "CODEBUILD_LOG_PATH": run["stream"],
        "CODEBUILD_PROJECT_ARN": run["project"],
        "CODEBUILD_RESOLVED_SOURCE_VERSION": version,
        "CODEBUILD_SOURCE_REPO_URL": source.get("location", ""),
        "CODEBUILD_SOURCE_VERSION": build.get("sourceVersion") or source.get("location", ""),
        "CODEBUILD_SRC_DIR": str(folder),
        **{
            f"CODEBUILD_SRC_DIR_{input_['name']}": str(folder.with_name(f"{folder.name}-{input_['name']}"))
            for input_ in run["pipeline"].get("inputs", [])
            if input_["name"] != run["pipeline"]["primary"]
        },
        "CODEBUILD_START_TIME": str(run["started"]),
        **run["webhook"],
    }
