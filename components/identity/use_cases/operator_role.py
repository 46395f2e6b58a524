"""The role with which continuous integration creates, updates and starts a use case's pipelines in development."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.former_components import without_component
from components.identity.iam.principals import role_trust
from components.identity.iam.statements import Statement
from components.identity.use_cases.use_case import UseCase, create_role, read_folder, use_key
from settings.data.ml_layout import class_prefix, classes_in


@dataclass(frozen=True, kw_only=True, slots=True)
class OperatorRoleArgs:
    """Arguments of :class:`OperatorRole`."""

    use_case: UseCase
    """Use case whose pipelines the role operates."""

    account_id: pulumi.Input[str]
    """Id of the team's development account."""

    tooling_account_id: pulumi.Input[str]
    """Id of the account in which continuous integration runs."""

    organization_id: pulumi.Input[str]
    """Id of the organization of both accounts."""

    bucket_arn: pulumi.Input[str]
    """ARN of the environment's ML bucket, for the code of builds and their input."""

    key_arn: pulumi.Input[str]
    """ARN of the environment's KMS key."""

    boundary_arn: pulumi.Input[str]
    """ARN of the account's permissions boundary."""


class OperatorRole:
    """The only role that creates, updates, starts and deletes a use case's pipelines. People only view them (DEV-01).
    It stores the code and the input of a build before it starts the pipeline (CI-07), and deletes the data of feature
    branches after their merge (BR-07).

    Creates: the role ``<team>--<use-case>-dev-operator``.

    Args: see :class:`OperatorRoleArgs`.

    Outputs: ``arn``.

    Raises: SettingsError when the name of the role would be too long.

    Cost: none.

    Example::

        OperatorRole("operator", OperatorRoleArgs(
            use_case=use_case, account_id=development_id, tooling_account_id=tooling_id, organization_id="o-acme",
            bucket_arn=ml.arn, key_arn=key.arn, boundary_arn=boundary.arn,
        ))
    """

    arn: pulumi.Output[str]
    """ARN of the role, for continuous integration, which assumes it."""

    def __init__(self, name: str, args: OperatorRoleArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        case = args.use_case
        self.arn = create_role(
            without_component(name, "plinth:identity:OperatorRole", opts),
            name,
            args.use_case,
            role_name=case.role_name("operator", "development"),
            description=f"Pipelines of {case.prefix}, by continuous integration",
            trust=role_trust(
                account_id=args.tooling_account_id,
                organization_id=args.organization_id,
                role_arns=[case.role_arn("integration", args.tooling_account_id)],
            ),
            permissions=_permissions(args),
            boundary_arn=args.boundary_arn,
        )


def _permissions(args: OperatorRoleArgs) -> list[Statement]:
    case = args.use_case
    return [
        Statement(
            sid="OperatePipelines",
            actions=[
                "sagemaker:AddTags",
                "sagemaker:CreatePipeline",
                "sagemaker:DeletePipeline",
                "sagemaker:DescribePipeline",
                "sagemaker:DescribePipelineDefinitionForExecution",
                "sagemaker:DescribePipelineExecution",
                "sagemaker:ListPipelineExecutionSteps",
                "sagemaker:ListPipelineExecutions",
                "sagemaker:ListPipelineParametersForExecution",
                "sagemaker:StartPipelineExecution",
                "sagemaker:StopPipelineExecution",
                "sagemaker:UpdatePipeline",
            ],
            resources=case.arns("sagemaker", args.account_id, "pipeline/"),
        ),
        Statement(
            sid="GiveThePipelineItsRole",
            actions=["iam:PassRole"],
            resources=[case.role_arn("pipeline", args.account_id, "development")],
            conditions={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
        ),
        *read_folder(args.bucket_arn, case.ml_folder, "Builds"),
        Statement(
            sid="StoreCodeAndInputOfBuilds",
            actions=["s3:AbortMultipartUpload", "s3:PutObject"],
            resources=[
                pulumi.Output.concat(args.bucket_arn, f"/{class_prefix(case.ml_folder, kind)}*/{part}/*")
                for kind in classes_in("development")
                for part in ("code", "input")
            ],
        ),
        use_key(args.key_arn, "UseTheKeyOfData", write=True),
        Statement(
            sid="DeleteDataOfBranches",
            actions=["s3:DeleteObject"],
            resources=[pulumi.Output.concat(args.bucket_arn, f"/{class_prefix(case.ml_folder, 'feature')}*")],
        ),
    ]
