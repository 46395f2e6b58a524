"""The CodeBuild project that carries out requests in the governance account."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.delivery.project_parts import PrivateProjectArgs, create_project, environment
from components.ranges import require_within
from settings.types.aws.limits import BUILD_MINUTES
from settings.types.aws.request_builds import COMMAND, PROJECT


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestRunnerArgs(PrivateProjectArgs):
    """Arguments of :class:`RequestRunner`."""

    project_name: str = PROJECT
    """Name of the project, which roles, rules and policies know."""

    tags: Mapping[str, str] = field(default_factory=dict)
    """Tags in addition to the stack's."""

    clone_url: pulumi.Input[str]
    """HTTPS URL of the CodeCommit repository with the settings."""

    image: pulumi.Input[str]
    """Image of builds, with its digest."""

    compute_type: str
    """Compute type of CodeBuild."""

    secrets: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """ARN and key of the secret of each variable that has one."""

    timeout_minutes: int
    """Minutes after which a build is stopped, 5 to 2160 (a CodeBuild limit)."""

    log_retention_days: int
    """Days to keep the logs of builds. The team catalog keeps what was done for each request for longer."""

    def __post_init__(self) -> None:
        require_within("timeout_minutes", self.timeout_minutes, BUILD_MINUTES)


class RequestRunner(pulumi.ComponentResource):
    """A CodeBuild project that carries out what people have requested, one build at a time (GOV-03).

    The commands of a build are in the project and not in the repository, and its image is named by its digest. So
    whoever changes the settings does not change what runs with the role. CodeBuild refuses to start a second build
    while one runs; a build looks for requests until nothing is due.

    Creates: the project and its encrypted log group.

    Outputs: ``arn``.

    Raises: ValueError when the timeout is outside the limits of CodeBuild.

    Cost: 0.01 USD per minute of a build on four processors; a look that finds nothing takes about two minutes.

    Example::

        RequestRunner("requests", RequestRunnerArgs(
            clone_url=code.clone_urls["settings"], image=image, compute_type="BUILD_GENERAL1_MEDIUM",
            role_arn=runner.arn, key_arn=key.arn, vpc_id=network.vpc_id, subnet_ids=network.subnet_ids,
            security_group_id=builds.security_group_id, variables={}, timeout_minutes=480,
            log_retention_days=365,
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the project, for rules that start it."""

    def __init__(self, name: str, args: RequestRunnerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:governance:RequestRunner", name, None, opts)
        project = create_project(
            self,
            name,
            args,
            description="Carries out requests of the team catalog",
            timeout_minutes=args.timeout_minutes,
            concurrent_build_limit=1,
            source=aws.codebuild.ProjectSourceArgs(
                type="CODECOMMIT", location=args.clone_url, buildspec=build_specification()
            ),
            environment=environment(args.compute_type, args.variables, secrets=args.secrets, image=args.image),
            network=args.network,
        )
        self.arn = project.arn
        self.register_outputs({"arn": self.arn})


def build_specification() -> str:
    """Returns the commands of every build. Option ``-P`` keeps Python from importing modules of the repository."""
    return json.dumps({"version": "0.2", "phases": {"build": {"commands": [COMMAND]}}}, indent=2)
