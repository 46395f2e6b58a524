"""The CodeBuild project that checks a use case's code and deploys its pipelines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.delivery.project_parts import PrivateProjectArgs, create_project, environment
from components.ranges import require_within
from settings.organization.images.image_settings import PROVIDED_IMAGE
from settings.types.aws.limits import BUILD_MINUTES

BUILD_SPECIFICATION = "build_spec.yml"
"""The file in the repository's root that says what a build does (AMB-13)."""
COMPUTE = "BUILD_GENERAL1_MEDIUM"
"""7 GB of memory and 4 processors. Installing the SageMaker SDK needs more than the small type's 3 GB."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BuildProjectArgs(PrivateProjectArgs):
    """Arguments of :class:`BuildProject`."""

    label: str
    """Team and use case, for the description."""

    clone_url: pulumi.Input[str]
    """HTTPS URL of the CodeCommit repository."""

    report_groups: Mapping[str, str]
    """Type (``TEST`` or ``CODE_COVERAGE``) of each report group, by its full name."""

    build_image: str = PROVIDED_IMAGE
    """Image of the build, with Python and git."""

    timeout_minutes: int = 60
    """Minutes after which a build is stopped, 5 to 2160 (a CodeBuild limit)."""

    def __post_init__(self) -> None:
        require_within("timeout_minutes", self.timeout_minutes, BUILD_MINUTES)


class BuildProject(pulumi.ComponentResource):
    """A CodeBuild project in the private network, which runs the build specification of the repository.

    Creates: the project, its report groups, and its encrypted log group.

    Outputs: ``arn``.

    Raises: ValueError when the timeout is outside the limits of CodeBuild.

    Cost: 0.01 USD per minute of a build.

    Example::

        BuildProject("build", BuildProjectArgs(
            project_name="fraud--scoring-build", label="fraud/scoring", clone_url=code.clone_urls["build"],
            role_arn=integration.arn, key_arn=key.arn, vpc_id=network.vpc_id, subnet_ids=network.subnet_ids,
            security_group_id=builds.security_group_id, variables={}, report_groups={},
            log_retention_days=365,
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the project, for rules that start it."""

    def __init__(self, name: str, args: BuildProjectArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("plinth:delivery:BuildProject", name, None, opts)
        for group, kind in args.report_groups.items():
            aws.codebuild.ReportGroup(
                f"{name}-{group.removeprefix(f'{args.project_name}-')}",
                name=group,
                type=kind,
                export_config=aws.codebuild.ReportGroupExportConfigArgs(type="NO_EXPORT"),
                delete_reports=True,
                opts=pulumi.ResourceOptions(parent=self),
            )
        project = create_project(
            self,
            name,
            args,
            description=f"Checks the code of {args.label} and deploys its pipelines to development",
            timeout_minutes=args.timeout_minutes,
            source=aws.codebuild.ProjectSourceArgs(
                type="CODECOMMIT", location=args.clone_url, buildspec=BUILD_SPECIFICATION
            ),
            environment=environment(COMPUTE, args.variables, image=args.build_image),
            network=args.network,
        )
        self.arn = project.arn
        self.register_outputs({"arn": self.arn})
