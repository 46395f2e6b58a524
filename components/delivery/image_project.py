"""The CodeBuild project that builds images: those of a use case, or that of the platform. No other is privileged."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pulumi
import pulumi_aws as aws

from components.delivery import image_program
from components.delivery.project_parts import PrivateProjectArgs, create_project, environment
from components.ranges import require_within
from settings.organization.images.image_settings import PROVIDED_IMAGE
from settings.types.aws.limits import BUILD_MINUTES

COMPUTE = "BUILD_GENERAL1_MEDIUM"
"""7 GB of memory and 4 processors: layers with a framework are several gigabytes large."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageProjectArgs(PrivateProjectArgs):
    """Arguments of :class:`ImageProject`."""

    label: str
    """Team and use case, or ``the platform``, for the description."""

    clone_url: pulumi.Input[str]
    """HTTPS URL of the CodeCommit repository with the dockerfiles."""

    build_image: str = PROVIDED_IMAGE
    """Image of the build, with Python, Docker and the AWS CLI."""

    timeout_minutes: int = 60
    """Minutes after which a build is stopped, 5 to 2160 (a CodeBuild limit)."""

    def __post_init__(self) -> None:
        require_within("timeout_minutes", self.timeout_minutes, BUILD_MINUTES)


class ImageProject(pulumi.ComponentResource):
    """A privileged CodeBuild project in the private network, which builds and pushes the image of each step with a
    dockerfile (CI-05).

    Docker needs privileged mode (CodeBuild User Guide, "Run Docker in a VPC"). Therefore the build specification is
    fixed and runs no code of the repository outside of the containers that Docker builds, and the role can only push
    to the repositories of the use case. The project of the platform's image has the same commands, and its role can
    only push to the repository of that image.

    Creates: the project and its encrypted log group.

    Outputs: ``arn``.

    Raises: ValueError when the timeout is outside the limits of CodeBuild.

    Cost: 0.01 USD per minute of a build.

    Example::

        ImageProject("images", ImageProjectArgs(
            project_name="fraud--scoring-images", label="fraud/scoring", clone_url=code.clone_urls["build"],
            role_arn=images.arn, key_arn=key.arn, vpc_id=network.vpc_id, subnet_ids=network.subnet_ids,
            security_group_id=builds.security_group_id, variables={}, log_retention_days=365,
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the project, for the role that starts it."""

    def __init__(self, name: str, args: ImageProjectArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:delivery:ImageProject", name, None, opts)
        project = create_project(
            self,
            name,
            args,
            description=f"Builds and pushes the images of {args.label}",
            timeout_minutes=args.timeout_minutes,
            source=aws.codebuild.ProjectSourceArgs(
                type="CODECOMMIT", location=args.clone_url, buildspec=image_specification()
            ),
            environment=environment(COMPUTE, args.variables, image=args.build_image, privileged=True),
            network=args.network,
        )
        self.arn = project.arn
        self.register_outputs({"arn": self.arn})


def image_specification() -> str:
    """Returns the build specification of image builds. Option ``-I`` keeps Python from importing modules of the
    repository. The rule CB-04 of the security pack admits exactly this text in privileged mode."""
    program = Path(image_program.__file__).read_text(encoding="utf-8")
    command = f"python3 -I - <<'PROGRAM'\n{program}PROGRAM"
    return json.dumps(
        {"version": "0.2", "env": {"shell": "bash"}, "phases": {"build": {"commands": [command]}}}, indent=2
    )
