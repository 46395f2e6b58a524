"""The roles of the builds of the platform's image, in the tooling account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.identity.iam.actions import PULLING, PUSHING
from components.identity.iam.arns import arn_of
from components.identity.iam.principals import service_trust
from components.identity.iam.role_names import IMAGE_BUILDER, IMAGE_BUILDER_START
from components.identity.iam.statements import Statement
from components.identity.use_cases.use_case import use_key
from components.identity.workloads.bounded_role import BoundedRole, BoundedRoleArgs
from components.identity.workloads.fixed_builds import start_as_it_is
from components.identity.workloads.package_permissions import Packages, install_packages
from components.identity.workloads.workload_permissions import join_network
from settings.types.aws.platform_image import PROJECT, TAG_VARIABLE


@dataclass(frozen=True, kw_only=True, slots=True)
class PlatformImageRolesArgs:
    """Arguments of :class:`PlatformImageRoles`."""

    account_id: pulumi.Input[str]
    """Id of the tooling account."""

    region: str
    """Region of the project, its repositories and its base image."""

    repository_arn: pulumi.Input[str]
    """ARN of the CodeCommit repository with the program."""

    image_repository_arn: pulumi.Input[str]
    """ARN of the ECR repository to which builds push."""

    pulled: Sequence[str]
    """ARNs of the ECR repositories of the base image and of the image of builds."""

    packages: Packages
    """Repository from which builds install the dependencies of the program."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key of the repository, of logs and of output."""

    boundary_arn: pulumi.Input[str]
    """ARN of the account's permissions boundary."""


class PlatformImageRoles:
    """The role of the builds of the platform's image, and the role that starts them.

    The builder reads the program, pulls the base image and pushes to one repository. It enters no other account and
    starts nothing. The names of both roles keep deployers from changing or passing them.

    Creates: the roles ``platform-images`` and ``platform-images-start``.

    Outputs: ``builder_arn``, ``starter_arn``.

    Cost: none.

    Example::

        PlatformImageRoles("platform-image", PlatformImageRolesArgs(
            account_id=account_id, region="eu-west-1", repository_arn=code.arns["program"],
            image_repository_arn=images.arn, pulled=repository_arns(base), packages=packages, key_arn=key.arn,
            boundary_arn=boundary.arn,
        ), opts)
    """

    builder_arn: pulumi.Output[str]
    """ARN of the role of builds, for their project."""
    starter_arn: pulumi.Output[str]
    """ARN of the role with which EventBridge starts builds."""

    def __init__(self, name: str, args: PlatformImageRolesArgs, opts: pulumi.ResourceOptions) -> None:
        project, rule = _arn("codebuild", args, f"project/{PROJECT}"), _arn("events", args, f"rule/{PROJECT}-*")
        builder = BoundedRoleArgs(
            role_name=IMAGE_BUILDER,
            description="Builds of the image with which promotions and requests run",
            trust=service_trust("codebuild", account_id=args.account_id, source_arns=[project]),
            permissions=_building(args),
            boundary_arn=args.boundary_arn,
        )
        starter = BoundedRoleArgs(
            role_name=IMAGE_BUILDER_START,
            description="EventBridge starts a build of the image when somebody pushes the program",
            trust=service_trust("events", account_id=args.account_id, source_arns=[rule]),
            # The containers of builds are privileged. Whoever changes a target of the rule must not change a command.
            permissions=[start_as_it_is("StartImageBuilds", [project], [TAG_VARIABLE])],
            boundary_arn=args.boundary_arn,
        )
        self.builder_arn = BoundedRole(f"{name}-builder", builder, opts).arn
        self.starter_arn = BoundedRole(f"{name}-starter", starter, opts).arn


def _building(args: PlatformImageRolesArgs) -> list[Statement]:
    return [
        Statement(sid="ReadTheProgram", actions=["codecommit:GitPull"], resources=[args.repository_arn]),
        Statement(sid="PullBaseImages", actions=PULLING, resources=args.pulled),
        Statement(sid="PushTheImage", actions=PUSHING, resources=[args.image_repository_arn]),
        use_key(args.key_arn, "UseTheKeyOfOutput", write=True, service="codebuild"),
        *join_network(args.region, args.account_id),
        *install_packages(args.packages),
        Statement(
            sid="WriteLogs",
            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
            resources=[_arn("logs", args, f"log-group:/aws/codebuild/{PROJECT}:*")],
        ),
    ]


def _arn(service: str, args: PlatformImageRolesArgs, resource: str) -> pulumi.Output[str]:
    return arn_of(service, args.region, args.account_id, resource)
