"""The role of a use case's image builds, in the tooling account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.former_components import without_component
from components.identity.iam.actions import PULLING, PUSHING
from components.identity.iam.statements import Statement
from components.identity.use_cases.use_case import UseCase, create_role, use_key, within_organization
from components.identity.workloads.package_permissions import Packages, install_packages
from components.identity.workloads.workload_permissions import join_network


@dataclass(frozen=True, kw_only=True, slots=True)
class ImageRoleArgs:
    """Arguments of :class:`ImageRole`."""

    use_case: UseCase
    """Use case whose images the role pushes."""

    account_id: pulumi.Input[str]
    """Id of the tooling account."""

    organization_id: pulumi.Input[str]
    """Id of the organization of the account."""

    pulled: Sequence[str]
    """ARNs of further ECR repositories with the base image and the image of builds."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key of logs and output."""

    boundary_arn: pulumi.Input[str]
    """ARN of the account's permissions boundary."""

    packages: Packages | None = None
    """Repository from which builds install packages; None if the organization has none."""


class ImageRole:
    """The role of a project with privileged containers. It reads the build repository, pulls base images, and
    pushes to the image repositories of the use case. It stores no artifacts, enters no other account and starts
    nothing.

    Creates: the role ``<team>--<use-case>-images``.

    Args: see :class:`ImageRoleArgs`.

    Outputs: ``arn``.

    Raises: SettingsError when the name of the role would be too long.

    Cost: none.

    Example::

        ImageRole("images", ImageRoleArgs(
            use_case=use_case, account_id=tooling_id, organization_id="o-acme", pulled=[],
            key_arn=key.arn, boundary_arn=boundary.arn,
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the role, for the project of images."""

    def __init__(self, name: str, args: ImageRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        case = args.use_case
        self.arn = create_role(
            without_component(name, "plinth:identity:ImageRole", opts),
            name,
            case,
            role_name=case.role_name("images"),
            description=f"Builds of images of {case.prefix}",
            trust=case.trust_builds(args.account_id, case.names.image_project),
            permissions=_permissions(args),
            boundary_arn=args.boundary_arn,
        )


def _permissions(args: ImageRoleArgs) -> list[Statement]:
    case, names = args.use_case, args.use_case.names
    return [
        Statement(
            sid="ReadCode",
            actions=["codecommit:GitPull"],
            resources=[case.arn("codecommit", args.account_id, names.repository("build"))],
        ),
        Statement(
            sid="PullBaseImages",
            actions=PULLING,
            resources=[f"arn:aws:ecr:{case.region}:*:repository/*"],
            # Registries of AWS belong to no organization. The boundary and the endpoint of ECR admit no other ones, and
            # images of other use cases are in the account of the role.
            conditions={"StringNotEquals": {"aws:ResourceAccount": args.account_id}},
        ),
        *_pull(args),
        Statement(
            sid="PushImages",
            actions=PUSHING,
            resources=[case.arn("ecr", args.account_id, f"repository/{case.folder}/*")],
        ),
        use_key(args.key_arn, "UseTheKeyOfOutput", write=True, service="codebuild"),
        *join_network(case.region, args.account_id),
        *(install_packages(args.packages) if args.packages is not None else []),
        Statement(
            sid="WriteLogs",
            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
            resources=[case.arn("logs", args.account_id, f"log-group:/aws/codebuild/{names.image_project}:*")],
        ),
    ]


def _pull(args: ImageRoleArgs) -> list[Statement]:
    """Allows pulling the base image and the image of builds, if they are in a registry of the organization."""
    if not args.pulled:
        return []
    statement = Statement(sid="PullImagesOfTheOrganization", actions=PULLING, resources=args.pulled)
    return [within_organization(statement, args.organization_id)]
