"""The role of a use case's promotion, in the tooling account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.former_components import without_component
from components.identity.iam.statements import Statement
from components.identity.releases.promotion_builds import (
    PromotionBuildArgs,
    read_what_is_promoted,
    run_builds,
)
from components.identity.use_cases.use_case import create_role, within_organization, write_folder
from settings.data.artifact_layout import DEPLOYMENTS, PROMOTIONS, STATE_VERSION
from settings.types.kinds import ReleasedTo


@dataclass(frozen=True, kw_only=True, slots=True)
class PromotionRoleArgs(PromotionBuildArgs):
    """Arguments of :class:`PromotionRole`."""

    released_to: Sequence[tuple[ReleasedTo, pulumi.Input[str]]]
    """Environments to which the use case is released, each with the id of its account."""


class PromotionRole:
    """The role with which the promotion decides and records: it plans, verifies approvals, compares what an environment
    serves with the plan, and marks versions. It runs no code of the repositories.

    Only the project ``<team>--<use-case>-promotion`` of CodeBuild can assume it, so builds of the build repository
    cannot release (T-02), and neither the program nor the tests of the deployment repository can write records. It
    assumes the release role of each environment to read what is served. It registers no models, approves nothing,
    pushes no images, and reads the state of deployments.

    Creates: the role ``<team>--<use-case>-promotion``.

    Args: see :class:`PromotionRoleArgs`.

    Outputs: ``arn``.

    Raises: SettingsError when the name of the role would be too long.

    Cost: none.

    Example::

        PromotionRole("promotion", PromotionRoleArgs(
            use_case=use_case, account_id=tooling_id, released_to=[("preproduction", preproduction_id)],
            organization_id="o-acme", bucket_arn=artifacts.arn, key_arn=key.arn, boundary_arn=boundary.arn,
            source_bucket_arn=sources.arn, image_repository_arn=images.arn,
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the role, for the promotion project."""

    def __init__(self, name: str, args: PromotionRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        case = args.use_case
        self.arn = create_role(
            without_component(name, "plinth:identity:PromotionRole", opts),
            name,
            case,
            role_name=case.role_name("promotion"),
            description=f"Promotion of models of {case.prefix}",
            trust=case.trust_builds(args.account_id, case.names.promotion_project),
            permissions=_permissions(args),
            boundary_arn=args.boundary_arn,
        )


def _permissions(args: PromotionRoleArgs) -> list[Statement]:
    release = Statement(
        sid="Release",
        actions=["sts:AssumeRole"],
        resources=[args.use_case.role_arn("release", account_id, one) for one, account_id in args.released_to],
    )
    return [
        *read_what_is_promoted(args),
        *_judgement(args),
        *_scans(args),
        *_records(args),
        *run_builds(args, args.use_case.names.promotion_project),
        within_organization(release, args.organization_id),
    ]


def _judgement(args: PromotionRoleArgs) -> list[Statement]:
    """Allows reading who approved, ending an execution, and marking the versions that are served."""
    case = args.use_case
    return [
        Statement(
            sid="FollowThePipeline",
            actions=[
                "codepipeline:GetPipelineExecution",
                "codepipeline:ListActionExecutions",
                "codepipeline:StopPipelineExecution",
            ],
            resources=[case.arn("codepipeline", args.account_id, case.names.promotion_pipeline)],
        ),
        Statement(
            sid="MarkWhatIsServed",
            actions=["sagemaker:UpdateModelPackage"],
            resources=case.arns("sagemaker", args.account_id, "model-package/"),
            # Metadata only: people decide about the approval.
            conditions={
                "Null": {"sagemaker:ModelApprovalStatus": "true", "sagemaker:ModelLifeCycle:Stage": "true"},
            },
        ),
    ]


def _scans(args: PromotionRoleArgs) -> list[Statement]:
    """Allows reading the findings of scans of the use case's images. With enhanced scanning, ECR asks Amazon Inspector
    with the credentials of the caller (Amazon ECR User Guide, "IAM permissions required for enhanced scanning")."""
    case = args.use_case
    return [
        Statement(
            sid="ReadScansOfImages",
            actions=["ecr:DescribeImageScanFindings"],
            resources=[case.arn("ecr", args.account_id, f"repository/{case.folder}/*")],
        ),
        Statement(
            sid="ReadFindingsOfInspector",
            actions=["inspector2:ListCoverage", "inspector2:ListFindings"],
            resources=["*"],
        ),
    ]


def _records(args: PromotionRoleArgs) -> list[Statement]:
    """Allows writing the records of promotions, and preparing the folder of the states of deployments."""
    folder = args.use_case.folder
    return [
        write_folder(args.bucket_arn, f"{folder}/{PROMOTIONS}", "Records"),
        Statement(
            sid="PrepareStates",
            actions=["s3:PutObject"],
            resources=[pulumi.Output.concat(args.bucket_arn, f"/{folder}/{DEPLOYMENTS}/{STATE_VERSION}")],
        ),
    ]
