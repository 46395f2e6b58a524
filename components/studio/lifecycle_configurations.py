"""Lifecycle configurations of Studio apps: git, packages, the tracking server, and SageMaker SDK defaults that policies
require."""

from __future__ import annotations

import base64
import hashlib
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import pulumi
import pulumi_aws as aws

from components.identity.iam.role_names import CONTRIBUTOR
from components.identity.workloads.code_permissions import CodeAccount
from components.identity.workloads.package_permissions import PACKAGE_VARIABLES, Packages
from components.studio.studio_domain import App

SCRIPTS = Path(__file__).parent / "lifecycle"
PARTS = ("git", "packages", "tracking", "defaults")
MAX_CONTENT_CHARACTERS = 16_384
"""Maximum length of an encoded script in characters (SageMaker API, CreateStudioLifecycleConfig)."""
APP_TYPES: Mapping[App, str] = MappingProxyType({"jupyterlab": "JupyterLab", "code-editor": "CodeEditor"})
METADATA = "/opt/ml/metadata/resource-metadata.json"
"""Path of the file in which SageMaker describes an app to itself."""

_WHO = """\
SPACE=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1])).get("SpaceName", ""))' "${METADATA:-%s}")
PERSON=${SPACE%%-"$APP"}
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class LifecycleConfigurationsArgs:
    """Arguments of :class:`LifecycleConfigurations`."""

    label: str
    """Prefix of the configurations' names, unique in the account."""

    work_bucket_name: pulumi.Input[str]
    """Name of the bucket for code and results of a user's jobs, stored under the user's prefix."""

    subnet_ids: Sequence[pulumi.Input[str]]
    """Ids of the subnets for jobs."""

    job_security_group_id: pulumi.Input[str]
    """Id of the jobs' security group."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key for volumes and results of jobs."""

    region: str
    """Region of the apps, repositories and packages."""

    package_index: str | None = None
    """URL of a Python package index that the network can reach. Comes before ``packages``."""

    packages: Packages | None = None
    """Repository from which apps install packages. Without it and an index, apps install from the public index."""

    code: CodeAccount | None = None
    """Account with the team's code repositories; None if people do not push to CodeCommit."""

    tracking: Mapping[str, str] = field(default_factory=dict)
    """Environment variables by which the client of MLflow finds the tracking server; none if the network does not reach
    one. Names and values contain neither spaces nor quotes."""


class LifecycleConfigurations(pulumi.ComponentResource):
    """One script per app type, which runs whenever an app starts.

    Creates: one lifecycle configuration for JupyterLab and one for Code Editor. Their names end in a digest of their
    content, which cannot be updated in place: the new configuration exists before the domain drops the old one.

    Outputs: ``arns``.

    Raises: ValueError when a script is longer than SageMaker accepts.

    Cost: none.

    Example::

        scripts = LifecycleConfigurations("scripts", LifecycleConfigurationsArgs(
            label="fraud-experimentation", work_bucket_name=bucket.bucket_name, subnet_ids=network.subnet_ids,
            job_security_group_id=workloads.security_group_id, key_arn=key.arn, region="eu-west-1",
        ))
    """

    arns: Mapping[App, pulumi.Output[str]]
    """ARNs by app type, for the domain."""

    def __init__(
        self, name: str, args: LifecycleConfigurationsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("plinth:studio:LifecycleConfigurations", name, None, opts)
        self._name, self._args = name, args
        self.arns = {app: self._configuration(app) for app in APP_TYPES}
        self.register_outputs({"arns": self.arns})

    def _configuration(self, app: App) -> pulumi.Output[str]:
        args = self._args
        content = pulumi.Output.all(**_values(args)).apply(lambda values: _encoded(script(app, values)))
        configuration = aws.sagemaker.StudioLifecycleConfig(
            f"{self._name}-{app}",
            studio_lifecycle_config_name=content.apply(lambda text: f"{args.label}-{app}-{_digest(text)}"),
            studio_lifecycle_config_app_type=APP_TYPES[app],
            studio_lifecycle_config_content=content,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return configuration.arn


def script(app: App, values: Mapping[str, str]) -> str:
    """Returns the script of an app type: values, detection of the app's user, and the shell scripts next to this
    module."""
    head = "".join(f"{name}={shlex.quote(value)}\n" for name, value in {**values, "APP": app}.items())
    parts = "\n".join((SCRIPTS / f"{part}.sh").read_text(encoding="utf-8") for part in PARTS)
    return f"#!/bin/bash\nset -eu\n{head}{_WHO % METADATA}\n{parts}"


def _values(args: LifecycleConfigurationsArgs) -> dict[str, pulumi.Input[str]]:
    packages, code = args.packages, args.code
    return {
        "REGION": args.region,
        "WORK_BUCKET": args.work_bucket_name,
        "SECURITY_GROUP": args.job_security_group_id,
        "KEY": args.key_arn,
        "SUBNETS": pulumi.Output.all(*args.subnet_ids).apply(", ".join),
        "PACKAGE_INDEX": args.package_index or "",
        **(packages.variables if packages is not None else dict.fromkeys(PACKAGE_VARIABLES, "")),
        "CODE_ROLES": code.roles if code is not None else "",
        "CONTRIBUTOR": CONTRIBUTOR,
        "TRACKING": " ".join(f"{name}={value}" for name, value in sorted(args.tracking.items())),
    }


def _encoded(text: str) -> str:
    encoded = base64.b64encode(text.encode()).decode()
    if len(encoded) > MAX_CONTENT_CHARACTERS:
        raise ValueError(f"lifecycle: {len(encoded)} characters are too long (at most {MAX_CONTENT_CHARACTERS:,})")
    return encoded


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
