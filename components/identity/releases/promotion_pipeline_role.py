"""The role of a use case's promotion pipeline, in the tooling account."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.former_components import without_component
from components.identity.iam.principals import service_trust
from components.identity.iam.statements import Statement
from components.identity.use_cases.use_case import UseCase, create_role, use_key
from settings.types.kinds import RELEASED_TO


@dataclass(frozen=True, kw_only=True, slots=True)
class PromotionPipelineRoleArgs:
    """Arguments of :class:`PromotionPipelineRole`."""

    use_case: UseCase
    """Use case that the pipeline promotes."""

    account_id: pulumi.Input[str]
    """Id of the tooling account."""

    bucket_arn: pulumi.Input[str]
    """ARN of the bucket of the pipeline's artifacts."""

    key_arn: pulumi.Input[str]
    """ARN of the KMS key of the artifacts."""

    boundary_arn: pulumi.Input[str]
    """ARN of the account's permissions boundary."""


class PromotionPipelineRole:
    """The role of CodePipeline. It reads the deployment repository, starts the projects of the promotion, keeps
    artifacts, and tells people of pending approvals. It enters no other account and changes no model.

    Creates: the role ``<team>--<use-case>-promoter``.

    Args: see :class:`PromotionPipelineRoleArgs`.

    Outputs: ``arn``.

    Raises: SettingsError when the name of the role would be too long.

    Cost: none.

    Example::

        PromotionPipelineRole("promoter", PromotionPipelineRoleArgs(
            use_case=use_case, account_id=tooling_id, bucket_arn=bucket.arn, key_arn=key.arn, boundary_arn=boundary.arn,
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the role, for the pipeline."""

    def __init__(self, name: str, args: PromotionPipelineRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        case = args.use_case
        self.arn = create_role(
            without_component(name, "plinth:identity:PromotionPipelineRole", opts),
            name,
            case,
            role_name=case.role_name("promoter"),
            description=f"Promotion pipeline of {case.prefix}",
            trust=service_trust(
                "codepipeline",
                account_id=args.account_id,
                source_arns=[case.arn("codepipeline", args.account_id, case.names.promotion_pipeline)],
            ),
            permissions=_permissions(args),
            boundary_arn=args.boundary_arn,
        )


def _permissions(args: PromotionPipelineRoleArgs) -> list[Statement]:
    """Returns what the actions need (CodePipeline User Guide, "Manage the CodePipeline service role")."""
    case = args.use_case
    named = [case.names.promotion_project, *(case.names.release_project(one) for one in RELEASED_TO)]
    projects = [case.arn("codebuild", args.account_id, f"project/{one}") for one in named]
    return [
        Statement(
            sid="ReadCodeOfTheDeployment",
            actions=[
                "codecommit:CancelUploadArchive",
                "codecommit:GetBranch",
                "codecommit:GetCommit",
                "codecommit:GetUploadArchiveStatus",
                "codecommit:UploadArchive",
            ],
            resources=[case.arn("codecommit", args.account_id, case.names.repository("deployment"))],
        ),
        Statement(sid="FollowActions", actions=["codebuild:BatchGetBuilds"], resources=projects),
        # A statement of its own, because rule IA-06 knows who may start which builds.
        Statement(sid="StartActions", actions=["codebuild:StartBuild"], resources=projects),
        Statement(
            sid="KeepArtifacts",
            actions=["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"],
            resources=[pulumi.Output.concat(args.bucket_arn, "/*")],
        ),
        Statement(
            sid="SeeTheBucket", actions=["s3:GetBucketLocation", "s3:GetBucketVersioning"], resources=[args.bucket_arn]
        ),
        Statement(
            sid="AskForApprovals",
            actions=["sns:Publish"],
            resources=[case.arn("sns", args.account_id, case.names.promotion_topic)],
        ),
        use_key(args.key_arn, "UseTheKeyOfArtifacts", write=True, service="codebuild"),
    ]
